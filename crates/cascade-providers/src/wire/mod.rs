//! Wire formats as pure serde data, one folder a dialect.
//!
//! `request`, `response` and `stream` hold the messages as they travel, each readable and writable;
//! `encode` and `decode` turn them from and into the types of the core; `assemble` puts a streamed
//! answer together into the same `response` that a plain call brings, so that both decode alike.

mod answer_frame;
pub mod anthropic;
mod body;
pub mod cohere;
mod fault;
mod image_url;
pub mod ollama;
pub mod openai;
pub mod responses;
mod sent;
mod signature;
pub mod vertex;

/// Extra parameter that forbids several tool calls at once, where it is false: OpenAI's, which the
/// encoders of other dialects that have a word for it translate.
pub const PARALLEL_TOOL_CALLS: &str = "parallel_tool_calls";

pub use answer_frame::{AnswerFrame, http_status};
pub use body::encode_body;
pub use fault::{AssembleStep, Assembler, WireFault};
pub use signature::{SignatureOwner, own_signature, tag, without_thinking};
