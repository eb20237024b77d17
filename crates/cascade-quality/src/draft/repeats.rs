//! Repetition inside a text.

const PLACES: usize = 1024;
const ROUND: u64 = 0x9e37_79b9_7f4a_7c15;

/// Counts four-word sequences that were met before.
///
/// Remembers in a fixed table where newer sequences replace older ones, so that memory is bounded
/// and time linear; loops repeat closely and are found all the same.
#[derive(Debug, Clone)]
pub(super) struct RepeatCounter {
    seen: [u32; PLACES],
    recent: [u64; 4],
    words: usize,
    repeated: usize,
    run: usize,
    longest_run: usize,
}

impl RepeatCounter {
    pub(super) const fn new() -> Self {
        Self { seen: [0; PLACES], recent: [0; 4], words: 0, repeated: 0, run: 0, longest_run: 0 }
    }

    #[expect(clippy::cast_possible_truncation, reason = "parts of a hash are taken on purpose")]
    pub(super) fn word(&mut self, hash: u64) {
        let newest = self.words & 3;
        let same = self.words > 0 && self.recent[(self.words - 1) & 3] == hash;
        self.run = if same { self.run + 1 } else { 1 };
        self.longest_run = self.longest_run.max(self.run);
        self.recent[newest] = hash;
        self.words += 1;
        if self.words < 4 {
            return;
        }
        let mut mixed = 0_u64;
        for back in 0..4 {
            let word = self.recent[(newest + 1 + back) & 3];
            mixed = (mixed ^ word).wrapping_mul(ROUND).rotate_left(23);
        }
        let tag = (mixed >> 32) as u32 | 1;
        let place = mixed as usize & (PLACES - 1);
        if self.seen[place] == tag {
            self.repeated += 1;
        }
        self.seen[place] = tag;
    }

    /// Share of the four-word sequences that repeat an earlier one, in [0, 1].
    pub(super) fn share(&self) -> f64 {
        if self.words < 4 { 0.0 } else { self.repeated as f64 / (self.words - 3) as f64 }
    }

    /// Most equal words in a row.
    pub(super) const fn longest_run(&self) -> usize {
        self.longest_run
    }
}
