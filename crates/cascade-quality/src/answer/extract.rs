use cascade_core::query::{TextVisitor, scan};

use super::{Answer, AnswerMark};

/// Longest answer, in bytes.
const LONGEST: usize = 400;

/// Bytes after the last mark of each kind, gathered while a text is scanned.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Markers {
    pub(crate) json_field: Option<usize>,
    pub(crate) hashes: Option<usize>,
    pub(crate) boxed: Option<usize>,
    pub(crate) phrase: Option<usize>,
}

/// The answer behind the most trusted mark that has one.
pub(crate) fn extract(text: &str, markers: &Markers) -> Option<Answer> {
    let json = markers.json_field.and_then(|at| json_value(text, at));
    json.map(|span| (AnswerMark::JsonField, span))
        .or_else(|| Some((AnswerMark::Hashes, span_after(text, markers.hashes, line)?)))
        .or_else(|| Some((AnswerMark::Boxed, boxed(text, markers.boxed?)?)))
        .or_else(|| Some((AnswerMark::Phrase, span_after(text, markers.phrase, clause)?)))
        .map(|(mark, (start, end))| describe(text, mark, start, end))
}

type Span = (usize, usize);

fn span_after(text: &str, at: Option<usize>, read: fn(&str) -> Span) -> Option<Span> {
    let at = at?;
    let (start, end) = read(text.get(at..)?);
    trimmed(text, at + start, at + end)
}

fn boxed(text: &str, at: usize) -> Option<Span> {
    let (start, end) = braces(text.get(at..)?)?;
    trimmed(text, at + start, at + end)
}

fn trimmed(text: &str, start: usize, end: usize) -> Option<Span> {
    let piece = text.get(start..end)?;
    let edge = |c: char| c.is_whitespace() || matches!(c, '*' | '"' | '\'' | '`' | '$' | '.');
    let kept = piece.trim_matches(edge);
    if kept.is_empty() || kept.len() > LONGEST {
        return None;
    }
    let start = start + (piece.len() - piece.trim_start_matches(edge).len());
    Some((start, start + kept.len()))
}

fn json_value(text: &str, at: usize) -> Option<Span> {
    let rest = text.get(at..)?;
    let colon = rest.find(':')?;
    if !rest.get(..colon)?.chars().all(|c| c == '"' || c == '\'' || c.is_whitespace()) {
        return None;
    }
    let value = at + colon + 1;
    let rest = text.get(value..)?;
    let start = value + (rest.len() - rest.trim_start().len());
    let rest = text.get(start..)?;
    if let Some(quoted) = rest.strip_prefix('"') {
        let mut escaped = false;
        let close = quoted.find(|c| {
            let closes = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        });
        return trimmed(text, start + 1, start + 1 + close.unwrap_or(quoted.len()));
    }
    let end = rest.find([',', '}', '\n']).unwrap_or(rest.len());
    trimmed(text, start, start + end).filter(|_| !rest.starts_with("null"))
}

fn line(rest: &str) -> Span {
    (0, rest.find('\n').unwrap_or(rest.len()))
}

fn braces(rest: &str) -> Option<Span> {
    let open = rest.find('{').filter(|open| *open <= 1)?;
    let mut depth = 0_usize;
    for (at, byte) in rest.bytes().enumerate().skip(open).take(LONGEST) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some((open + 1, at)),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Up to the end of the line or of the sentence; a point between digits ends nothing.
fn clause(rest: &str) -> Span {
    let bytes = rest.as_bytes();
    let start = rest.len() - rest.trim_start_matches([':', '=', ' ', '*', '"', '\n']).len();
    let mut end = start;
    while end < bytes.len() && end < start + LONGEST {
        let next_is_space = bytes.get(end + 1).is_none_or(u8::is_ascii_whitespace);
        match bytes[end] {
            b'\n' => break,
            b'.' | b';' | b'!' if next_is_space => break,
            _ => end += 1,
        }
    }
    while !rest.is_char_boundary(end) {
        end -= 1;
    }
    (start, end)
}

#[derive(Default)]
struct Contents {
    number: Option<f64>,
    numbers: usize,
    words: usize,
    letter: Option<usize>,
    negative: bool,
}

impl TextVisitor for Contents {
    fn word(&mut self, start: usize, end: usize, _: u64) {
        self.words += 1;
        if end - start == 1 {
            self.letter = Some(start);
        }
    }

    fn number(&mut self, _: usize, _: usize, value: f64) {
        self.numbers += 1;
        self.number = Some(if self.negative { -value } else { value });
    }

    fn symbol(&mut self, _: usize, symbol: char) {
        self.negative = matches!(symbol, '-' | '\u{2212}');
    }
}

fn describe(text: &str, mark: AnswerMark, start: usize, end: usize) -> Answer {
    let piece = text.get(start..end).unwrap_or_default();
    let mut contents = Contents::default();
    scan(piece, &mut contents);
    let number = contents.number.filter(|_| contents.numbers == 1 && contents.words <= 3);
    let letter = contents.letter.and_then(|at| piece.get(at..)?.chars().next());
    let alone =
        letter.filter(|c| c.is_ascii_uppercase() && contents.words == 1 && number.is_none());
    let choice = alone.or_else(|| labelled(piece));
    let number = number.filter(|_| choice.is_none());
    Answer { mark, start, end, number, choice, remaining: text.len() - end }
}

/// The letter of an option that is named with its text, such as `B) Jupiter` or `(C) 12`.
fn labelled(piece: &str) -> Option<char> {
    let bare = piece.trim_start_matches(['(', '[']);
    let mut characters = bare.chars();
    let letter = characters.next().filter(char::is_ascii_uppercase)?;
    let bracketed = bare.len() < piece.len();
    match characters.next()? {
        ')' | ']' => Some(letter),
        ':' | '.' => {
            (bracketed || characters.next().is_some_and(char::is_whitespace)).then_some(letter)
        }
        _ => None,
    }
}
