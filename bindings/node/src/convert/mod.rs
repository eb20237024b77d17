//! The converters: JavaScript's values to the engine's, and back.
//!
//! Struct fields come out in camel case and events in snake case, as published; the keys of maps
//! (metadata, extra parameters, tool arguments) are data and stay as they are.

mod answer;
mod circuit;
mod draft;
mod engine_event;
mod event;
mod request;
mod result;
mod usage;

pub(crate) use answer::{
    AnswerView, ChunkView, EmbeddingsView, StreamedAnswer, read_answer, read_chunk, read_draft,
};
pub(crate) use circuit::{
    CircuitConfigView, CircuitMetricsView, CircuitStatusView, milliseconds, read_circuit_config,
};
pub(crate) use draft::DraftView;
pub(crate) use engine_event::engine_event_json;
pub(crate) use event::event_json;
pub(crate) use request::{RequestView, read_call, read_chat_request};
pub(crate) use result::{AttemptView, TraceStepView, result_json};
