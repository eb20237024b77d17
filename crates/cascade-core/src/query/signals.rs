//! Yes-or-no properties of a query.

use serde::Serialize;

/// Yes-or-no properties of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Signals {
    /// Holds program text or asks about programming.
    pub code: bool,
    /// Holds program text itself: a code fence, or syntax that prose does not have.
    pub code_text: bool,
    /// Holds formulas or asks for calculation.
    pub math: bool,
    /// A calculation and nothing else, such as `what is 2+2`.
    pub bare_arithmetic: bool,
    /// A story that ends with a question for a quantity.
    pub word_problem: bool,
    /// Asks for several things: parts in sequence or several questions.
    pub multi_part: bool,
    /// Asks to compare.
    pub comparison: bool,
    /// Sets conditions that the answer must keep.
    pub constraints: bool,
    /// Asks for invention: a story, a poem, a name.
    pub creative: bool,
    /// Asks for a name, a date, a place or a single word.
    pub lookup: bool,
    /// Asks for something of one's own: a suggestion, advice, a list, another wording.
    pub production: bool,
    /// Holds a negation.
    pub negation: bool,
    /// Asks for a proof or derivation.
    pub proof: bool,
    /// Asks to sort the input into one of named classes.
    pub classification: bool,
    /// Asks to take something out of a given text.
    pub extraction: bool,
    /// Lists options to choose from.
    pub multiple_choice: bool,
    /// Asks to translate.
    pub translation: bool,
    /// Asks to summarise.
    pub summary: bool,
    /// Asks for step-by-step reasoning.
    pub reasoning: bool,
    /// Speaks of what only the present can tell: now, today, the latest.
    pub recency: bool,
}
