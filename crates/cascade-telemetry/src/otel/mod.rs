//! Traces and metrics of runs by OpenTelemetry: what of a run is exported, under which names, and
//! how it reaches a receiver without a run ever waiting for it.

mod config;
#[cfg(feature = "otel")]
mod content;
#[cfg(feature = "otel")]
mod conventions;
#[cfg(feature = "otel")]
mod counts;
#[cfg(feature = "otel")]
mod destination;
#[cfg(feature = "otel")]
mod exporter;
#[cfg(feature = "otel")]
mod instruments;
#[cfg(feature = "otel")]
mod labels;
#[cfg(feature = "otel")]
mod metric_bridge;
#[cfg(feature = "otel")]
mod open_run;
#[cfg(feature = "otel")]
mod pipeline;
#[cfg(feature = "otel")]
mod spans;
#[cfg(feature = "otel")]
mod transport;
#[cfg(feature = "otel")]
mod usage_record;
#[cfg(feature = "otel")]
mod worker;

pub use config::{MetricTemporality, OpenTelemetryConfig, OtlpProtocol};
#[cfg(feature = "otel")]
pub use counts::ExportCounts;
#[cfg(feature = "otel")]
pub use exporter::OpenTelemetryExporter;
#[cfg(feature = "otel")]
pub use usage_record::{UsageDimensions, UsageRecord};
