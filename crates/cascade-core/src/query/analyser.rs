//! The visitor that gathers an analysis while the text is scanned.

use super::cues::{self, CUES};
use super::lexicon::LexiconMatcher;
use super::scanner::TextVisitor;
use super::tokens::TokenCounter;
use super::{
    NumberSpan, QueryAnalysis, QueryForm, QueryWord, RequestedFormat, Signals, TechnicalField,
    TechnicalTerm,
};
use crate::types::Complexity;

/// Words up to which a question for a name asks for nothing else.
const LOOKUP_WORDS: usize = 14;

/// What the complexity of a query is judged by, beside its analysis.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Evidence {
    /// Classes met anywhere; instructions only where they instruct.
    pub(super) classes: u64,
    pub(super) proofs: u32,
    pub(super) hard: u32,
    pub(super) analysis: u32,
    pub(super) expert: u32,
    pub(super) sequence: u32,
    /// Whether every word belongs to a greeting.
    pub(super) only_greeting: bool,
    /// Words of plain greetings, such as `hello` and `thank you`.
    pub(super) plain_greeting_words: usize,
}

impl Evidence {
    pub(super) const fn has(&self, class: u64) -> bool {
        self.classes & class != 0
    }
}

pub(super) struct Analyser<'t> {
    text: &'t str,
    matcher: LexiconMatcher<'static>,
    tokens: TokenCounter,
    analysis: QueryAnalysis,
    evidence: Evidence,
    word_total: usize,
    greeting_words: usize,
    first_classes: u64,
    previous_classes: u64,
    sentence_open: bool,
    line_open: bool,
    /// Words of the sentence so far.
    sentence_words: usize,
    /// Byte after the last character that was not white space.
    last_solid: usize,
    /// Operands and operators so far if the text is one calculation; `None` once it is not.
    arithmetic: Option<(u32, u32)>,
    /// Number of options listed so far, A, B, C, ….
    options: u8,
    /// Letter word that opens an option if `.`, `)` or `:` follows it, and where it ends.
    pending_option: Option<(u8, usize)>,
    fences: u32,
    backticks: u32,
    code_marks: u32,
    non_ascii: usize,
    last_symbol: (usize, char),
}

impl<'t> Analyser<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let guess = (text.len() / 5 + 4).min(QueryAnalysis::MAX_WORDS);
        Self {
            text,
            matcher: LexiconMatcher::new(&CUES),
            tokens: TokenCounter::default(),
            analysis: QueryAnalysis {
                text: String::new(),
                word_count: 0,
                estimated_tokens: 0,
                complexity: Complexity::Simple,
                complexity_confidence: 0.0,
                form: QueryForm::Empty,
                requested_format: None,
                signals: Signals::default(),
                words: Vec::with_capacity(guess),
                numbers: Vec::new(),
                terms: Vec::new(),
                char_count: 0,
                sentence_count: 0,
                line_count: 0,
                question_marks: 0,
                question_words: 0,
                operators: 0,
                backslashes: 0,
                brackets: 0,
                non_ascii_ratio: 0.0,
            },
            evidence: Evidence::default(),
            word_total: 0,
            greeting_words: 0,
            first_classes: 0,
            previous_classes: 0,
            sentence_open: false,
            line_open: false,
            sentence_words: 0,
            last_solid: usize::MAX,
            arithmetic: Some((0, 0)),
            options: 0,
            pending_option: None,
            fences: 0,
            backticks: 0,
            code_marks: 0,
            non_ascii: 0,
            last_symbol: (usize::MAX, '\0'),
        }
    }

    /// Counts a stretch of text that is not white space.
    fn solid(&mut self, start: usize, end: usize) {
        if self.last_solid != start {
            self.analysis.word_count += 1;
        }
        self.last_solid = end;
        if !self.line_open {
            self.line_open = true;
            self.analysis.line_count += 1;
        }
    }

    fn open_sentence(&mut self) {
        if !self.sentence_open {
            self.sentence_open = true;
            self.analysis.sentence_count += 1;
        }
        self.sentence_words += 1;
    }

    fn end_sentence(&mut self) {
        self.sentence_open = false;
        self.sentence_words = 0;
        self.previous_classes = 0;
        self.matcher.sentence_end();
    }

    fn note_evidence(&mut self, word: u64, phrase: u64) {
        let instructs = self.sentence_words <= 1 || self.previous_classes & cues::LEAD_IN != 0;
        let word = if instructs { word } else { word & !cues::WHERE_INSTRUCTING };
        let classes = word | phrase;
        let evidence = &mut self.evidence;
        evidence.classes |= classes;
        let count = |class: u64| u32::from(classes & class != 0);
        evidence.proofs += count(cues::PROOF);
        evidence.hard += count(cues::HARD_VERB | cues::HARD_CUE);
        evidence.analysis += count(cues::ANALYSIS_VERB | cues::ANALYSIS_TOPIC);
        evidence.expert += count(cues::EXPERT_CUE);
        evidence.sequence += count(cues::SEQUENCE);
    }

    fn note_term(&mut self, start: usize, end: usize, classes: u64) {
        let (start, end) = (offset(start), offset(end));
        // A longer term swallows the shorter one it begins or continues.
        self.analysis.terms.pop_if(|last| last.end > start);
        let field = cues::FIELDS.into_iter().zip(TechnicalField::ALL);
        let field = field.into_iter().find(|(class, _)| classes & class != 0);
        let Some((_, field)) = field else { return };
        if self.analysis.terms.len() < QueryAnalysis::MAX_TERMS {
            self.analysis.terms.push(TechnicalTerm { start, end, field });
        }
    }

    /// The start of the word `back` words before the one just pushed.
    fn start_of(&self, back: usize, otherwise: usize) -> usize {
        let words = &self.analysis.words;
        let index = words.len().checked_sub(back + 1);
        index.and_then(|index| words.get(index)).map_or(otherwise, |word| word.start as usize)
    }

    fn note_operator(&mut self) {
        self.analysis.operators += 1;
        if let Some((_, operators)) = &mut self.arithmetic {
            *operators += 1;
        }
    }

    pub(super) fn finish(mut self) -> (QueryAnalysis, Evidence) {
        self.evidence.only_greeting =
            self.word_total > 0 && self.greeting_words == self.word_total && self.word_total <= 6;
        self.analysis.estimated_tokens = self.tokens.total();
        let characters = self.analysis.char_count;
        if characters > 0 {
            self.analysis.non_ascii_ratio = self.non_ascii as f64 / characters as f64;
        }
        self.analysis.signals = self.signals();
        self.analysis.form = self.form();
        self.analysis.requested_format = self.requested_format();
        (self.analysis, self.evidence)
    }

    fn signals(&self) -> Signals {
        let has = |class: u64| self.evidence.has(class);
        let analysis = &self.analysis;
        let code_text = self.fences > 0 || self.code_marks >= 2;
        let numbers = analysis.numbers.len();
        let bare_arithmetic = self.arithmetic.is_some_and(|(operands, operators)| {
            operands >= 2 && operators >= 1 && operators <= operands
        });
        let multiple_choice = self.options >= 3 || (self.options >= 2 && has(cues::ASK_CHOICE));
        Signals {
            code: code_text || has(cues::CODE_CUE | cues::ASK_CODE),
            code_text,
            math: bare_arithmetic
                || has(cues::MATH_CUE)
                || analysis.backslashes >= 2
                || (analysis.operators >= 2 && numbers >= 2),
            bare_arithmetic,
            word_problem: numbers >= 2
                && analysis.word_count >= 12
                && has(cues::QUANTITY)
                && !multiple_choice,
            multi_part: analysis.question_marks >= 2 || self.evidence.sequence >= 2,
            comparison: has(cues::COMPARISON),
            constraints: has(cues::CONSTRAINT),
            creative: has(cues::CREATIVE),
            lookup: analysis.word_count <= LOOKUP_WORDS && has(cues::LOOKUP | cues::NAMING),
            production: has(cues::PRODUCTION),
            negation: has(cues::NEGATION),
            proof: has(cues::PROOF),
            classification: has(cues::CLASSIFICATION),
            extraction: has(cues::EXTRACTION),
            multiple_choice,
            translation: has(cues::TRANSLATION),
            summary: has(cues::SUMMARY),
            reasoning: has(cues::REASONING),
            recency: has(cues::RECENCY),
        }
    }

    fn form(&self) -> QueryForm {
        if self.analysis.word_count == 0 {
            return QueryForm::Empty;
        }
        if self.evidence.only_greeting && self.evidence.has(cues::GREETING) {
            return QueryForm::Greeting;
        }
        if self.evidence.has(cues::CONVERSATION) && self.word_total <= 8 {
            return QueryForm::Conversation;
        }
        if self.analysis.question_marks > 0
            || self.first_classes & (cues::QUESTION_WORD | cues::AUXILIARY) != 0
        {
            return QueryForm::Question;
        }
        if self.first_classes & cues::COMMAND != 0
            || self.evidence.has(cues::INSTRUCTIONS | cues::ASK_CODE | cues::ASK_LIST)
        {
            return QueryForm::Command;
        }
        QueryForm::Statement
    }

    fn requested_format(&self) -> Option<RequestedFormat> {
        let has = |class: u64| self.evidence.has(class);
        let signals = &self.analysis.signals;
        if has(cues::ASK_JSON) {
            Some(RequestedFormat::Json)
        } else if signals.multiple_choice {
            Some(RequestedFormat::Choice)
        } else if has(cues::ASK_SINGLE_WORD) {
            Some(RequestedFormat::SingleWord)
        } else if has(cues::ASK_YES_NO) {
            Some(RequestedFormat::YesNo)
        } else if has(cues::ASK_NUMBER) || signals.bare_arithmetic || signals.word_problem {
            Some(RequestedFormat::Number)
        } else if has(cues::ASK_TABLE) {
            Some(RequestedFormat::Table)
        } else if has(cues::ASK_CODE) {
            Some(RequestedFormat::Code)
        } else if has(cues::ASK_LIST) {
            Some(RequestedFormat::List)
        } else {
            None
        }
    }
}

/// A byte offset as stored; texts beyond 4 GiB are cut there.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl TextVisitor for Analyser<'_> {
    fn word(&mut self, start: usize, end: usize, hash: u64) {
        self.solid(start, end);
        self.open_sentence();
        self.tokens.word(self.text, start, end);
        let bytes = self.text.as_bytes().get(start..end).unwrap_or_default();
        if bytes.is_ascii() {
            self.analysis.char_count += end - start;
        } else {
            let characters = self.text.get(start..end).map_or(0, |word| word.chars().count());
            let ascii = bytes.iter().filter(|byte| byte.is_ascii()).count();
            self.analysis.char_count += characters;
            self.non_ascii += characters - ascii;
        }

        let matches = self.matcher.word(hash);
        let content = matches.word & cues::FUNCTION_WORD == 0 && end - start > 1;
        if self.analysis.words.len() < QueryAnalysis::MAX_WORDS {
            self.analysis.words.push(QueryWord {
                start: offset(start),
                end: offset(end),
                hash,
                content,
            });
        }
        self.word_total += 1;
        if matches.word & (cues::GREETING | cues::GREETING_FILLER) != 0 {
            self.greeting_words += 1;
        }
        if matches.all() & cues::PLAIN_GREETING != 0 {
            self.evidence.plain_greeting_words += matches.phrase_words.max(1);
        }
        if self.word_total == 1 {
            self.first_classes = matches.word;
        } else if self.word_total == 2 && self.first_classes & cues::LEAD_IN != 0 {
            // "please write …" is as much a command as "write …"
            self.first_classes |= matches.word & cues::COMMAND;
        }
        if matches.word & cues::QUESTION_WORD != 0 {
            self.analysis.question_words += 1;
        } else if matches.word & cues::AUXILIARY == 0 {
            self.arithmetic = None;
        }
        if matches.all() != 0 {
            self.note_evidence(matches.word, matches.phrase);
            if matches.all() & cues::TERMS != 0 {
                let from = self.start_of(matches.phrase_words.saturating_sub(1), start);
                self.note_term(from, end, matches.all());
            }
        }
        self.previous_classes = matches.word;
        self.pending_option = match bytes {
            [letter @ b'A'..=b'J'] if letter - b'A' == self.options || *letter == b'A' => {
                Some((letter - b'A', end))
            }
            _ => None,
        };
    }

    fn number(&mut self, start: usize, end: usize, value: f64) {
        self.solid(start, end);
        self.open_sentence();
        self.tokens.number(start, end);
        self.analysis.char_count += end - start;
        let matches = self.matcher.number();
        if matches.phrase != 0 {
            self.note_evidence(0, matches.phrase);
        }
        self.previous_classes = 0;
        if let Some((operands, _)) = &mut self.arithmetic {
            *operands += 1;
        }
        if self.analysis.numbers.len() < QueryAnalysis::MAX_NUMBERS {
            let (start, end) = (offset(start), offset(end));
            self.analysis.numbers.push(NumberSpan { start, end, value });
        }
    }

    fn symbol(&mut self, at: usize, symbol: char) {
        let end = at + symbol.len_utf8();
        self.solid(at, end);
        self.tokens.symbol(at, symbol);
        self.analysis.char_count += 1;
        if !symbol.is_ascii() {
            self.non_ascii += 1;
        }
        let previous = std::mem::replace(&mut self.last_symbol, (end, symbol));
        let doubled = previous == (at, symbol);
        match symbol {
            '?' | '？' | '؟' | '¿' | '⸮' => {
                if symbol != '¿' {
                    self.analysis.question_marks += 1;
                }
                self.end_sentence();
            }
            '.' | ')' | ':' if self.pending_option.is_some_and(|(_, close)| close == at) => {
                if let Some((index, _)) = self.pending_option.take() {
                    self.options = index + 1;
                }
                self.end_sentence();
            }
            '.' | '!' | '。' | '！' | '।' => self.end_sentence(),
            ':' | '\u{2014}' => {
                self.previous_classes = cues::LEAD_IN;
                self.matcher.sentence_end();
            }
            ',' | '，' | '、' => self.previous_classes = cues::LEAD_IN,
            '+' | '*' | '/' | '^' | '=' | '<' | '>' | '×' | '÷' | '−' | '≤' | '≥' | '≈' | '±' =>
            {
                self.note_operator();
                if doubled && matches!(symbol, '=' | '/') {
                    self.code_marks += 1;
                }
                if symbol == '>' && matches!(previous.1, '=' | '-') && previous.0 == at {
                    self.code_marks += 1;
                }
            }
            '-' if self.previous_classes == 0 => self.note_operator(),
            '(' | '[' | '{' => self.analysis.brackets += 1,
            '}' | ';' => self.code_marks += 1,
            '∫' | '∑' | '√' | '∞' | '∂' | '∇' | '∏' => self.analysis.backslashes += 2,
            '\\' => self.analysis.backslashes += 1,
            '`' => {
                self.backticks = if doubled { self.backticks + 1 } else { 1 };
                if self.backticks == 3 {
                    self.fences += 1;
                }
            }
            _ => {}
        }
        if symbol == ':' && previous.1 == ')' && previous.0 == at {
            self.code_marks += 2;
        }
    }

    fn space(&mut self, at: usize) {
        self.tokens.space(at);
        self.analysis.char_count += 1;
    }

    fn line_break(&mut self, at: usize) {
        self.tokens.line_break(at);
        self.analysis.char_count += 1;
        self.line_open = false;
        self.previous_classes = cues::LEAD_IN;
    }
}
