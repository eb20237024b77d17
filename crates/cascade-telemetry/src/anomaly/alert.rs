use serde::Serialize;

use super::{Anomaly, AnomalySeverity};

/// An anomaly as it is sent to people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnomalyAlert {
    /// How far out of the ordinary it is.
    pub severity: AnomalySeverity,
    /// One line.
    pub title: String,
    /// What happened.
    pub message: String,
    /// When, in seconds since the Unix epoch.
    pub timestamp: f64,
    /// What was measured.
    pub metric: String,
    /// What was spent, in USD.
    pub value: f64,
    /// What was expected, in USD.
    pub expected: f64,
    /// The distance in percent.
    pub deviation_percent: f64,
    /// The distance in standard deviations.
    pub z_score: f64,
    /// Whose spending it is; absent of all together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

/// Alerts of the anomalies from `min_severity` on, in their order.
pub fn create_anomaly_alerts(
    anomalies: &[Anomaly],
    min_severity: AnomalySeverity,
) -> Vec<AnomalyAlert> {
    anomalies
        .iter()
        .filter(|anomaly| anomaly.severity >= min_severity)
        .map(|anomaly| AnomalyAlert {
            severity: anomaly.severity,
            title: format!("{} Cost Anomaly Detected", anomaly.severity.as_str().to_uppercase()),
            message: anomaly.to_string(),
            timestamp: anomaly.timestamp,
            metric: anomaly.metric.clone(),
            value: anomaly.value,
            expected: anomaly.expected,
            deviation_percent: anomaly.deviation_percent(),
            z_score: anomaly.z_score,
            user_id: anomaly.user_id.clone(),
        })
        .collect()
}
