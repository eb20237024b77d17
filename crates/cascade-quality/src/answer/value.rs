use serde::Serialize;

/// What marks a piece of text as the final answer, in the order in which marks are trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerMark {
    /// A JSON field `"answer"`.
    JsonField,
    /// A line `#### …`.
    Hashes,
    /// LaTeX `\boxed{…}`.
    Boxed,
    /// `answer is …`, `answer: …`, `answer = …`.
    Phrase,
}

/// A final answer and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Answer {
    /// What marks it.
    pub mark: AnswerMark,
    /// First byte of the answer in the text.
    pub start: usize,
    /// Byte after its last.
    pub end: usize,
    /// Its value when it is a number, without currency, commas, percent and unit.
    pub number: Option<f64>,
    /// Its letter when it is one option.
    pub choice: Option<char>,
    /// Bytes of text after the answer.
    pub remaining: usize,
}

impl Answer {
    /// The answer as written.
    pub fn text<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}
