use super::BoxFuture;
use crate::error::Result;
use crate::types::{ToolCall, ToolOutput};

/// Executes the tool calls of a model.
pub trait ToolHandler: Send + Sync {
    /// Executes one call.
    ///
    /// # Errors
    /// An error ends the run; a failure the model should hear of is a [`ToolOutput`] with
    /// `is_error`.
    fn call<'a>(&'a self, call: &'a ToolCall) -> BoxFuture<'a, Result<ToolOutput>>;
}
