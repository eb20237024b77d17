use super::{BoxFuture, BoxStream};
use crate::error::Result;
use crate::types::{ChatRequest, ChatResponse, ResponseDelta};

/// A streamed answer: deltas, then exactly one [`ResponseDelta::Done`], or an error at any point.
pub type ResponseStream = BoxStream<'static, Result<ResponseDelta>>;

/// A service that answers chat requests.
///
/// Dropping a returned future or stream cancels the call down to the socket. Retries of temporary
/// failures happen inside; an error that comes out is final for this model.
pub trait Provider: Send + Sync {
    /// Name in the registry, such as `openai`.
    fn name(&self) -> &str;

    /// Whether answers can carry token log-probabilities.
    fn supports_logprobs(&self) -> bool {
        false
    }

    /// Answers `request` in one piece.
    fn complete<'a>(&'a self, request: &'a ChatRequest) -> BoxFuture<'a, Result<ChatResponse>>;

    /// Answers `request` piece by piece. The default completes and gives the answer as one piece.
    fn stream<'a>(&'a self, request: &'a ChatRequest) -> BoxFuture<'a, Result<ResponseStream>> {
        Box::pin(async move {
            let response = self.complete(request).await?;
            let mut deltas = Vec::with_capacity(2);
            if !response.content.is_empty() {
                deltas.push(Ok(ResponseDelta::Text(response.content.clone())));
            }
            for (index, call) in response.tool_calls.iter().enumerate() {
                deltas.push(Ok(ResponseDelta::ToolCall(crate::types::ToolCallDelta {
                    index,
                    id: Some(call.id.clone()),
                    name: Some(call.name.clone()),
                    arguments: call.arguments.clone(),
                })));
            }
            deltas.push(Ok(ResponseDelta::Done(Box::new(response))));
            Ok(Box::pin(futures_util::stream::iter(deltas)) as ResponseStream)
        })
    }
}
