//! What is sent to a model.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Message, Tool, ToolChoice};

/// The form the answer must have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ResponseFormat {
    /// Free text.
    Text,
    /// Any JSON object.
    JsonObject,
    /// JSON that satisfies a schema.
    JsonSchema {
        /// Name of the schema.
        name: String,
        /// The JSON Schema.
        schema: Value,
        /// Whether the provider must enforce it.
        #[serde(default)]
        strict: bool,
    },
}

/// One call of one model. Shared parts are reference-counted: a cascade sends the same conversation
/// to several models.
#[derive(Debug, Clone)]
pub struct ChatRequest {
    /// Model id as the provider knows it.
    pub model: Arc<str>,
    /// The conversation, system messages excluded.
    pub messages: Arc<[Message]>,
    /// The system prompt; `None` when there is none.
    pub system: Option<Arc<str>>,
    /// Most completion tokens; `None` leaves it to the provider.
    pub max_tokens: Option<u32>,
    /// Sampling temperature; `None` leaves it to the provider.
    pub temperature: Option<f64>,
    /// Nucleus sampling mass; `None` leaves it to the provider.
    pub top_p: Option<f64>,
    /// Texts at which generation stops.
    pub stop: Arc<[String]>,
    /// Sampling seed where the provider takes one.
    pub seed: Option<i64>,
    /// Tools on offer.
    pub tools: Arc<[Tool]>,
    /// Whether a tool must be called; `None` leaves it to the provider.
    pub tool_choice: Option<ToolChoice>,
    /// Form of the answer; `None` is free text.
    pub response_format: Option<Arc<ResponseFormat>>,
    /// Whether token log-probabilities are wanted where the provider gives them.
    pub logprobs: bool,
    /// Time left for the whole call, retries included; `None` has no limit.
    pub time_left: Option<Duration>,
    /// Further parameters, passed to the provider untouched.
    pub extra: Arc<Map<String, Value>>,
}

impl ChatRequest {
    /// A request of `messages` to `model` with every option left to the provider.
    pub fn new(model: impl Into<Arc<str>>, messages: impl Into<Arc<[Message]>>) -> Self {
        Self {
            model: model.into(),
            messages: messages.into(),
            system: None,
            max_tokens: None,
            temperature: None,
            top_p: None,
            stop: Arc::default(),
            seed: None,
            tools: Arc::default(),
            tool_choice: None,
            response_format: None,
            logprobs: false,
            time_left: None,
            extra: Arc::default(),
        }
    }
}
