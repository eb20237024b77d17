//! What a model answers.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Part, ToolCall, Usage, Usd};

/// Why generation stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The model was done, or met a stop text.
    Stop,
    /// The token limit was reached; the answer is cut.
    Length,
    /// The model asks for tool calls.
    ToolCalls,
    /// The provider's filter stopped the answer.
    ContentFilter,
    /// The model declined to answer.
    Refusal,
    /// A reason this version does not know.
    Other,
}

impl FinishReason {
    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
            Self::ContentFilter => "content_filter",
            Self::Refusal => "refusal",
            Self::Other => "other",
        }
    }
}

/// Log-probability of one answer token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenLogprob {
    /// The token's text.
    pub token: String,
    /// Natural logarithm of its probability.
    pub logprob: f64,
    /// The likeliest alternatives with theirs; empty when not asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub top: Vec<(String, f64)>,
}

/// A complete answer of one model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ChatResponse {
    /// The answer's text, without reasoning; empty when it only calls tools.
    pub content: String,
    /// Tool calls in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// Reasoning blocks in order, as parts of kind thinking.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thinking: Vec<Part>,
    /// Model that answered, as the provider names it; `None` when it does not say.
    pub model: Option<String>,
    /// Why generation stopped; `None` when the provider does not say.
    pub finish_reason: Option<FinishReason>,
    /// Tokens used; `None` when the provider reports none.
    pub usage: Option<Usage>,
    /// Log-probabilities of the answer's tokens; `None` when there are none.
    pub logprobs: Option<Vec<TokenLogprob>>,
    /// Confidence in [0, 1] that the provider itself gives; `None` when it gives none.
    pub confidence: Option<f64>,
    /// Cost in USD that the provider itself reports; it wins over any price table.
    pub reported_cost: Option<Usd>,
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// Whatever else the provider said that a caller may want.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
}

impl ChatResponse {
    /// An answer of plain text.
    pub fn from_text(content: impl Into<String>) -> Self {
        Self { content: content.into(), finish_reason: Some(FinishReason::Stop), ..Self::default() }
    }
}

/// A fragment of a streamed tool call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ToolCallDelta {
    /// Position of the call in the answer.
    pub index: usize,
    /// Id, in the first fragment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Tool name, in the first fragment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Next piece of the arguments' JSON text.
    #[serde(default)]
    pub arguments: String,
}

/// One piece of a streamed answer.
#[derive(Debug, Clone, PartialEq)]
pub enum ResponseDelta {
    /// More answer text.
    Text(String),
    /// More reasoning text.
    Thinking(String),
    /// A reasoning block is complete: the part as it stands in the answer, with its signature. Only
    /// providers that sign or encrypt their reasoning send it, after the block's text, so that a
    /// server can pass the signature on in time.
    ThinkingDone(Part),
    /// More of a tool call.
    ToolCall(ToolCallDelta),
    /// The end: the assembled answer, equal to what a plain call returns. Always last, exactly once.
    Done(Box<ChatResponse>),
}
