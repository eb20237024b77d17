//! The native chat format of Ollama.

mod assemble;
mod decode;
mod embed;
mod encode;
mod models;
mod pull;
mod request;
mod response;

pub use assemble::OllamaAssembler;
pub use decode::{decode_response, into_chat_response};
pub use embed::{OllamaEmbedRequest, OllamaEmbedResponse};
pub use encode::{encode_extra, encode_request};
pub use models::{ModelEntry, ModelList};
pub use pull::{PullProgress, PullRequest};
pub use request::{
    OllamaFunctionCall, OllamaFunctionDefinition, OllamaMessage, OllamaOptions, OllamaRequest,
    OllamaToolCall, OllamaToolDefinition,
};
pub use response::{OllamaLogprob, OllamaResponse, OllamaResponseMessage, OllamaTopLogprob};
