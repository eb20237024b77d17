use std::sync::Arc;

use cascade_core::ports::{BoxFuture, Judge, JudgeInput, QualityCheck};
use cascade_core::{Result, Verdict};

use crate::QualityConfig;

/// The judge of the standard checks.
pub struct QualityValidator {
    config: QualityConfig,
    checks: Vec<Arc<dyn QualityCheck>>,
}

impl QualityValidator {
    /// A judge with `config`.
    pub fn new(config: QualityConfig) -> Result<Self> {
        Ok(Self { config, checks: Vec::new() })
    }

    /// Adds a user's check; a failed one rejects the draft.
    #[must_use]
    pub fn with_check(mut self, check: Arc<dyn QualityCheck>) -> Self {
        self.checks.push(check);
        self
    }
}

impl Judge for QualityValidator {
    fn judge<'a>(&'a self, input: JudgeInput<'a>) -> BoxFuture<'a, Result<Verdict>> {
        let _ = (&self.config, input);
        Box::pin(async { Ok(Verdict::unjudged("unfinished")) })
    }
}
