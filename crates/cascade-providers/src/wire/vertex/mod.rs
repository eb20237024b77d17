//! The generateContent format of Gemini, on Vertex AI and on Google's API for developers.

mod assemble;
mod decode;
mod embed;
mod encode;
mod models;
mod request;
mod response;

pub use assemble::GenerateContentAssembler;
pub use decode::{decode_response, into_chat_response};
pub use embed::{
    BatchEmbedRequest, BatchEmbedResponse, EmbedContent, EmbedInstance, EmbedPrediction,
    EmbedStatistics, EmbedValues, PredictRequest, PredictResponse,
};
pub(crate) use encode::encode_extra;
pub use encode::{EncodeRules, encode_request};
pub use models::{ModelEntry, ModelList};
pub use request::{
    FunctionCallingConfig, FunctionDeclaration, GenerateContentRequest, GenerationConfig,
    ToolConfig, ToolDeclarations,
};
pub use response::{
    Candidate, GeminiContent, GeminiFileData, GeminiFunctionCall, GeminiFunctionResponse,
    GeminiInlineData, GeminiPart, GenerateContentResponse, LogprobCandidate, LogprobsResult,
    ModalityCount, PromptFeedback, TopCandidates, UsageMetadata,
};
