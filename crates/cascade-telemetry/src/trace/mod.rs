//! Decision traces of past runs, kept with what each decision cost.

mod log;
mod record;

pub use log::TraceLog;
pub use record::TraceRecord;
