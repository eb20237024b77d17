//! The visitor that gathers an analysis while a draft is scanned.

use cascade_core::query::{LexiconMatcher, QueryAnalysis, TextVisitor};

use super::arithmetic::EquationReader;
use super::cues::{self, CUES};
use super::overlap::QueryOverlap;
use super::repeats::RepeatCounter;
use super::{DraftAnalysis, Ending, Equations};
use crate::answer::{Markers, extract};

/// Words that may stand between "answer" and "is".
const ANSWER_REACH: usize = 8;

pub(super) struct DraftAnalyser<'t> {
    text: &'t str,
    matcher: LexiconMatcher<'static>,
    repeats: RepeatCounter,
    overlap: QueryOverlap,
    equations: EquationReader,
    markers: Markers,
    found: DraftAnalysis,
    sentence_open: bool,
    sentence_words: usize,
    sentence_hedges: bool,
    line_open: bool,
    /// A number stands at the start of the line and ends here.
    item_number_end: usize,
    line_bars: usize,
    /// Words since "answer"; `None` when it is not near.
    since_answer: Option<usize>,
    depths: [i32; 3],
    last_symbol: (usize, char),
    same_symbols: usize,
    hash_signs: usize,
    letters: usize,
    non_ascii: usize,
}

impl<'t> DraftAnalyser<'t> {
    pub(super) fn new(query: &QueryAnalysis, text: &'t str) -> Self {
        Self {
            text,
            matcher: LexiconMatcher::new(&CUES),
            repeats: RepeatCounter::new(),
            overlap: QueryOverlap::new(query),
            equations: EquationReader::default(),
            markers: Markers::default(),
            found: DraftAnalysis {
                length: 0,
                char_count: 0,
                word_count: 0,
                sentence_count: 0,
                line_count: 0,
                list_items: 0,
                table_rows: 0,
                commas: 0,
                number_count: 0,
                operators: 0,
                parentheses: 0,
                unbalanced: 0,
                backslashes: 0,
                code_marks: 0,
                code_fences: 0,
                starts_json: false,
                json_span: None,
                question_marks: 0,
                hedges: 0,
                hedged_sentences: 0,
                refusal_at: None,
                ignorance_at: None,
                asks_back_at: None,
                error_at: None,
                approximations: 0,
                corrections: 0,
                vague_words: 0,
                examples: 0,
                claims: 0,
                conclusions: 0,
                proper_nouns: 0,
                yes_or_no_words: 0,
                number_words: 0,
                last_word_dangles: false,
                repeated_share: 0.0,
                longest_run: 0,
                longest_word: 0,
                query_words: 0,
                query_coverage: None,
                number_coverage: None,
                fresh_share: None,
                content_words: 0,
                non_ascii_ratio: 0.0,
                equations: Equations::default(),
                answer: None,
                last_number: None,
                ending: Ending::Nothing,
            },
            sentence_open: false,
            sentence_words: 0,
            sentence_hedges: false,
            line_open: false,
            item_number_end: usize::MAX,
            line_bars: 0,
            since_answer: None,
            depths: [0; 3],
            last_symbol: (usize::MAX, '\0'),
            same_symbols: 0,
            hash_signs: 0,
            letters: 0,
            non_ascii: 0,
        }
    }

    fn open_line(&mut self) -> bool {
        let first = !self.line_open;
        if first {
            self.line_open = true;
            self.found.line_count += 1;
        }
        first
    }

    fn open_sentence(&mut self) {
        if !self.sentence_open {
            self.sentence_open = true;
            self.found.sentence_count += 1;
        }
        self.sentence_words += 1;
    }

    fn end_sentence(&mut self) {
        self.sentence_open = false;
        self.sentence_words = 0;
        if std::mem::take(&mut self.sentence_hedges) {
            self.found.hedged_sentences += 1;
        }
        self.since_answer = None;
        self.matcher.sentence_end();
    }

    fn end_line(&mut self) {
        if self.line_bars >= 2 {
            self.found.table_rows += 1;
        }
        self.line_bars = 0;
        self.line_open = false;
        self.item_number_end = usize::MAX;
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(b'\n')
    }

    fn note_classes(&mut self, classes: u64, phrase_words: usize) {
        let found = &mut self.found;
        let count = |class: u64| usize::from(classes & class != 0);
        if classes & cues::HEDGE != 0 {
            found.hedges += 1;
            self.sentence_hedges = true;
        }
        let begins = found.word_count.saturating_sub(phrase_words);
        let note = |class: u64, place: &mut Option<usize>| {
            if classes & class != 0 && place.is_none() {
                *place = Some(begins);
            }
        };
        note(cues::REFUSAL, &mut found.refusal_at);
        note(cues::IGNORANCE, &mut found.ignorance_at);
        note(cues::ASKS_BACK, &mut found.asks_back_at);
        note(cues::ERROR_TEXT, &mut found.error_at);
        found.approximations += count(cues::APPROXIMATION);
        found.corrections += count(cues::CORRECTION);
        found.vague_words += count(cues::VAGUE);
        found.examples += count(cues::EXAMPLE);
        found.claims += count(cues::CLAIM);
        found.conclusions += count(cues::CONCLUSION);
        found.yes_or_no_words += count(cues::AFFIRMATION | cues::DENIAL);
        found.number_words += count(cues::NUMBER_WORD);
    }

    fn note_answer_word(&mut self, start: usize, end: usize, classes: u64) {
        if classes & cues::ANSWER_WORD != 0 {
            let quoted = start > 0 && self.byte(start - 1) == b'"' && self.byte(end) == b'"';
            if quoted {
                self.markers.json_field = Some(end);
            } else {
                self.since_answer = Some(0);
            }
            return;
        }
        if classes & cues::BOXED != 0 && start > 0 && self.byte(start - 1) == b'\\' {
            self.markers.boxed = Some(end);
        }
        let Some(since) = &mut self.since_answer else { return };
        *since += 1;
        if classes & cues::IS_WORD != 0 {
            self.markers.phrase = Some(end);
            self.since_answer = None;
        } else if *since > ANSWER_REACH {
            self.since_answer = None;
        }
    }

    fn operator(&mut self, operator: u8) {
        self.found.operators += 1;
        self.equations.operator(operator);
    }

    fn bracket(&mut self, at: usize, symbol: char) {
        let (kind, step) = match symbol {
            '(' => (0, 1),
            ')' => (0, -1),
            '[' => (1, 1),
            ']' => (1, -1),
            '{' => (2, 1),
            _ => (2, -1),
        };
        self.depths[kind] += step;
        if step < 0 && self.depths[kind] < 0 {
            // Closed but never opened: "a)" as a label, or a cut beginning.
            self.depths[kind] = 0;
            self.found.unbalanced += 1;
        }
        if symbol == '(' {
            self.found.parentheses += 1;
        }
        if kind > 0 {
            if step > 0 && self.found.json_span.is_none() {
                self.found.json_span = Some((at, at));
                self.found.starts_json = self.found.word_count == 0 && at < 16;
            } else if let Some((_, end)) = &mut self.found.json_span
                && step < 0
            {
                *end = at + 1;
            }
        }
        self.equations.doubt();
    }

    /// Marks at the start of a line, and runs of one mark.
    fn line_marks(&mut self, at: usize, symbol: char, first: bool) {
        let spaced = matches!(self.byte(at + symbol.len_utf8()), b' ' | b'\t');
        let item = match symbol {
            '-' | '*' | '•' | '+' | '–' => first && spaced,
            '.' | ')' => self.item_number_end == at && spaced,
            _ => false,
        };
        if item {
            self.found.list_items += 1;
            self.sentence_open = false;
            self.sentence_words = 0;
        }
        self.item_number_end = usize::MAX;
        let runs = self.last_symbol == (at, symbol);
        self.same_symbols = if runs { self.same_symbols + 1 } else { 1 };
        match (symbol, self.same_symbols) {
            ('`', 3) => self.found.code_fences += 1,
            ('#', 4) => self.hash_signs = at + 1,
            ('=' | '&' | ':', 2) => self.found.code_marks += 1,
            _ => {}
        }
        if self.hash_signs == at + 1 {
            self.markers.hashes = Some(at + 1);
        }
        self.last_symbol = (at + symbol.len_utf8(), symbol);
    }

    pub(super) fn finish(mut self) -> DraftAnalysis {
        self.end_sentence();
        self.end_line();
        let trimmed = self.text.trim();
        let mut found = self.found;
        found.char_count = if trimmed.is_ascii() { trimmed.len() } else { trimmed.chars().count() };
        if let Some(left) =
            self.depths.iter().map(|depth| depth.unsigned_abs() as usize).reduce(|a, b| a + b)
        {
            found.unbalanced += left;
        }
        found.json_span = found.json_span.filter(|(start, end)| end > start);
        found.repeated_share = self.repeats.share();
        found.longest_run = self.repeats.longest_run();
        found.query_words = self.overlap.query_words();
        found.query_coverage = self.overlap.coverage();
        found.number_coverage = self.overlap.number_coverage();
        found.fresh_share = self.overlap.fresh_share();
        found.content_words = self.overlap.content_words();
        if self.letters > 0 {
            found.non_ascii_ratio = self.non_ascii as f64 / self.letters as f64;
        }
        found.equations = self.equations.finish();
        found.answer = extract(self.text, &self.markers);
        found
    }
}

/// Ideographs and kana, each of which counts as a word.
const fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{2fa1f}')
}

impl TextVisitor for DraftAnalyser<'_> {
    fn word(&mut self, start: usize, end: usize, hash: u64) {
        self.open_line();
        self.open_sentence();
        let length = end - start;
        let bytes = self.text.as_bytes().get(start..end).unwrap_or_default();
        self.found.length += length;
        self.found.longest_word = self.found.longest_word.max(length);
        self.letters += length;
        if bytes.is_ascii() {
            self.found.word_count += 1;
        } else {
            let word = self.text.get(start..end).unwrap_or_default();
            let ideographs = word.chars().filter(|c| is_ideograph(*c)).count();
            self.found.word_count += ideographs.max(1);
            self.non_ascii += bytes.iter().filter(|byte| !byte.is_ascii()).count();
        }
        let capital = bytes.first().is_some_and(u8::is_ascii_uppercase);
        if capital && length > 1 && self.sentence_words > 1 {
            self.found.proper_nouns += 1;
        }

        let matches = self.matcher.word(hash);
        let classes = matches.all();
        if classes & !cues::FUNCTION_WORD != 0 {
            self.note_classes(classes, matches.phrase_words);
        }
        if classes & (cues::ANSWER_WORD | cues::BOXED) != 0 || self.since_answer.is_some() {
            self.note_answer_word(start, end, classes);
        }
        self.found.last_word_dangles = matches.word & cues::DANGLING != 0;
        if matches.word & cues::FUNCTION_WORD == 0 && length > 1 {
            self.overlap.word(bytes);
        }
        self.repeats.word(hash);
        self.equations.word(length, classes & cues::TIMES_WORD != 0);
        self.item_number_end = usize::MAX;
        self.found.ending = Ending::Word;
    }

    fn number(&mut self, start: usize, end: usize, value: f64) {
        if self.open_line() {
            self.item_number_end = end;
        }
        self.open_sentence();
        self.found.length += end - start;
        self.found.word_count += 1;
        self.found.number_count += 1;
        self.found.last_number = Some(value);
        let matches = self.matcher.number();
        if matches.phrase != 0 {
            self.note_classes(matches.phrase, matches.phrase_words);
        }
        self.overlap.number(value);
        self.repeats.word(value.to_bits());
        self.equations.number(value);
        if let Some(since) = &mut self.since_answer {
            *since += 1;
        }
        self.found.ending = Ending::Number;
    }

    fn symbol(&mut self, at: usize, symbol: char) {
        let first = self.open_line();
        self.found.length += symbol.len_utf8();
        self.line_marks(at, symbol, first);
        self.found.ending = match symbol {
            '.' | '!' | '。' | '！' | '।' | '…' => Ending::Sentence,
            '?' | '？' => Ending::Question,
            ',' | ';' | ':' | '(' | '[' | '{' | '+' | '-' | '=' | '/' | '<' | '&' | '\\' | '、' => {
                Ending::Open
            }
            _ => Ending::Closed,
        };
        match symbol {
            '?' | '？' | '؟' => {
                self.found.question_marks += 1;
                self.end_sentence();
                self.equations.end();
            }
            '.' | '!' | '。' | '！' | '।' => {
                self.end_sentence();
                self.equations.end();
            }
            ':' => {
                if self.since_answer.take().is_some() {
                    self.markers.phrase = Some(at + 1);
                }
                self.equations.end();
            }
            '=' => {
                if self.since_answer.take().is_some() {
                    self.markers.phrase = Some(at + 1);
                }
                self.found.operators += 1;
                self.equations.equals();
            }
            ',' | '，' | '、' => {
                self.found.commas += 1;
                self.equations.end();
            }
            '+' | '*' | '/' | '-' => self.operator(symbol as u8),
            '×' | '·' | '⋅' => self.operator(b'*'),
            '÷' => self.operator(b'/'),
            '−' => self.operator(b'-'),
            '<' | '>' | '≤' | '≥' | '≈' | '^' | '±' | '√' => {
                self.found.operators += 1;
                self.equations.doubt();
            }
            '%' | '!'..='#' => self.equations.doubt(),
            '(' | ')' | '[' | ']' | '{' | '}' => self.bracket(at, symbol),
            '\\' => self.found.backslashes += 1,
            '|' => self.line_bars += 1,
            _ => {}
        }
        if matches!(symbol, ';' | '}') {
            self.found.code_marks += 1;
            self.equations.end();
        }
    }

    fn line_break(&mut self, _: usize) {
        self.end_line();
        self.equations.end();
        // A list item or a heading ends without a mark.
        if self.sentence_words > 3 {
            self.end_sentence();
        }
    }
}
