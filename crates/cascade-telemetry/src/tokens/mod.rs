//! How many tokens a text is.

mod counter;
mod encoding;

pub use counter::{CountSource, TokenCount, TokenCounter};
pub use encoding::Encoding;
