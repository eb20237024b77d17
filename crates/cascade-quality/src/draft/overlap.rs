//! How much of a query an answer takes up.

use cascade_core::query::QueryAnalysis;

/// Most content words of a query that are compared.
const MOST_WORDS: usize = 192;
/// Most numbers of a query that are compared.
const MOST_NUMBERS: usize = 64;
const PLACES: usize = 512;

/// The content words and numbers of a query, and which of them an answer has used.
#[derive(Debug, Clone)]
pub(super) struct QueryOverlap {
    keys: [u64; PLACES],
    used: [bool; PLACES],
    words: usize,
    used_words: usize,
    numbers: [f64; MOST_NUMBERS],
    used_numbers: u64,
    number_count: usize,
    content: usize,
    fresh: usize,
}

/// First four letters without regard to case, so that inflected forms meet; short words without
/// a final `s`.
pub(super) fn stem(word: &[u8]) -> u64 {
    let word = match word {
        [short @ .., b's' | b'S'] if (2..=4).contains(&short.len()) => short,
        whole => whole,
    };
    let mut key = 0_u64;
    for &byte in word.iter().take(4) {
        key = (key << 8) | u64::from(byte | 0x20);
    }
    key
}

impl QueryOverlap {
    pub(super) fn new(query: &QueryAnalysis) -> Self {
        let mut overlap = Self {
            keys: [0; PLACES],
            used: [false; PLACES],
            words: 0,
            used_words: 0,
            numbers: [0.0; MOST_NUMBERS],
            used_numbers: 0,
            number_count: 0,
            content: 0,
            fresh: 0,
        };
        let text = query.text.as_bytes();
        for word in query.content_words().take(MOST_WORDS) {
            let key = stem(text.get(word.start as usize..word.end as usize).unwrap_or_default());
            let place = overlap.place(key);
            if key != 0 && overlap.keys[place] == 0 {
                overlap.keys[place] = key;
                overlap.words += 1;
            }
        }
        for number in query.numbers.iter().take(MOST_NUMBERS) {
            let known = &overlap.numbers[..overlap.number_count];
            if !known.contains(&number.value) {
                overlap.numbers[overlap.number_count] = number.value;
                overlap.number_count += 1;
            }
        }
        overlap
    }

    const fn place(&self, key: u64) -> usize {
        let mut place = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize & (PLACES - 1);
        while self.keys[place] != 0 && self.keys[place] != key {
            place = (place + 1) & (PLACES - 1);
        }
        place
    }

    /// Takes a content word of the answer.
    pub(super) fn word(&mut self, word: &[u8]) {
        self.content += 1;
        let place = self.place(stem(word));
        if self.keys[place] == 0 {
            self.fresh += 1;
        } else if !self.used[place] {
            self.used[place] = true;
            self.used_words += 1;
        }
    }

    /// Takes a number of the answer.
    pub(super) fn number(&mut self, value: f64) {
        let known = &self.numbers[..self.number_count];
        if let Some(index) = known.iter().position(|number| *number == value) {
            self.used_numbers |= 1 << index;
        }
    }

    /// Distinct content words of the query that were compared.
    pub(super) const fn query_words(&self) -> usize {
        self.words
    }

    /// Share of the query's content words that the answer uses; `None` when there are none.
    pub(super) fn coverage(&self) -> Option<f64> {
        (self.words > 0).then(|| self.used_words as f64 / self.words as f64)
    }

    /// Share of the query's numbers that the answer uses; `None` when there are none.
    pub(super) fn number_coverage(&self) -> Option<f64> {
        let used = f64::from(self.used_numbers.count_ones());
        (self.number_count > 0).then(|| used / self.number_count as f64)
    }

    /// Share of the answer's content words that the query lacks; `None` without content words.
    pub(super) fn fresh_share(&self) -> Option<f64> {
        (self.content > 0).then(|| self.fresh as f64 / self.content as f64)
    }

    /// Content words of the answer.
    pub(super) const fn content_words(&self) -> usize {
        self.content
    }
}
