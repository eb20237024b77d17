use std::sync::Arc;

use super::BoxFuture;
use crate::error::Result;
use crate::query::QueryAnalysis;
use crate::types::{
    ChatResponse, Complexity, ModelConfig, ResponseFormat, Tool, ToolChoice, Verdict,
};

/// What a judge is given: the query, once analysed, and one draft.
#[derive(Debug, Clone, Copy)]
pub struct JudgeInput<'a> {
    /// The query.
    pub query: &'a QueryAnalysis,
    /// Complexity the run was planned for; a hint may have replaced the detected one.
    pub complexity: Complexity,
    /// The draft.
    pub draft: &'a ChatResponse,
    /// The model that made it.
    pub model: &'a ModelConfig,
    /// Confidence required by the plan, in [0, 1]; `None` leaves it to the judge.
    pub threshold: Option<f64>,
    /// Form asked for; `None` when free.
    pub response_format: Option<&'a ResponseFormat>,
    /// Tools on offer.
    pub tools: &'a [Tool],
    /// Whether a tool had to be called.
    pub tool_choice: Option<&'a ToolChoice>,
}

/// The judgement of several drafts together.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftSetVerdict {
    /// Position of the draft to give, or the best of those rejected.
    pub chosen: usize,
    /// The verdict on each draft, in order.
    pub verdicts: Vec<Verdict>,
}

/// Decides whether a draft may be given as the answer.
pub trait Judge: Send + Sync {
    /// Judges one draft.
    fn judge<'a>(&'a self, input: JudgeInput<'a>) -> BoxFuture<'a, Result<Verdict>>;

    /// Judges one draft at once when nothing has to be waited for; `None` asks for
    /// [`Self::judge`]. Spares the engine a future on its hottest path.
    fn judge_now(&self, input: JudgeInput<'_>) -> Option<Result<Verdict>> {
        let _ = input;
        None
    }

    /// Judges several drafts of one query together. The default judges each and takes the
    /// accepted one with the highest score, the earliest among equals.
    fn judge_set<'a>(
        &'a self,
        inputs: &'a [JudgeInput<'a>],
    ) -> BoxFuture<'a, Result<DraftSetVerdict>> {
        Box::pin(async move {
            let mut verdicts = Vec::with_capacity(inputs.len());
            for input in inputs {
                verdicts.push(self.judge(*input).await?);
            }
            let mut chosen = 0;
            for (index, verdict) in verdicts.iter().enumerate().skip(1) {
                let best = &verdicts[chosen];
                if (verdict.accepted, verdict.score) > (best.accepted, best.score) {
                    chosen = index;
                }
            }
            Ok(DraftSetVerdict { chosen, verdicts })
        })
    }
}

impl<T: Judge + ?Sized> Judge for Arc<T> {
    fn judge<'a>(&'a self, input: JudgeInput<'a>) -> BoxFuture<'a, Result<Verdict>> {
        (**self).judge(input)
    }

    fn judge_now(&self, input: JudgeInput<'_>) -> Option<Result<Verdict>> {
        (**self).judge_now(input)
    }

    fn judge_set<'a>(
        &'a self,
        inputs: &'a [JudgeInput<'a>],
    ) -> BoxFuture<'a, Result<DraftSetVerdict>> {
        (**self).judge_set(inputs)
    }
}
