use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One block of a message, in either direction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ContentBlock<'a> {
    /// Text.
    Text {
        /// The text.
        text: Cow<'a, str>,
        /// Marks the end of a prefix to cache.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cache_control: Option<Cow<'a, Value>>,
    },
    /// A picture.
    Image {
        /// Where its bytes are.
        source: ImageContent<'a>,
        /// Marks the end of a prefix to cache.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cache_control: Option<Cow<'a, Value>>,
    },
    /// A call the model asks for.
    ToolUse {
        /// Id of the call.
        id: Cow<'a, str>,
        /// Name of the tool.
        name: Cow<'a, str>,
        /// The arguments.
        input: Value,
        /// Marks the end of a prefix to cache.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cache_control: Option<Cow<'a, Value>>,
    },
    /// What a tool answered.
    ToolResult {
        /// Id of the call it answers.
        tool_use_id: Cow<'a, str>,
        /// The answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content: Option<ToolResultContent<'a>>,
        /// Whether the tool failed.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
        /// Marks the end of a prefix to cache.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cache_control: Option<Cow<'a, Value>>,
    },
    /// The model's reasoning.
    Thinking {
        /// The text.
        thinking: Cow<'a, str>,
        /// The signature over it.
        #[serde(default)]
        signature: Cow<'a, str>,
    },
    /// Reasoning that is not shown.
    RedactedThinking {
        /// It, encrypted.
        data: Cow<'a, str>,
    },
    /// A block this version does not know.
    #[serde(untagged)]
    Unknown(Value),
}

/// Where the bytes of a picture are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ImageContent<'a> {
    /// Inline.
    Base64 {
        /// MIME type.
        media_type: Cow<'a, str>,
        /// The bytes.
        data: Cow<'a, str>,
    },
    /// At a web address.
    Url {
        /// The address.
        url: Cow<'a, str>,
    },
}

/// A tool's answer: text, or blocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ToolResultContent<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// Blocks.
    Blocks(Vec<ContentBlock<'a>>),
}
