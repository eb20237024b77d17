//! Counts, costs, savings and times of runs, in bounded memory.

mod collector;
mod distribution;
mod run_figures;
mod snapshot;
mod tally;

pub use collector::{MetricsCollector, MetricsLimits};
pub use distribution::{Distribution, Samples};
pub use run_figures::RunFigures;
pub use snapshot::{ComplexityStats, MetricsSnapshot, MetricsSummary, RecentAnomaly, WindowStats};
pub use tally::{OTHER, Tally};
