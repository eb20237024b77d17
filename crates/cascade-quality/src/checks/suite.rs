use cascade_core::CheckOutcome;
use cascade_core::ports::JudgeInput;

use super::{
    alignment, arithmetic, claims, empty, format, hedging, length, names, refusal, repetition,
    specificity, tool_calls, truncation,
};
use crate::QualityConfig;
use crate::draft::DraftAnalysis;

/// What a check is given.
#[derive(Clone, Copy)]
pub(crate) struct CheckContext<'a> {
    pub(crate) input: JudgeInput<'a>,
    pub(crate) analysis: &'a DraftAnalysis,
    pub(crate) config: &'a QualityConfig,
}

impl CheckContext<'_> {
    /// Whether the draft only calls tools.
    pub(super) fn only_tools(&self) -> bool {
        self.analysis.length == 0 && !self.input.draft.tool_calls.is_empty()
    }
}

/// Runs every check that applies, in order, and appends the outcomes. An empty or refused draft is
/// not looked at further: what else is wrong with it says nothing.
pub(crate) fn run(context: &CheckContext<'_>, outcomes: &mut Vec<CheckOutcome>) {
    outcomes.push(empty::check(context));
    if let Some(outcome) = tool_calls::check(context) {
        outcomes.push(outcome);
    }
    if context.analysis.length == 0 {
        return;
    }
    outcomes.push(refusal::check(context));
    outcomes.push(truncation::check(context));
    outcomes.extend(format::check(context));
    outcomes.extend(length::check(context));
    outcomes.extend(arithmetic::check(context));
    outcomes.push(repetition::check(context));
    outcomes.push(hedging::check(context));
    outcomes.extend(specificity::check(context));
    outcomes.extend(claims::check(context));
    outcomes.extend(alignment::check(context));
}

/// The outcome of a check that measures something.
pub(super) fn measured(
    name: &'static str,
    passed: bool,
    score: f64,
    reason: impl FnOnce() -> String,
) -> CheckOutcome {
    debug_assert!(names::ALL.contains(&name));
    let outcome =
        if passed { CheckOutcome::pass(name) } else { CheckOutcome::fail(name, reason()) };
    outcome.with_score(score)
}
