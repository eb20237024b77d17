use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ContentBlock, MessageResponse, MessageUsage};

/// One event of a streamed answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MessageStreamEvent {
    /// The answer begins.
    MessageStart {
        /// The answer, still without content.
        message: MessageResponse,
    },
    /// A block begins.
    ContentBlockStart {
        /// Its position.
        index: usize,
        /// It, still empty.
        content_block: ContentBlock<'static>,
    },
    /// A block grows.
    ContentBlockDelta {
        /// Its position.
        index: usize,
        /// By what.
        delta: BlockDelta,
    },
    /// A block is complete.
    ContentBlockStop {
        /// Its position.
        index: usize,
    },
    /// The answer's own properties change.
    MessageDelta {
        /// To what.
        delta: MessageDelta,
        /// Tokens used so far.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        usage: Option<MessageUsage>,
    },
    /// The answer is complete.
    MessageStop,
    /// A sign of life.
    Ping,
    /// The answer failed.
    Error {
        /// How.
        error: Value,
    },
    /// An event this version does not know.
    #[serde(untagged)]
    Unknown(Value),
}

/// By what a block grows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BlockDelta {
    /// More text.
    TextDelta {
        /// The text.
        text: String,
    },
    /// More of a call's arguments.
    InputJsonDelta {
        /// The next piece of their JSON text.
        partial_json: String,
    },
    /// More reasoning.
    ThinkingDelta {
        /// The text.
        thinking: String,
    },
    /// The signature over the reasoning.
    SignatureDelta {
        /// It.
        signature: String,
    },
    /// A growth this version does not know.
    #[serde(untagged)]
    Unknown(Value),
}

/// The answer's own properties.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MessageDelta {
    /// Why generation stopped.
    pub stop_reason: Option<String>,
    /// The stop text met.
    pub stop_sequence: Option<String>,
}
