//! The most tokens a text can take.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::estimate_tokens;

/// Pairs of small letters that some current vocabulary has no token for. Every other pair is one in
/// each, so that no byte-pair encoding leaves two letters of it apart.
const RARE_PAIRS: &str = "bq fj fz gj gk gq hj jg jv jw jx jy jz kq kx kz lq mz nq oq qf qg qj qk qo qv qy \
                          qz rj tj tq uq vq vz wq wv wz xg xh xj xk xq xu xv xw yf yj yq yv zg zj zq zr zv";

/// Words that are one token in current vocabularies, with the space before them.
static WHOLE_WORDS: LazyLock<HashSet<&'static [u8]>> = LazyLock::new(|| {
    include_str!("../../data/whole_words.txt").lines().map(str::as_bytes).collect()
});

static RARE: LazyLock<HashSet<&'static [u8]>> =
    LazyLock::new(|| RARE_PAIRS.split(' ').map(str::as_bytes).collect());

/// Parts of a token that are counted with.
const TOKEN: u64 = 6;
/// A common word: half a token more than it is, since not every vocabulary is public.
const WHOLE_WORD: u64 = 9;

/// A number of tokens that no byte-level vocabulary of current models exceeds for `text`, at least
/// [`estimate_tokens`]. For money that must suffice: an estimate may be exceeded.
///
/// A byte is a token at most, which is nearly five times too much for English. No factor over the
/// estimate is safe instead: the measured texts ask for three, and a word that nobody ever wrote for
/// four. So the bound is the bytes, less where something better is certain: a common word after a
/// space counts as a token and a half; other small letters as two tokens for three, because an
/// encoding merges any two that are a token; a run of spaces as a quarter of its length. That is
/// about twice too much for English prose and code, three to four times for other languages in
/// Latin script, and no less than the bytes beyond it.
pub fn bound_tokens(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut parts = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let end = match byte {
            b' ' => run(bytes, at, |byte| byte == b' '),
            b'a'..=b'z' | b'A'..=b'Z' => run(bytes, at, |byte| byte.is_ascii_alphabetic()),
            _ => at + 1,
        };
        let length = (end - at) as u64;
        if byte == b' ' {
            // The last space goes with what follows.
            parts += TOKEN * if length > 1 { 1 + length.div_ceil(4) } else { 1 };
        } else if byte.is_ascii_alphabetic() {
            let space = at > 0 && bytes[at - 1] == b' ';
            if space && is_whole(bytes, at, end) {
                parts = parts - TOKEN + WHOLE_WORD;
            } else {
                parts += letters(&bytes[at..end]);
            }
        } else {
            parts += TOKEN;
        }
        at = end;
    }
    parts.div_ceil(TOKEN).max(estimate_tokens(text))
}

/// Where the run that begins at `from` ends.
fn run(bytes: &[u8], from: usize, belongs: impl Fn(u8) -> bool) -> usize {
    from + bytes[from..].iter().take_while(|byte| belongs(**byte)).count()
}

/// Whether a word stands alone and is a token.
fn is_whole(bytes: &[u8], start: usize, end: usize) -> bool {
    bytes.get(end).is_none_or(u8::is_ascii) && WHOLE_WORDS.contains(&bytes[start..end])
}

/// Parts for a run of letters.
fn letters(word: &[u8]) -> u64 {
    let mut parts = 0;
    let mut length = 0_u64;
    for (at, letter) in word.iter().enumerate() {
        let apart =
            at > 0 && (!word[at - 1].is_ascii_lowercase() || RARE.contains(&word[at - 1..=at]));
        if letter.is_ascii_uppercase() || apart {
            parts += merged(std::mem::take(&mut length));
        }
        if letter.is_ascii_uppercase() {
            parts += TOKEN;
        } else {
            length += 1;
        }
    }
    parts + merged(length)
}

/// Parts for small letters of which each two neighbours are a token: single ones are never
/// neighbours, so that three letters make two tokens at most.
fn merged(length: u64) -> u64 {
    (TOKEN * length).min((2 * TOKEN * length).div_ceil(3) + TOKEN * 2 / 3)
}
