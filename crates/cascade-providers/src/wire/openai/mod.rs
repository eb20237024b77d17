//! The chat-completions format of OpenAI and of everything compatible with it.

mod assemble;
mod decode;
mod encode;
mod models;
mod request;
mod response;
mod stream;

pub use assemble::ChatCompletionAssembler;
pub(crate) use decode::into_tool_call;
pub use decode::{decode_response, into_chat_response};
pub(crate) use encode::encode_tool;
pub use encode::{EncodeRules, LogprobsStyle, StructuredOutput, encode_request};
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
