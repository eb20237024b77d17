//! The judgement of a draft.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// What one check found in a draft.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckOutcome {
    /// Name of the check, stable across versions.
    pub check: Cow<'static, str>,
    /// Whether the draft passes.
    pub passed: bool,
    /// Score in [0, 1] where the check measures something; higher is better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Why, in a few words; empty when passed without remark.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub reason: Cow<'static, str>,
}

impl CheckOutcome {
    /// A passed check without a score.
    pub const fn pass(check: &'static str) -> Self {
        Self { check: Cow::Borrowed(check), passed: true, score: None, reason: Cow::Borrowed("") }
    }

    /// A failed check and why.
    pub fn fail(check: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { check: Cow::Borrowed(check), passed: false, score: None, reason: reason.into() }
    }

    /// Sets the score.
    #[must_use]
    pub const fn with_score(mut self, score: f64) -> Self {
        self.score = Some(score);
        self
    }
}

/// The judgement of one draft.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether the draft may be given as the answer.
    pub accepted: bool,
    /// How likely the draft is good, in [0, 1]; orders drafts.
    pub score: f64,
    /// Confidence that was compared with the threshold, in [0, 1].
    pub confidence: f64,
    /// Confidence that was required, in [0, 1].
    pub threshold: f64,
    /// Why, in one line; the first failed check where one failed.
    pub reason: Cow<'static, str>,
    /// Each check in the order it ran.
    pub checks: Vec<CheckOutcome>,
}

impl Verdict {
    /// A verdict that accepts without judging.
    pub fn unjudged(reason: &'static str) -> Self {
        Self {
            accepted: true,
            score: 1.0,
            confidence: 1.0,
            threshold: 0.0,
            reason: Cow::Borrowed(reason),
            checks: Vec::new(),
        }
    }

    /// Names of the failed checks.
    pub fn failed_checks(&self) -> impl Iterator<Item = &str> {
        self.checks.iter().filter(|check| !check.passed).map(|check| check.check.as_ref())
    }
}
