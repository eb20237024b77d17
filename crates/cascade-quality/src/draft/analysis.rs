//! What one pass over a draft finds.

use cascade_core::query::{QueryAnalysis, scan};
use serde::Serialize;

use super::Equations;
use super::analyser::DraftAnalyser;
use crate::answer::Answer;

/// How a text ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// There is no text.
    #[default]
    Nothing,
    /// With a sentence mark.
    Sentence,
    /// With a question mark.
    Question,
    /// With a closing bracket, quotation mark or code fence.
    Closed,
    /// With a number.
    Number,
    /// With a word and no mark after it.
    Word,
    /// With a comma, an opening bracket, an operator or another mark that wants more.
    Open,
}

/// What one pass over a draft finds; every check and the acceptance score read it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DraftAnalysis {
    /// Characters that are not white space, in bytes of UTF-8.
    pub length: usize,
    /// Characters without leading and trailing white space.
    pub char_count: usize,
    /// Words and numbers; each ideograph counts as one.
    pub word_count: usize,
    /// Sentences.
    pub sentence_count: usize,
    /// Lines that hold anything.
    pub line_count: usize,
    /// Lines that begin like an item of a list.
    pub list_items: usize,
    /// Lines that hold two vertical bars or more, as rows of a table do.
    pub table_rows: usize,
    /// Commas.
    pub commas: usize,
    /// Numbers.
    pub number_count: usize,
    /// Arithmetic and relation signs.
    pub operators: usize,
    /// Opening round brackets.
    pub parentheses: usize,
    /// Brackets of all kinds that are opened and not closed, or closed and not opened.
    pub unbalanced: usize,
    /// Backslashes, as formulas in LaTeX have them.
    pub backslashes: usize,
    /// Marks that programs have and prose does not.
    pub code_marks: usize,
    /// Code fences.
    pub code_fences: usize,
    /// Whether the first thing is a bracket that opens a JSON value.
    pub starts_json: bool,
    /// Bytes from the first opening to the last closing brace or bracket; `None` without.
    pub json_span: Option<(usize, usize)>,
    /// Question marks.
    pub question_marks: usize,
    /// Hedging words and phrases.
    pub hedges: usize,
    /// Sentences that hold one.
    pub hedged_sentences: usize,
    /// Words before the first refusal; `None` when it does not refuse.
    pub refusal_at: Option<usize>,
    /// Words before the first avowal of not knowing; `None` without.
    pub ignorance_at: Option<usize>,
    /// Words before the first request for clarification; `None` without.
    pub asks_back_at: Option<usize>,
    /// Words before the first text of a server's error; `None` without.
    pub error_at: Option<usize>,
    /// Words for approximation: `approximately`, `closest`.
    pub approximations: usize,
    /// Words of self-correction: `wait`, `mistake`, `none of the`.
    pub corrections: usize,
    /// Words that say little: `things`, `various`.
    pub vague_words: usize,
    /// Phrases that lead in examples.
    pub examples: usize,
    /// Appeals to unnamed authority.
    pub claims: usize,
    /// Words that draw a conclusion.
    pub conclusions: usize,
    /// Capitalised words that do not begin a sentence.
    pub proper_nouns: usize,
    /// Words that affirm or deny: `yes`, `no`, `true`.
    pub yes_or_no_words: usize,
    /// Numbers in words: `four`, `half`.
    pub number_words: usize,
    /// Whether the last word wants another after it: `the`, `into`, `because`.
    pub last_word_dangles: bool,
    /// Share of the four-word sequences that repeat an earlier one, in [0, 1].
    pub repeated_share: f64,
    /// Most equal words in a row.
    pub longest_run: usize,
    /// Bytes of the longest word.
    pub longest_word: usize,
    /// Distinct content words of the query.
    pub query_words: usize,
    /// Share of the query's content words that the draft uses; `None` when it has none.
    pub query_coverage: Option<f64>,
    /// Share of the query's numbers that the draft uses; `None` when it has none.
    pub number_coverage: Option<f64>,
    /// Share of the draft's content words that the query lacks; `None` without content words.
    pub fresh_share: Option<f64>,
    /// Content words of the draft.
    pub content_words: usize,
    /// Share of the letters outside ASCII, in [0, 1].
    pub non_ascii_ratio: f64,
    /// Written-out arithmetic.
    pub equations: Equations,
    /// The final answer that the draft marks as such; `None` when it marks none.
    pub answer: Option<Answer>,
    /// The last number; `None` when there is none.
    pub last_number: Option<f64>,
    /// How it ends.
    pub ending: Ending,
}

impl DraftAnalysis {
    /// Reads `draft` once, as an answer to `query`. Linear in its length.
    pub fn new(query: &QueryAnalysis, draft: &str) -> Self {
        let mut analyser = DraftAnalyser::new(query, draft);
        scan(draft, &mut analyser);
        analyser.finish()
    }

    /// Share of the sentences that hedge, in [0, 1].
    pub fn hedging_ratio(&self) -> f64 {
        self.hedged_sentences as f64 / self.sentence_count.max(1) as f64
    }

    /// Share of the words that say little, in [0, 1].
    pub fn vague_ratio(&self) -> f64 {
        self.vague_words as f64 / self.word_count.max(1) as f64
    }

    /// How specific the text is, in [0, 1]: numbers, examples, names, formulas and programs raise
    /// it, words that say little lower it.
    pub fn specificity(&self) -> f64 {
        let words = self.word_count.max(1) as f64;
        let has = |yes: bool, worth: f64| if yes { worth } else { 0.0 };
        let names = (self.proper_nouns as f64 / words * 4.0).min(0.2);
        let raised = 0.3
            + has(self.number_count > 0, 0.2)
            + has(self.examples > 0, 0.15)
            + has(self.code_fences > 0 || self.operators >= 2 || self.backslashes > 0, 0.15)
            + names;
        (raised - 2.0 * self.vague_ratio()).clamp(0.0, 1.0)
    }

    /// Whether it holds program text.
    pub const fn has_code(&self) -> bool {
        self.code_fences > 0 || self.code_marks >= 2
    }
}
