use std::collections::BTreeMap;

use cascade_core::{AttemptRole, CascadeResult, Usd};
use serde::{Deserialize, Serialize};

/// What one run adds to the metrics. What is left out is not known, and not counted.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunFigures {
    /// Cost in USD.
    pub cost: Usd,
    /// The baseline less the cost, in USD; negative when the run cost more.
    pub cost_saved: Usd,
    /// Time in milliseconds.
    pub latency_ms: f64,
    /// `cascade`, `direct`, `strategy` or a name of the caller's; empty counts by `cascaded`.
    pub strategy: String,
    /// Complexity of the query; empty when nothing looked.
    pub complexity: String,
    /// Whether a draft was made and judged.
    pub cascaded: bool,
    /// Whether it was accepted; without meaning where nothing was judged.
    pub draft_accepted: bool,
    /// Score of the draft, in [0, 1].
    pub quality_score: Option<f64>,
    /// How many times faster than the verifier alone; `None` counts as 1.
    pub speedup: Option<f64>,
    /// Whether it was streamed.
    pub streaming: bool,
    /// Whether it had tools.
    pub has_tools: bool,
    /// Tool calls made.
    pub tool_calls: u64,
    /// Tokens of drafts.
    pub draft_tokens: u64,
    /// Tokens of everything after the drafts.
    pub verifier_tokens: u64,
    /// Tokens of all attempts.
    pub total_tokens: u64,
    /// The model that answered.
    pub model: Option<String>,
    /// Its provider.
    pub provider: Option<String>,
    /// Domain of the query.
    pub domain: Option<String>,
    /// Whose run it was.
    pub user_id: Option<String>,
    /// The caller's words for the run, such as the beginning of the query. Runs that are heard from the
    /// engine have none, so that no text is kept that nobody asked to keep.
    pub label: Option<String>,
    /// Milliseconds by stage, such as `draft_generation`.
    pub timings: BTreeMap<String, f64>,
}

impl RunFigures {
    /// The figures of a result.
    pub fn of_result(result: &CascadeResult) -> Self {
        let tokens = |drafts: bool| {
            let attempts = result.attempts.iter();
            let wanted = attempts.filter(|it| (it.role == AttemptRole::Draft) == drafts);
            wanted.map(|attempt| attempt.usage.total_tokens()).sum::<u64>()
        };
        let (draft_tokens, verifier_tokens) = (tokens(true), tokens(false));
        let timings = &result.timings;
        let stages = [
            ("complexity_detection", Some(timings.analysis_ms)),
            ("draft_generation", timings.draft_ms),
            ("quality_verification", timings.judge_ms),
            ("verifier_generation", timings.verifier_ms),
            ("cascade_overhead", Some(timings.overhead_ms)),
        ];
        Self {
            cost: result.total_cost,
            cost_saved: result.cost_saved,
            latency_ms: timings.total_ms,
            strategy: result.route.as_str().to_owned(),
            complexity: result.complexity.as_str().to_owned(),
            cascaded: result.cascaded,
            draft_accepted: result.draft_accepted,
            quality_score: result.quality_score,
            speedup: None,
            streaming: false,
            has_tools: !result.tool_calls.is_empty(),
            tool_calls: result.tool_calls.len() as u64,
            draft_tokens,
            verifier_tokens,
            total_tokens: draft_tokens + verifier_tokens,
            model: Some((*result.answer_model).to_owned()),
            provider: Some((*result.answer_provider).to_owned()),
            domain: result.domain.as_deref().map(str::to_owned),
            user_id: None,
            label: None,
            timings: stages
                .into_iter()
                .filter_map(|(name, time)| Some((name.to_owned(), time?)))
                .collect(),
        }
    }
}
