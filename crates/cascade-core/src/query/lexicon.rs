//! Words and phrases by class, read from data files.

use super::scanner::{TextVisitor, scan};

/// Longest phrase, in words.
const LONGEST: usize = 6;

/// Words and phrases, each in one or more of up to 64 classes.
///
/// Parsed from text: a line `[name]` opens a class, every other line is a word or phrase of it,
/// `#` starts a comment. The classes are numbered by their place in the list given to
/// [`Self::parse`]. Words are compared by [`super::word_hash`], without regard to case.
#[derive(Debug, Clone)]
pub struct Lexicon {
    /// Hash of an entry's last word; 0 marks a free place. A power of two long.
    keys: Box<[u64]>,
    /// For each key: the classes of the word alone, and where its phrases lie.
    entries: Box<[Entry]>,
    phrases: Box<[Phrase]>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    classes: u64,
    first_phrase: u32,
    phrase_count: u32,
}

#[derive(Debug, Clone, Copy)]
struct Phrase {
    /// Hashes of the words before the last one, nearest first.
    before: [u64; LONGEST - 1],
    length: usize,
    classes: u64,
}

/// What ends at one word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Matches {
    /// Classes of the word itself.
    pub word: u64,
    /// Classes of the phrases that end with it.
    pub phrase: u64,
    /// Words of the longest such phrase; 0 without one.
    pub phrase_words: usize,
}

impl Matches {
    /// Classes of the word and its phrases together.
    pub const fn all(self) -> u64 {
        self.word | self.phrase
    }
}

#[derive(Default)]
struct Words {
    hashes: Vec<u64>,
}

impl TextVisitor for Words {
    fn word(&mut self, _: usize, _: usize, hash: u64) {
        self.hashes.push(hash);
    }

    fn number(&mut self, _: usize, _: usize, _: f64) {
        self.hashes.push(NUMBER);
    }
}

/// Stands for any number in a phrase.
const NUMBER: u64 = 0x6e75_6d62_6572;

impl Lexicon {
    /// Parses `text` with `classes` in the order of their bits. Lines under an unknown class are
    /// left out; [`Self::unknown_classes`] lists them for a test.
    pub fn parse(text: &str, classes: &[&str]) -> Self {
        let mut words: Vec<(u64, u64)> = Vec::new();
        let mut phrases: Vec<(u64, Phrase)> = Vec::new();
        let mut class = None;
        for line in content_lines(text) {
            if let Some(name) = class_name(line) {
                class = classes.iter().position(|known| *known == name);
                continue;
            }
            let Some(bit) = class.map(|index| 1_u64 << (index & 63)) else { continue };
            let mut found = Words::default();
            scan(line, &mut found);
            let Some((&last, before)) = found.hashes.split_last() else { continue };
            if before.is_empty() {
                words.push((last, bit));
            } else if before.len() < LONGEST {
                let mut hashes = [0; LONGEST - 1];
                for (place, hash) in hashes.iter_mut().zip(before.iter().rev()) {
                    *place = *hash;
                }
                phrases.push((
                    last,
                    Phrase { before: hashes, length: before.len() + 1, classes: bit },
                ));
            }
        }
        Self::assemble(&words, phrases)
    }

    fn assemble(words: &[(u64, u64)], mut phrases: Vec<(u64, Phrase)>) -> Self {
        phrases.sort_by_key(|(last, phrase)| (*last, std::cmp::Reverse(phrase.length)));
        let size = ((words.len() + phrases.len()) * 4).next_power_of_two().max(16);
        let mut lexicon = Self {
            keys: vec![0; size].into(),
            entries: vec![Entry::default(); size].into(),
            phrases: Box::default(),
        };
        for (hash, bit) in words {
            let place = lexicon.place(*hash);
            lexicon.keys[place] = *hash;
            lexicon.entries[place].classes |= bit;
        }
        for (index, (last, _)) in phrases.iter().enumerate() {
            let place = lexicon.place(*last);
            lexicon.keys[place] = *last;
            let entry = &mut lexicon.entries[place];
            if entry.phrase_count == 0 {
                entry.first_phrase = u32::try_from(index).unwrap_or(u32::MAX);
            }
            entry.phrase_count += 1;
        }
        lexicon.phrases = phrases.into_iter().map(|(_, phrase)| phrase).collect();
        lexicon
    }

    /// Names of classes in `text` that `classes` lacks.
    pub fn unknown_classes<'t>(text: &'t str, classes: &[&str]) -> Vec<&'t str> {
        content_lines(text).filter_map(class_name).filter(|name| !classes.contains(name)).collect()
    }

    /// Where `hash` stands, or would stand.
    #[expect(clippy::cast_possible_truncation, reason = "the hash is masked to the table's size")]
    fn place(&self, hash: u64) -> usize {
        let mask = self.keys.len() - 1;
        let mut place = hash as usize & mask;
        while self.keys[place] != 0 && self.keys[place] != hash {
            place = (place + 1) & mask;
        }
        place
    }

    /// Classes of a single word; 0 when it is not listed.
    pub fn classes(&self, hash: u64) -> u64 {
        self.entries[self.place(hash)].classes
    }
}

fn content_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|line| !line.is_empty())
}

fn class_name(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.strip_suffix(']')
}

/// Matches words and phrases of a [`Lexicon`] as a scan goes on.
#[derive(Debug, Clone)]
pub struct LexiconMatcher<'l> {
    lexicon: &'l Lexicon,
    recent: [u64; 8],
    count: usize,
}

impl<'l> LexiconMatcher<'l> {
    /// A matcher at the start of a text.
    pub const fn new(lexicon: &'l Lexicon) -> Self {
        Self { lexicon, recent: [0; 8], count: 0 }
    }

    /// Takes the next word and says what ends with it.
    pub fn word(&mut self, hash: u64) -> Matches {
        let entry = self.lexicon.entries[self.lexicon.place(hash)];
        let mut matches = Matches { word: entry.classes, ..Matches::default() };
        if entry.phrase_count > 0 {
            let first = entry.first_phrase as usize;
            let phrases = self.lexicon.phrases.get(first..first + entry.phrase_count as usize);
            for phrase in phrases.unwrap_or_default() {
                if self.ends_with(phrase) {
                    matches.phrase |= phrase.classes;
                    matches.phrase_words = matches.phrase_words.max(phrase.length);
                }
            }
        }
        self.push(hash);
        matches
    }

    /// Takes the next number, for which any digit in a phrase stands, and says what ends with it.
    pub fn number(&mut self) -> Matches {
        self.word(NUMBER)
    }

    /// Ends a sentence: no phrase reaches across it.
    pub fn sentence_end(&mut self) {
        self.push(0);
    }

    const fn push(&mut self, hash: u64) {
        self.recent[self.count & 7] = hash;
        self.count += 1;
    }

    fn ends_with(&self, phrase: &Phrase) -> bool {
        let before = phrase.length - 1;
        before <= self.count
            && (0..before).all(|n| self.recent[(self.count - 1 - n) & 7] == phrase.before[n])
    }
}
