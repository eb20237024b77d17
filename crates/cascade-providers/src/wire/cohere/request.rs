use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::wire::openai::{ToolCallMessage, ToolDefinition};

/// The body of `POST /v2/chat`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CohereRequest<'a> {
    /// Model id.
    pub model: Cow<'a, str>,
    /// The conversation, system prompt first.
    pub messages: Vec<CohereMessage<'a>>,
    /// Tools on offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<ToolDefinition<'a>>>,
    /// `REQUIRED` or `NONE`; absent leaves it to the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<Cow<'a, str>>,
    /// Form of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_format: Option<CohereResponseFormat<'a>>,
    /// Most output tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// Texts at which generation stops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_sequences: Option<Vec<Cow<'a, str>>>,
    /// Sampling temperature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Nucleus sampling mass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p: Option<f64>,
    /// Sampling seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    /// Whether log-probabilities are wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<bool>,
    /// Whether the answer is streamed.
    #[serde(default)]
    pub stream: bool,
    /// Every other parameter, such as `k`, `safety_mode`, `documents` and `thinking`.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CohereMessage<'a> {
    /// `system`, `user`, `assistant` or `tool`.
    pub role: Cow<'a, str>,
    /// What is said; absent when an assistant only calls tools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<CohereContent<'a>>,
    /// Calls an assistant asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_calls: Option<Vec<ToolCallMessage<'a>>>,
    /// Id of the call a tool answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<Cow<'a, str>>,
}

/// Content: text, or parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CohereContent<'a> {
    /// Plain text.
    Text(Cow<'a, str>),
    /// Parts in order.
    Parts(Vec<CohereContentPart<'a>>),
}

/// One part of a content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CohereContentPart<'a> {
    /// Text.
    Text {
        /// The text.
        text: Cow<'a, str>,
    },
    /// A picture.
    ImageUrl {
        /// Where it is.
        image_url: CohereImageUrl<'a>,
    },
}

/// Where a picture is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CohereImageUrl<'a> {
    /// A web address or a `data:` URL.
    pub url: Cow<'a, str>,
}

/// Form of the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CohereResponseFormat<'a> {
    /// Free text.
    Text,
    /// A JSON object.
    JsonObject {
        /// The JSON Schema it satisfies; `None` is any object.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        json_schema: Option<Cow<'a, Value>>,
    },
}
