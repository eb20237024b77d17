//! OpenAI's responses format: its second surface, with items in the place of messages.

mod assemble;
mod decode;
mod encode;
mod item;
mod request;
mod response;
mod stream;

pub use assemble::ResponsesAssembler;
pub use decode::{decode_response, into_chat_response};
pub(crate) use encode::encode_extra;
pub use encode::{EncodeRules, encode_request};
pub use item::{
    InputPart, Item, ItemContent, OutputLogprob, OutputPart, ReasoningText, TopOutputLogprob,
};
pub use request::{
    FunctionTool, Reasoning, ResponsesRequest, ResponsesToolChoice, TextFormat, TextOptions,
};
pub use response::{
    IncompleteDetails, InputTokensDetails, OutputTokensDetails, ResponseObject, ResponsesUsage,
};
pub use stream::ResponsesEvent;
