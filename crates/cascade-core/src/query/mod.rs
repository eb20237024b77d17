//! One-pass analysis of a query, read by everything downstream.
//!
//! [`QueryAnalysis::new`] reads a query once and keeps what it saw; routers, judges and detectors
//! read the analysis and never the text again. The scanner and the lexicon it is built on are
//! public, so that an answer can be read with the same eyes.

mod analyser;
mod analysis;
mod complexity;
mod cues;
mod form;
mod format;
mod lexicon;
mod scanner;
mod signals;
mod term;
mod token_bound;
mod tokens;
mod word;

pub use analysis::QueryAnalysis;
pub use form::QueryForm;
pub use format::RequestedFormat;
pub use lexicon::{Lexicon, LexiconMatcher, Matches};
pub use scanner::{TextVisitor, scan, word_hash};
pub use signals::Signals;
pub use term::{TechnicalField, TechnicalTerm};
pub use token_bound::bound_tokens;
pub use tokens::estimate_tokens;
pub use word::{NumberSpan, QueryWord};
