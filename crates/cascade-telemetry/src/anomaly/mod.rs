//! What was spent and should not have been: days and single amounts that stand out.

mod alert;
mod anomaly_options;
mod detector;
mod finding;
mod severity;

pub use alert::{AnomalyAlert, create_anomaly_alerts};
pub use anomaly_options::{AnomalyMethod, AnomalyOptions};
pub use detector::{AnomalyDetector, AnomalyReport};
pub use finding::Anomaly;
pub use severity::AnomalySeverity;
