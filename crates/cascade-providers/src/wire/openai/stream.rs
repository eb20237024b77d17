use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::response::text_of_arguments;
use super::{CompletionUsage, GroqExtension, Logprobs, ResponseContent};

/// One event of a streamed answer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ChatCompletionChunk {
    /// Id of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The constant `chat.completion.chunk`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Seconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<u64>,
    /// Model that answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The news; empty in a chunk of usage alone.
    pub choices: Option<Vec<ChunkChoice>>,
    /// Tokens used, in the last chunk; counts are cumulative where several chunks have them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<CompletionUsage>,
    /// Version of the backend.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_fingerprint: Option<String>,
    /// Tier that serves the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_tier: Option<String>,
    /// Provider behind a broker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Groq's additions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x_groq: Option<GroqExtension>,
    /// An error in the place of a chunk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
}

/// News of one answer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ChunkChoice {
    /// Position of the answer.
    pub index: u32,
    /// What is new.
    pub delta: Option<ChunkDelta>,
    /// Why generation stopped, in the last chunk.
    pub finish_reason: Option<String>,
    /// Log-probabilities of the new tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<Logprobs>,
}

/// What is new.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ChunkDelta {
    /// The constant `assistant`, in the first chunk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// More text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<ResponseContent>,
    /// More of a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// More of tool calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_calls: Option<Vec<ToolCallFragment>>,
    /// More reasoning, as `deepseek` and `vllm` name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_content: Option<String>,
    /// More reasoning, as `openrouter` and `groq` name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<String>,
    /// Reasoning in the form that `openrouter` wants back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_details: Option<Vec<Value>>,
}

/// A piece of a tool call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ToolCallFragment {
    /// Position of the call; some servers leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// Id, in the first piece.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The constant `function`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Name and arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<FunctionFragment>,
}

/// Name and arguments of a piece.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FunctionFragment {
    /// Name of the tool, in the first piece.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// More of the arguments' JSON text.
    #[serde(deserialize_with = "text_of_arguments")]
    pub arguments: String,
}
