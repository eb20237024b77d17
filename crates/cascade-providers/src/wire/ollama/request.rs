use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The body of `POST /api/chat`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OllamaRequest<'a> {
    /// Model id.
    pub model: Cow<'a, str>,
    /// The conversation, system prompt first.
    pub messages: Vec<OllamaMessage<'a>>,
    /// Tools on offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<OllamaToolDefinition<'a>>>,
    /// `json`, or a JSON Schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Cow<'a, Value>>,
    /// Parameters of the model.
    #[serde(default)]
    pub options: OllamaOptions<'a>,
    /// Whether log-probabilities are wanted; older servers pass over it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<bool>,
    /// Number of alternatives a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_logprobs: Option<u8>,
    /// Whether the answer is streamed; the server's default is yes.
    #[serde(default = "yes")]
    pub stream: bool,
    /// Every other parameter, such as `keep_alive` and `think`.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

const fn yes() -> bool {
    true
}

/// Parameters of the model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OllamaOptions<'a> {
    /// Sampling temperature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Nucleus sampling mass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Most completion tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_predict: Option<u32>,
    /// Sampling seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    /// Texts at which generation stops.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop: Option<Vec<Cow<'a, str>>>,
    /// Every other parameter, such as `num_ctx`.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct OllamaMessage<'a> {
    /// `system`, `user`, `assistant` or `tool`.
    pub role: Cow<'a, str>,
    /// What is said.
    #[serde(default)]
    pub content: Cow<'a, str>,
    /// Reasoning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thinking: Option<Cow<'a, str>>,
    /// Pictures in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<Vec<Cow<'a, str>>>,
    /// Calls an assistant asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_calls: Option<Vec<OllamaToolCall>>,
    /// Name of the tool that answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_name: Option<Cow<'a, str>>,
}

/// A call, in either direction.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OllamaToolCall {
    /// Id of the call; older servers have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What is called.
    pub function: OllamaFunctionCall,
}

/// What is called.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OllamaFunctionCall {
    /// Name of the tool.
    pub name: String,
    /// The arguments.
    pub arguments: Value,
}

/// A tool on offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OllamaToolDefinition<'a> {
    /// The constant `function`.
    #[serde(rename = "type")]
    pub kind: Cow<'a, str>,
    /// The tool.
    pub function: OllamaFunctionDefinition<'a>,
}

/// A tool's name, purpose and arguments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OllamaFunctionDefinition<'a> {
    /// Name.
    pub name: Cow<'a, str>,
    /// What it does.
    #[serde(default)]
    pub description: Cow<'a, str>,
    /// JSON Schema of its arguments.
    pub parameters: Cow<'a, Value>,
}
