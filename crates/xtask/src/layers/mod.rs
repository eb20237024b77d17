//! The layering of the crates: which may depend on which, as data, and the check of it.

mod check;
mod edges;
mod picture;
mod rules;

pub(crate) use check::check;
pub(crate) use picture::{print_picture, write_picture};
