//! The messages format of Anthropic.

mod assemble;
mod beta;
mod content;
mod decode;
mod decode_request;
mod encode;
mod encode_response;
mod encode_stream;
mod models;
mod request;
mod response;
mod stream;

pub use assemble::MessageAssembler;
pub use beta::{BETA_PARAMETER, add_beta_features};
pub use content::{ContentBlock, ImageContent, ToolResultContent};
pub use decode::{decode_response, into_chat_response};
pub use decode_request::decode_request;
pub(crate) use encode::may_think;
pub use encode::{EncodeRules, encode_request};
pub use encode_response::{encode_error, encode_response};
pub use encode_stream::MessageEventEncoder;
pub use models::{ModelEntry, ModelList};
pub use request::{
    InputContent, InputMessage, InputRole, MessagesRequest, OutputConfig, OutputFormat, System,
    ToolChoiceMessage, ToolDefinition,
};
pub use response::{CacheCreation, MessageResponse, MessageUsage, OutputTokensDetails};
pub use stream::{BlockDelta, MessageDelta, MessageStreamEvent};
