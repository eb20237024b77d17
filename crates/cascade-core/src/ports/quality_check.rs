use super::{BoxFuture, JudgeInput};
use crate::error::Result;
use crate::types::CheckOutcome;

/// A user's check of a draft; a failed check rejects it.
pub trait QualityCheck: Send + Sync {
    /// Name, stable across versions; strategies refer to it.
    fn name(&self) -> &str;

    /// Checks one draft.
    ///
    /// # Errors
    /// An error counts as a failed check whose reason is the error's message.
    fn check<'a>(&'a self, input: JudgeInput<'a>) -> BoxFuture<'a, Result<CheckOutcome>>;
}
