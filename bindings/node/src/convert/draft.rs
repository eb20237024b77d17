//! A draft as a user's check is given it.

use cascadeflow::chat_json::write_tool_call;
use cascadeflow::ports::JudgeInput;
use cascadeflow::{Complexity, FinishReason};
use serde::Serialize;
use serde_json::Value;

/// What `Draft` in `quality-check.ts` says.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DraftView<'a> {
    query: &'a str,
    content: &'a str,
    complexity: Complexity,
    model: &'a str,
    tool_calls: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<FinishReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<f64>,
}

impl<'a> From<&JudgeInput<'a>> for DraftView<'a> {
    fn from(input: &JudgeInput<'a>) -> Self {
        Self {
            query: &input.query.text,
            content: &input.draft.content,
            complexity: input.complexity,
            model: &input.model.name,
            tool_calls: input.draft.tool_calls.iter().map(write_tool_call).collect(),
            finish_reason: input.draft.finish_reason,
            threshold: input.threshold,
        }
    }
}
