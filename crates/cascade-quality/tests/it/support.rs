//! Judging in one call.

use cascade_core::ports::{Judge, JudgeInput};
use cascade_core::query::QueryAnalysis;
use cascade_core::{
    ChatResponse, Complexity, ModelConfig, ResponseFormat, Tool, ToolCall, ToolChoice, Verdict,
};
use cascade_quality::{QualityConfig, QualityValidator};

/// A case to judge, with everything optional.
#[derive(Debug, Default)]
pub(crate) struct Case {
    pub(crate) query: String,
    pub(crate) draft: ChatResponse,
    pub(crate) complexity: Option<Complexity>,
    pub(crate) threshold: Option<f64>,
    pub(crate) model_threshold: Option<f64>,
    pub(crate) response_format: Option<ResponseFormat>,
    pub(crate) tools: Vec<Tool>,
    pub(crate) tool_choice: Option<ToolChoice>,
}

impl Case {
    pub(crate) fn new(query: &str, draft: &str) -> Self {
        Self { query: query.to_owned(), draft: ChatResponse::from_text(draft), ..Self::default() }
    }

    pub(crate) fn calling(query: &str, tool: &str, arguments: &str) -> Self {
        let call = ToolCall { id: "1".into(), name: tool.into(), arguments: arguments.into() };
        let draft = ChatResponse { tool_calls: vec![call], ..ChatResponse::default() };
        Self { query: query.to_owned(), draft, ..Self::default() }
    }

    pub(crate) fn judge(&self) -> Verdict {
        self.judge_with(QualityConfig::for_cascade())
    }

    pub(crate) fn judge_with(&self, config: QualityConfig) -> Verdict {
        let judge = QualityValidator::new(config).unwrap();
        self.with_input(|input| judge.judge_now(input)).unwrap().unwrap()
    }

    pub(crate) fn with_input<T>(&self, act: impl FnOnce(JudgeInput<'_>) -> T) -> T {
        let query = QueryAnalysis::new(self.query.clone());
        let mut model = ModelConfig::new("small", "openai");
        model.quality_threshold = self.model_threshold;
        act(JudgeInput {
            query: &query,
            complexity: self.complexity.unwrap_or(query.complexity),
            draft: &self.draft,
            model: &model,
            threshold: self.threshold,
            response_format: self.response_format.as_ref(),
            tools: &self.tools,
            tool_choice: self.tool_choice.as_ref(),
        })
    }

    /// Names of the failed checks.
    pub(crate) fn faults(&self) -> Vec<String> {
        self.judge().failed_checks().map(str::to_owned).collect()
    }
}

/// Faults of `draft` as an answer to `query`.
pub(crate) fn faults(query: &str, draft: &str) -> Vec<String> {
    Case::new(query, draft).faults()
}
