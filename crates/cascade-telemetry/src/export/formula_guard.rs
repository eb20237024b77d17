//! Cells that a spreadsheet would take for formulas.

use std::borrow::Cow;

/// Written before a cell that is text and must stay text.
const MARK: char = '\'';

/// What a formula begins with, in ASCII and in full width, and what is taken away before that is
/// looked for.
const DANGEROUS: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', MARK];

/// The cell of a text; `None` gives an empty one.
pub(super) fn guarded(text: Option<&str>) -> Cow<'_, str> {
    match text {
        None => Cow::Borrowed(""),
        // Tells a text that is empty from none.
        Some("") => Cow::Borrowed("'"),
        Some(text) if text.starts_with(DANGEROUS) => Cow::Owned(format!("{MARK}{text}")),
        Some(text) => Cow::Borrowed(text),
    }
}

/// The text of a cell that [`guarded`] made.
pub(super) fn unguarded(cell: &str) -> Option<&str> {
    if cell.is_empty() { None } else { Some(cell.strip_prefix(MARK).unwrap_or(cell)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_like_a_formula_and_every_text_comes_back() {
        let texts = [
            "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "'=1", "'", "''", "",
            "plain", "5", "a=b",
        ];
        for text in texts {
            let cell = guarded(Some(text));
            assert_eq!(unguarded(&cell), Some(text), "{text:?}");
            assert!(!cell.starts_with(&DANGEROUS[..11]), "{cell:?}");
        }
        assert_eq!(unguarded(&guarded(None)), None);
        assert_eq!(guarded(Some("5")), "5", "numbers stay numbers");
    }
}
