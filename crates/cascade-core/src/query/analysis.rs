//! What one pass over a query finds.

use serde::Serialize;

use super::analyser::Analyser;
use super::scanner::scan;
use super::{
    NumberSpan, QueryForm, QueryWord, RequestedFormat, Signals, TechnicalTerm, complexity,
};
use crate::types::Complexity;

/// What one pass over a query finds. Nothing downstream scans the text again.
///
/// Counts cover the whole text. Of words, numbers and terms the first
/// [`Self::MAX_WORDS`], [`Self::MAX_NUMBERS`] and [`Self::MAX_TERMS`] are kept, so that memory stays
/// bounded whatever the text; no real question is that long.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueryAnalysis {
    /// The query's text.
    pub text: String,
    /// Whitespace-separated words.
    pub word_count: usize,
    /// Estimated tokens; see [`super::estimate_tokens`].
    pub estimated_tokens: u64,
    /// Detected complexity.
    pub complexity: Complexity,
    /// Confidence in the complexity, in [0, 1].
    pub complexity_confidence: f64,
    /// What kind of utterance it is.
    pub form: QueryForm,
    /// Form asked of the answer; `None` when the wording asks for none.
    pub requested_format: Option<RequestedFormat>,
    /// Yes-or-no properties.
    pub signals: Signals,
    /// Words in order, as places in [`Self::text`]; left out when serialised.
    #[serde(skip)]
    pub words: Vec<QueryWord>,
    /// Numbers in order.
    pub numbers: Vec<NumberSpan>,
    /// Specialist terms in order.
    pub terms: Vec<TechnicalTerm>,
    /// Characters.
    pub char_count: usize,
    /// Sentences; at least 1 when there is any word.
    pub sentence_count: usize,
    /// Lines that hold anything.
    pub line_count: usize,
    /// Question marks of any script.
    pub question_marks: usize,
    /// Question words such as `what` and `how`.
    pub question_words: usize,
    /// Arithmetic and relation signs: `+ - * / = ^ < >` and their typographic forms.
    pub operators: usize,
    /// Backslashes, as formulas in LaTeX have them.
    pub backslashes: usize,
    /// Opening brackets of any kind.
    pub brackets: usize,
    /// Share of characters outside ASCII, in [0, 1].
    pub non_ascii_ratio: f64,
}

impl QueryAnalysis {
    /// Most words kept.
    pub const MAX_WORDS: usize = 16_384;
    /// Most numbers kept.
    pub const MAX_NUMBERS: usize = 4_096;
    /// Most specialist terms kept.
    pub const MAX_TERMS: usize = 256;

    /// Analyses `text` in one pass. Linear in its length; the same text gives the same analysis.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let mut analyser = Analyser::new(&text);
        scan(&text, &mut analyser);
        let (mut analysis, evidence) = analyser.finish();
        (analysis.complexity, analysis.complexity_confidence) =
            complexity::detect(&analysis, &evidence);
        analysis.text = text;
        analysis
    }

    /// The text of `word`.
    pub fn word_text(&self, word: &QueryWord) -> &str {
        self.text.get(word.start as usize..word.end as usize).unwrap_or_default()
    }

    /// Words that carry content, in order.
    pub fn content_words(&self) -> impl Iterator<Item = &QueryWord> {
        self.words.iter().filter(|word| word.content)
    }

    /// Whether the answer is expected to end in one value: a number, a letter, a JSON answer field.
    pub const fn expects_value(&self) -> bool {
        let signals = self.signals;
        signals.multiple_choice
            || signals.word_problem
            || signals.bare_arithmetic
            || matches!(self.requested_format, Some(RequestedFormat::Number))
    }
}
