//! Where output goes and how it looks.

mod format;
mod handles;
mod paint;
mod progress;
mod table;

pub(crate) use format::{count, duration_ms, percent, shortened, usd, wrapped};
pub use handles::Terminal;
pub(crate) use paint::Paint;
pub(crate) use progress::Progress;
pub(crate) use table::TableView;
