//! The messages format of Anthropic.

mod assemble;
mod content;
mod decode;
mod encode;
mod models;
mod request;
mod response;
mod stream;

pub use assemble::MessageAssembler;
pub use content::{ContentBlock, ImageContent, ToolResultContent};
pub use decode::{decode_response, into_chat_response};
pub use encode::{EncodeRules, encode_request};
pub use models::{ModelEntry, ModelList};
pub use request::{
    InputContent, InputMessage, InputRole, MessagesRequest, OutputConfig, OutputFormat, System,
    ToolChoiceMessage, ToolDefinition,
};
pub use response::{CacheCreation, MessageResponse, MessageUsage};
pub use stream::{BlockDelta, MessageDelta, MessageStreamEvent};
