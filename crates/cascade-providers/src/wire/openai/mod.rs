//! The chat-completions format of OpenAI and of everything compatible with it.

mod assemble;
mod decode;
mod decode_request;
mod embed;
mod encode;
mod encode_response;
mod encode_stream;
mod models;
mod reasoning_details;
mod request;
mod response;
mod stream;

pub use assemble::ChatCompletionAssembler;
pub(crate) use decode::cost_of;
pub(crate) use decode::into_tool_call;
pub use decode::{decode_response, into_chat_response};
pub use decode_request::decode_request;
pub use embed::{EmbeddingEntry, EmbeddingsRequest, EmbeddingsResponse, decode_embeddings};
pub(crate) use encode::encode_tool;
pub use encode::{EncodeRules, LogprobsStyle, ReasoningBack, StructuredOutput, encode_request};
pub use encode_response::{encode_error, encode_response};
pub use encode_stream::ChunkEncoder;
pub use models::{ModelEntry, ModelList};
pub use request::{
    ChatCompletionRequest, ChatMessage, Content, ContentPart, FunctionCall, FunctionDefinition,
    ImageUrl, JsonSchemaFormat, LogprobsRequest, NamedFunction, RequestFormat, Stop, StreamOptions,
    ToolCallMessage, ToolChoiceMessage, ToolDefinition, ToolKind,
};
pub use response::{
    ChatCompletion, Choice, CompletionTokensDetails, CompletionUsage, GroqExtension, LogprobEntry,
    Logprobs, PromptTokensDetails, ResponseContent, ResponseContentPart, ResponseFunction,
    ResponseMessage, ResponseToolCall, TopLogprob,
};
pub use stream::{
    ChatCompletionChunk, ChunkChoice, ChunkDelta, FunctionFragment, ToolCallFragment,
};
