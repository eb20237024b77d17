//! The final answer inside a text.

mod extract;
mod value;

pub(crate) use extract::{Markers, extract};
pub use value::{Answer, AnswerMark};
