//! The chat format of Cohere, version 2.

mod assemble;
mod decode;
mod embed;
mod encode;
mod models;
mod request;
mod response;
mod stream;

pub use assemble::CohereAssembler;
pub(crate) use decode::whole;
pub use decode::{decode_response, into_chat_response};
pub use embed::{CohereEmbedMeta, CohereEmbedRequest, CohereEmbedResponse, CohereVectors};
pub use encode::encode_request;
pub use models::{ModelEntry, ModelList};
pub use request::{
    CohereContent, CohereContentPart, CohereImageUrl, CohereMessage, CohereRequest,
    CohereResponseFormat,
};
pub use response::{
    CohereBlock, CohereLogprobs, CohereResponse, CohereResponseMessage, CohereTokens, CohereUsage,
};
pub use stream::{CohereDelta, CohereDeltaMessage, CohereEvent, OneOrNone};
