use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{CohereBlock, CohereLogprobs, CohereUsage};
use crate::wire::openai::ToolCallFragment;

/// One event of a streamed answer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CohereEvent {
    /// `message-start`, `content-start`, `content-delta`, `content-end`, `tool-plan-delta`,
    /// `tool-call-start`, `tool-call-delta`, `tool-call-end`, `citation-start`, `citation-end` or
    /// `message-end`; other kinds are passed over.
    #[serde(rename = "type")]
    pub kind: String,
    /// Id of the answer, in the first event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Position of the block, call or citation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// What is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delta: Option<CohereDelta>,
    /// Log-probabilities of the new text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<CohereLogprobs>,
}

/// What is new.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CohereDelta {
    /// Of what is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<CohereDeltaMessage>,
    /// Why generation stopped, at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<String>,
    /// Tokens used, at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<CohereUsage>,
    /// What went wrong, at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
}

/// What is new of what is said. The first event has empty lists where later ones have one item.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CohereDeltaMessage {
    /// The constant `assistant`, in the first event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// More text or reasoning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<OneOrNone<CohereBlock>>,
    /// More of the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_plan: Option<String>,
    /// A call, or more of its arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_calls: Option<OneOrNone<ToolCallFragment>>,
    /// A citation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub citations: Option<OneOrNone<Value>>,
}

/// One item, or the empty list that stands for none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrNone<T> {
    /// A list, which is empty.
    None(Vec<Value>),
    /// The item.
    One(T),
}

impl<T> OneOrNone<T> {
    /// The item.
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::None(_) => None,
            Self::One(item) => Some(item),
        }
    }
}
