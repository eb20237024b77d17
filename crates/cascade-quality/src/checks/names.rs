//! Names of the standard checks, stable across versions, in the order in which they run.

/// There is an answer at all.
pub const EMPTY: &str = "empty";
/// The model did not decline.
pub const REFUSAL: &str = "refusal";
/// The answer is complete.
pub const TRUNCATION: &str = "truncation";
/// Tool calls fit the tools on offer and the choice required.
pub const TOOL_CALLS: &str = "tool_calls";
/// The answer has the form that was asked for.
pub const FORMAT: &str = "format";
/// The answer is as long as the complexity requires.
pub const LENGTH: &str = "length";
/// The last equation holds.
pub const ARITHMETIC: &str = "arithmetic";
/// The answer does not loop.
pub const REPETITION: &str = "repetition";
/// The answer commits itself.
pub const HEDGING: &str = "hedging";
/// The answer says something definite.
pub const SPECIFICITY: &str = "specificity";
/// The answer does not lean on unnamed authority.
pub const CLAIMS: &str = "claims";
/// The answer is about the question.
pub const ALIGNMENT: &str = "alignment";
/// The confidence reaches the threshold.
pub const CONFIDENCE: &str = "confidence";

/// Every standard check, in order.
pub const ALL: [&str; 13] = [
    EMPTY,
    REFUSAL,
    TRUNCATION,
    TOOL_CALLS,
    FORMAT,
    LENGTH,
    ARITHMETIC,
    REPETITION,
    HEDGING,
    SPECIFICITY,
    CLAIMS,
    ALIGNMENT,
    CONFIDENCE,
];
