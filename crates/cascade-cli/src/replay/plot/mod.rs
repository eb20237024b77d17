//! The picture of a replay: quality against the share of drafts accepted.

mod chart;
mod font;
mod format;
mod panel;

pub(super) use chart::Plot;
pub(crate) use font::{FAMILY, register};
pub(crate) use format::PlotFormat;
