//! The tokeniser under every analysis of text.

/// What a scan of a text reports, in the order of the text. Offsets are bytes.
///
/// Every method does nothing by default, so that a visitor implements only what it needs.
pub trait TextVisitor {
    /// A word: letters with inner digits and apostrophes. `hash` is [`word_hash`] of it.
    fn word(&mut self, start: usize, end: usize, hash: u64) {
        let _ = (start, end, hash);
    }

    /// A number: digits with inner commas between groups and a decimal point.
    fn number(&mut self, start: usize, end: usize, value: f64) {
        let _ = (start, end, value);
    }

    /// A character that is neither part of a word or number nor white space.
    fn symbol(&mut self, at: usize, symbol: char) {
        let _ = (at, symbol);
    }

    /// White space other than a line break.
    fn space(&mut self, at: usize) {
        let _ = at;
    }

    /// A line break.
    fn line_break(&mut self, at: usize) {
        let _ = at;
    }
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// Kinds of ASCII bytes; bytes from 0x80 up are [`HIGH`].
const SYMBOL: u8 = 0;
const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const SPACE: u8 = 3;
const BREAK: u8 = 4;
const HIGH: u8 = 5;

const KINDS: [u8; 256] = {
    let mut kinds = [SYMBOL; 256];
    let mut byte = 0_u8;
    loop {
        kinds[byte as usize] = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => LETTER,
            b'0'..=b'9' => DIGIT,
            b' ' | b'\t' | 0x0b | 0x0c | b'\r' => SPACE,
            b'\n' => BREAK,
            0x80.. => HIGH,
            _ => SYMBOL,
        };
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    kinds
};

const fn mix(hash: u64, byte: u8) -> u64 {
    (hash ^ byte as u64).wrapping_mul(PRIME)
}

const fn finish(hash: u64) -> u64 {
    hash ^ (hash >> 29)
}

fn mix_char(mut hash: u64, character: char) -> u64 {
    // The first lower-case character is enough to tell words apart and keeps the pass linear.
    let lower = character.to_lowercase().next().unwrap_or(character);
    let mut buffer = [0; 4];
    for byte in lower.encode_utf8(&mut buffer).bytes() {
        hash = mix(hash, byte);
    }
    hash
}

/// Case-insensitive 64-bit hash of a word as [`scan`] reports it (FNV-1a over lower case; a
/// typographic apostrophe counts as a plain one).
pub fn word_hash(word: &str) -> u64 {
    let mut hash = SEED;
    for character in word.chars() {
        hash = match character {
            '\u{2019}' => mix(hash, b'\''),
            c if c.is_ascii() => mix(hash, (c as u8).to_ascii_lowercase()),
            c => mix_char(hash, c),
        };
    }
    finish(hash)
}

/// Reads `text` once from start to end and reports what it meets. Linear in the text's length;
/// allocates nothing.
pub fn scan<V: TextVisitor + ?Sized>(text: &str, visitor: &mut V) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match KINDS[bytes[at] as usize] {
            LETTER => at = word(text, at, visitor),
            DIGIT => at = number(bytes, at, visitor),
            SPACE => {
                visitor.space(at);
                at += 1;
            }
            BREAK => {
                visitor.line_break(at);
                at += 1;
            }
            HIGH => at = beyond_ascii(text, at, visitor),
            _ => {
                visitor.symbol(at, bytes[at] as char);
                at += 1;
            }
        }
    }
}

/// The character at byte `at`, which is a boundary, and where it ends.
fn char_at(text: &str, at: usize) -> (char, usize) {
    let character = text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or('\u{fffd}');
    (character, at + character.len_utf8())
}

fn beyond_ascii<V: TextVisitor + ?Sized>(text: &str, at: usize, visitor: &mut V) -> usize {
    let (character, end) = char_at(text, at);
    if character.is_alphanumeric() {
        return word(text, at, visitor);
    }
    match character {
        '\u{2028}' | '\u{2029}' | '\u{85}' => visitor.line_break(at),
        c if c.is_whitespace() => visitor.space(at),
        c => visitor.symbol(at, c),
    }
    end
}

fn word<V: TextVisitor + ?Sized>(text: &str, start: usize, visitor: &mut V) -> usize {
    let bytes = text.as_bytes();
    let mut hash = SEED;
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match KINDS[byte as usize] {
            LETTER => {
                hash = mix(hash, byte.to_ascii_lowercase());
                at += 1;
            }
            DIGIT => {
                hash = mix(hash, byte);
                at += 1;
            }
            HIGH => {
                let (character, end) = char_at(text, at);
                if character.is_alphanumeric() || is_combining(character) {
                    hash = mix_char(hash, character);
                } else if character == '\u{2019}' && starts_letter(bytes, end) {
                    hash = mix(hash, b'\'');
                } else {
                    break;
                }
                at = end;
            }
            _ if byte == b'\'' && starts_letter(bytes, at + 1) => {
                hash = mix(hash, b'\'');
                at += 1;
            }
            _ => break,
        }
    }
    visitor.word(start, at, finish(hash));
    at
}

fn starts_letter(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(|&byte| KINDS[byte as usize] == LETTER && byte != b'_')
}

/// Marks that continue a word: combining diacritics, vowel signs and joiners.
const fn is_combining(character: char) -> bool {
    matches!(
        character,
        '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}' | '\u{e31}' | '\u{e34}'..='\u{e4e}'
            | '\u{200c}' | '\u{200d}' | '\u{3099}' | '\u{309a}' | '\u{fe0f}'
    )
}

fn number<V: TextVisitor + ?Sized>(bytes: &[u8], start: usize, visitor: &mut V) -> usize {
    let digit = |at: usize| bytes.get(at).filter(|byte| byte.is_ascii_digit());
    let mut value = 0.0_f64;
    let mut scale = 1.0_f64;
    let mut fraction = false;
    let mut at = start;
    loop {
        match bytes.get(at) {
            Some(byte @ b'0'..=b'9') => {
                value = value.mul_add(10.0, f64::from(byte - b'0'));
                if fraction {
                    scale *= 10.0;
                }
            }
            Some(b',') if !fraction && is_group(bytes, at) => {}
            Some(b'.') if !fraction && digit(at + 1).is_some() => fraction = true,
            _ => break,
        }
        at += 1;
    }
    // More digits than an f64 holds; the value only has to be the same for the same digits.
    let value = if value.is_finite() && scale.is_finite() { value / scale } else { f64::MAX };
    visitor.number(start, at, value);
    at
}

/// Whether exactly three digits follow the comma at `at`.
fn is_group(bytes: &[u8], at: usize) -> bool {
    (1..=3).all(|n| bytes.get(at + n).is_some_and(u8::is_ascii_digit))
        && !bytes.get(at + 4).is_some_and(u8::is_ascii_digit)
}
