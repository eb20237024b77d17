//! Estimate of the number of tokens of a text.

use super::scanner::{TextVisitor, scan};

/// Estimated tokens of `text` in the byte-pair vocabularies of current models, without calling a
/// tokeniser: a word of up to six letters is one token and longer ones one more for each further
/// five; numbers take one for three digits; runs of one symbol, line breaks and indentation one
/// each; ideographs one each; letters of other scripts one for every two or three.
/// Empty text has none.
pub fn estimate_tokens(text: &str) -> u64 {
    let mut counter = TokenCounter::default();
    let mut visitor = Estimate { text, counter: &mut counter };
    scan(text, &mut visitor);
    counter.total()
}

/// Adds up the estimate while a scan goes on.
#[derive(Debug, Clone, Default)]
pub(super) struct TokenCounter {
    /// In sixths of a token.
    sixths: u64,
    last_symbol: Option<(usize, char)>,
    last_space: Option<usize>,
}

impl TokenCounter {
    pub(super) fn word(&mut self, text: &str, start: usize, end: usize) {
        let length = end - start;
        let word = text.as_bytes().get(start..end).unwrap_or_default();
        if word.is_ascii() {
            self.sixths += 6;
            if length > 7 {
                // Common long words stay whole, rare ones fall into pieces of about four letters.
                self.sixths += (length as u64 - 7) * 9 / 10;
            }
            return;
        }
        let mut sixths = 0;
        for character in text.get(start..end).unwrap_or_default().chars() {
            sixths += match character {
                '\0'..='\u{7f}' => 1,
                '\u{80}'..='\u{24f}' | '\u{370}'..='\u{52f}' => 2,
                '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' => 5,
                '\u{530}'..='\u{6ff}' => 3,
                _ => 4,
            };
        }
        self.sixths += sixths.max(6);
    }

    pub(super) const fn number(&mut self, start: usize, end: usize) {
        self.sixths += (end - start).div_ceil(3) as u64 * 6;
    }

    pub(super) fn symbol(&mut self, at: usize, symbol: char) {
        let repeats = self.last_symbol.is_some_and(|(last, c)| last + c.len_utf8() == at);
        self.last_symbol = Some((at, symbol));
        self.sixths += match (symbol.is_ascii(), repeats) {
            (true, false) => 6,
            (true, true) => 2,
            (false, _) => 10,
        };
    }

    pub(super) fn line_break(&mut self, at: usize) {
        if self.last_space.replace(at).is_none_or(|last| last + 1 != at) {
            self.sixths += 6;
        }
    }

    pub(super) fn space(&mut self, at: usize) {
        // A single space belongs to the word after it; a run of them is a token.
        if self.last_space.replace(at).is_some_and(|last| last + 1 == at) {
            self.sixths += 1;
        }
    }

    pub(super) const fn total(&self) -> u64 {
        self.sixths.div_ceil(6)
    }
}

struct Estimate<'t, 'c> {
    text: &'t str,
    counter: &'c mut TokenCounter,
}

impl TextVisitor for Estimate<'_, '_> {
    fn word(&mut self, start: usize, end: usize, _: u64) {
        self.counter.word(self.text, start, end);
    }

    fn number(&mut self, start: usize, end: usize, _: f64) {
        self.counter.number(start, end);
    }

    fn symbol(&mut self, at: usize, symbol: char) {
        self.counter.symbol(at, symbol);
    }

    fn space(&mut self, at: usize) {
        self.counter.space(at);
    }

    fn line_break(&mut self, at: usize) {
        self.counter.line_break(at);
    }
}
