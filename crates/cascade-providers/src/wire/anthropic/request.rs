use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ContentBlock;

/// The body of `POST /v1/messages`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessagesRequest<'a> {
    /// Model id; empty where the address names it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub model: Cow<'a, str>,
    /// Most output tokens; the format requires it.
    pub max_tokens: u32,
    /// The system prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<System<'a>>,
    /// The conversation.
    pub messages: Vec<InputMessage<'a>>,
    /// Sampling temperature in [0, 1].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Nucleus sampling mass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Texts at which generation stops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_sequences: Option<Vec<Cow<'a, str>>>,
    /// Tools on offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<ToolDefinition<'a>>>,
    /// Whether and which tool must be called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<ToolChoiceMessage<'a>>,
    /// Form of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_config: Option<OutputConfig<'a>>,
    /// Whether the answer is streamed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stream: bool,
    /// Every other parameter.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The system prompt: text, or blocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum System<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// Blocks.
    Blocks(Vec<ContentBlock<'a>>),
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputRole {
    /// The person or program that asks; also the results of tools.
    User,
    /// The model.
    Assistant,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InputMessage<'a> {
    /// Who speaks.
    pub role: InputRole,
    /// What is said.
    pub content: InputContent<'a>,
}

/// Content: text, or blocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum InputContent<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// Blocks.
    Blocks(Vec<ContentBlock<'a>>),
}

/// A tool on offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolDefinition<'a> {
    /// Name.
    pub name: Cow<'a, str>,
    /// What it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Cow<'a, str>>,
    /// JSON Schema of its arguments.
    pub input_schema: Cow<'a, Value>,
    /// Whether the model is held to the schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strict: Option<bool>,
    /// Marks the end of a prefix to cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_control: Option<Cow<'a, Value>>,
    /// Every other property.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Whether and which tool must be called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToolChoiceMessage<'a> {
    /// The model decides.
    Auto {
        /// Whether it may call at most one tool.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        disable_parallel_tool_use: Option<bool>,
    },
    /// Some tool must be called.
    Any {
        /// Whether it may be only one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        disable_parallel_tool_use: Option<bool>,
    },
    /// No tool may be called.
    None,
    /// This tool must be called.
    Tool {
        /// Its name.
        name: Cow<'a, str>,
        /// Whether it may be called only once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        disable_parallel_tool_use: Option<bool>,
    },
}

impl ToolChoiceMessage<'_> {
    /// Whether several calls at once are forbidden; `None` when it does not say.
    pub fn disables_parallel_tool_use(&self) -> Option<bool> {
        match self {
            Self::Auto { disable_parallel_tool_use }
            | Self::Any { disable_parallel_tool_use }
            | Self::Tool { disable_parallel_tool_use, .. } => *disable_parallel_tool_use,
            Self::None => None,
        }
    }
}

/// Form of the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutputConfig<'a> {
    /// The form; `None` is free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<OutputFormat<'a>>,
    /// Every other property, such as the effort.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// An enforced form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OutputFormat<'a> {
    /// JSON by a schema.
    JsonSchema {
        /// The JSON Schema.
        schema: Cow<'a, Value>,
    },
}
