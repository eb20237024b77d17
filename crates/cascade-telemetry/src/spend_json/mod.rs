//! Forecasts, anomalies and cost breakdowns as JSON in, JSON out: one implementation for all faces.

mod anomalies;
mod cost_breakdown;
mod forecast;
mod source;

pub use anomalies::{anomaly_alerts_json, detect_anomalies_json};
pub use cost_breakdown::cost_breakdown_json;
pub use forecast::{budget_outlook_json, forecast_json};
