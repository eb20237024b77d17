//! The converters: JavaScript's values to the engine's, and back.
//!
//! Struct fields come out in camel case and events in snake case, as published; the keys of maps
//! (metadata, extra parameters, tool arguments) are data and stay as they are.

mod answer;
mod chat;
mod event;
mod fields;
mod options;
mod result;

pub(crate) use answer::{
    AnswerView, ChunkView, StreamedAnswer, read_answer, read_chunk, read_draft,
};
pub(crate) use chat::{
    RequestView, read_chat_request, read_response_format, read_tool_choice, read_tools,
};
pub(crate) use event::event_json;
pub(crate) use fields::Fields;
pub(crate) use options::{read_batch, read_input, read_options};
pub(crate) use result::{AttemptView, result_json};
