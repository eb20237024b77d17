//! The judge of the standard checks.

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::sync::Arc;

use cascade_core::ports::{BoxFuture, Judge, JudgeInput, QualityCheck};
use cascade_core::{CheckOutcome, Result, Verdict};

use crate::QualityConfig;
use crate::checks::{CheckContext, names, run};
use crate::confidence::Confidence;
use crate::draft::DraftAnalysis;

/// Share of the score that a draft keeps when a check has failed: any draft without a fault comes
/// before it.
const FAULTY: f64 = 0.3;

/// The judge of the standard checks and of the user's.
///
/// A draft is accepted when every check passes; the confidence is one of them. The same query, draft
/// and configuration give the same verdict, whatever was judged before.
#[derive(Clone)]
pub struct QualityValidator {
    config: QualityConfig,
    checks: Vec<Arc<dyn QualityCheck>>,
}

impl fmt::Debug for QualityValidator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let checks: Vec<&str> = self.checks.iter().map(|check| check.name()).collect();
        f.debug_struct("QualityValidator")
            .field("config", &self.config)
            .field("checks", &checks)
            .finish()
    }
}

impl QualityValidator {
    /// A judge with `config`.
    ///
    /// # Errors
    /// A config error that names the first field out of range.
    pub fn new(config: QualityConfig) -> Result<Self> {
        config.validate()?;
        Ok(Self { config, checks: Vec::new() })
    }

    /// Adds a user's check; a failed one rejects the draft. Checks run in the order of adding,
    /// after the standard ones and whatever these found.
    #[must_use]
    pub fn with_check(mut self, check: Arc<dyn QualityCheck>) -> Self {
        self.checks.push(check);
        self
    }

    /// The configuration.
    pub const fn config(&self) -> &QualityConfig {
        &self.config
    }

    /// The threshold for `input`: the plan's, else the model's, else the configuration's.
    pub fn threshold(&self, input: &JudgeInput<'_>) -> f64 {
        input
            .threshold
            .or(input.model.quality_threshold)
            .unwrap_or_else(|| self.config.threshold(input.complexity))
    }

    /// The verdict of the standard checks.
    fn standard(&self, input: JudgeInput<'_>) -> Verdict {
        let analysis = DraftAnalysis::new(input.query, &input.draft.content);
        let confidence =
            Confidence::new(input.query, &analysis, input.draft, self.config.logprob_weight);
        let mut checks = Vec::with_capacity(names::ALL.len() + self.checks.len());
        run(&CheckContext { input, analysis: &analysis, config: &self.config }, &mut checks);
        let faulty = checks.iter().any(|check| !check.passed);
        let score = if faulty { confidence.score * FAULTY } else { confidence.score };
        let score = if analysis.length == 0 && faulty { 0.0 } else { score };
        let threshold = self.threshold(&input);
        // Nothing cannot be trusted, whatever its provider says.
        let empty = analysis.length == 0 && input.draft.tool_calls.is_empty();
        let value = if empty { 0.0 } else { confidence.value };
        if !empty {
            checks.push(confidence_outcome(value, threshold));
        }
        let mut verdict = Verdict {
            accepted: false,
            score,
            confidence: value,
            threshold,
            reason: Cow::Borrowed(""),
            checks,
        };
        conclude(&mut verdict, &input);
        verdict
    }
}

fn confidence_outcome(confidence: f64, threshold: f64) -> CheckOutcome {
    let outcome = if confidence >= threshold {
        CheckOutcome::pass(names::CONFIDENCE)
    } else {
        let reason = format!("confidence {confidence:.2} is below {threshold:.2}");
        CheckOutcome::fail(names::CONFIDENCE, reason)
    };
    outcome.with_score(confidence)
}

/// Accepts when every check passed, and says why in one line.
fn conclude(verdict: &mut Verdict, input: &JudgeInput<'_>) {
    verdict.accepted = verdict.checks.iter().all(|check| check.passed);
    let complexity = input.complexity.as_str();
    let mut reason = String::with_capacity(80);
    // Writing to a string cannot fail.
    let _ = if verdict.accepted {
        let (confidence, threshold) = (verdict.confidence, verdict.threshold);
        write!(
            reason,
            "All checks passed (confidence: {confidence:.2} >= {threshold:.2}, complexity: {complexity})"
        )
    } else {
        reason.push_str("Failed checks: ");
        for (index, name) in verdict.failed_checks().enumerate() {
            if index > 0 {
                reason.push_str(", ");
            }
            reason.push_str(name);
        }
        write!(reason, " (complexity: {complexity})")
    };
    verdict.reason = Cow::Owned(reason);
}

impl Judge for QualityValidator {
    fn judge<'a>(&'a self, input: JudgeInput<'a>) -> BoxFuture<'a, Result<Verdict>> {
        Box::pin(async move {
            let mut verdict = self.standard(input);
            if self.checks.is_empty() {
                return Ok(verdict);
            }
            // The checks are told what is required in the end, not what the plan alone says.
            let told = JudgeInput { threshold: Some(verdict.threshold), ..input };
            for check in &self.checks {
                let outcome = match check.check(told).await {
                    Ok(outcome) => {
                        CheckOutcome { check: name_of(check.as_ref(), outcome.check), ..outcome }
                    }
                    Err(error) => CheckOutcome {
                        check: Cow::Owned(check.name().to_owned()),
                        passed: false,
                        score: None,
                        reason: Cow::Owned(error.message().to_owned()),
                    },
                };
                verdict.checks.push(outcome);
            }
            let user_failed =
                verdict.checks.iter().rev().take(self.checks.len()).any(|c| !c.passed);
            if user_failed && verdict.accepted {
                verdict.score *= FAULTY;
            }
            conclude(&mut verdict, &input);
            Ok(verdict)
        })
    }

    fn judge_now(&self, input: JudgeInput<'_>) -> Option<Result<Verdict>> {
        self.checks.is_empty().then(|| Ok(self.standard(input)))
    }
}

/// The name under which an outcome is listed: its own, or the check's where it gives none.
fn name_of(check: &dyn QualityCheck, given: Cow<'static, str>) -> Cow<'static, str> {
    if given.is_empty() { Cow::Owned(check.name().to_owned()) } else { given }
}
