use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Item;

/// The body of `POST /responses`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ResponsesRequest<'a> {
    /// Model id.
    pub model: Cow<'a, str>,
    /// The system prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<Cow<'a, str>>,
    /// The conversation.
    pub input: Vec<Item<'a>>,
    /// Most output tokens, reasoning included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<u32>,
    /// Sampling temperature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Nucleus sampling mass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Tools on offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<FunctionTool<'a>>>,
    /// Whether and which tool must be called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<ResponsesToolChoice<'a>>,
    /// Form and length of the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<TextOptions<'a>>,
    /// How much to think.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Reasoning<'a>>,
    /// What else the answer carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include: Option<Vec<Cow<'a, str>>>,
    /// Number of alternatives a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_logprobs: Option<u8>,
    /// Whether the provider keeps the answer; its own default is yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<bool>,
    /// Whether the answer is streamed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stream: bool,
    /// Every other parameter.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A tool on offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FunctionTool<'a> {
    /// The constant `function`.
    #[serde(rename = "type")]
    pub kind: Cow<'a, str>,
    /// Name.
    pub name: Cow<'a, str>,
    /// What it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Cow<'a, str>>,
    /// JSON Schema of its arguments.
    pub parameters: Cow<'a, Value>,
    /// Whether the arguments must satisfy it; the provider's own default is yes.
    pub strict: bool,
}

/// Whether and which tool must be called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ResponsesToolChoice<'a> {
    /// `auto`, `none` or `required`.
    Mode(Cow<'a, str>),
    /// One tool.
    Named {
        /// The constant `function`.
        #[serde(rename = "type")]
        kind: Cow<'a, str>,
        /// Its name.
        name: Cow<'a, str>,
    },
}

/// Form and length of the text.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TextOptions<'a> {
    /// The form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<TextFormat<'a>>,
    /// `low`, `medium` or `high`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verbosity: Option<Cow<'a, str>>,
}

/// Form of the text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TextFormat<'a> {
    /// Free text.
    Text,
    /// Any JSON object.
    JsonObject,
    /// JSON by a schema.
    JsonSchema {
        /// Name of the schema.
        name: Cow<'a, str>,
        /// The JSON Schema.
        schema: Cow<'a, Value>,
        /// Whether it is enforced.
        #[serde(default)]
        strict: bool,
    },
}

/// How much to think.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reasoning<'a> {
    /// `none`, `minimal`, `low`, `medium`, `high` or what else the model knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<Cow<'a, str>>,
    /// `auto`, `concise` or `detailed`; absent shows none of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Cow<'a, str>>,
}
