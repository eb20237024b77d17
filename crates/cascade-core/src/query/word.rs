//! Words and numbers of a query, as places in its text.

use serde::Serialize;

/// A word of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryWord {
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
    /// [`super::word_hash`] of it, the same whatever its case.
    pub hash: u64,
    /// Whether it carries content: not one of the small words that every text has.
    pub content: bool,
}

/// A number of a query.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NumberSpan {
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
    /// Its value, without sign, currency or unit.
    pub value: f64,
}
