use cascade_core::chat_json::Fields;
use cascade_core::{Error, Result};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::source::{Source, entries_needed, object, to_json};
use crate::anomaly::{
    Anomaly, AnomalyDetector, AnomalyMethod, AnomalySeverity, create_anomaly_alerts,
};
use crate::spend::Day;

/// The anomalies that `request` asks for, as `{"anomalies": […]}`, with `of` `users` further
/// `{"users": {id: […]}}`.
///
/// Takes spending as [`forecast_json`](super::forecast_json) does; `of`: `days` (when absent),
/// `entries` or `users`; `options` as [`AnomalyOptions`](crate::AnomalyOptions).
///
/// # Errors
/// A validation error that names the field at fault.
pub fn detect_anomalies_json(request: Value) -> Result<Value> {
    let mut fields = Fields::new("request", request)?;
    let source = Source::take(&mut fields)?;
    let user: Option<String> = fields.take("user_id")?;
    let of: Option<String> = fields.take("of")?;
    let detector = AnomalyDetector::new(fields.take_or_default("options")?)?;
    fields.finish()?;
    match (of.as_deref().unwrap_or("days"), &source, user) {
        ("days", Source::Entries(_, history), Some(user)) => {
            Ok(object("anomalies", list(&detector.detect_user(history, &user))?))
        }
        ("days", source, user) => {
            let found = detector.detect_days(&source.days(user.as_deref())?);
            Ok(object("anomalies", list(&found)?))
        }
        ("entries", Source::Entries(entries, _), user) => {
            let own: Vec<_> = match user {
                Some(user) => {
                    let of_user = entries.iter().filter(|it| it.user_id.as_deref() == Some(&user));
                    of_user.cloned().collect()
                }
                None => entries.clone(),
            };
            Ok(object("anomalies", list(&detector.detect_entries(&own))?))
        }
        ("users", Source::Entries(_, history), None) => {
            let report = detector.detect_all(history);
            let users = report.users.iter().map(|(user, found)| Ok((user.clone(), list(found)?)));
            let users: Map<String, Value> = users.collect::<Result<_>>()?;
            let mut told = object("anomalies", list(&report.total)?);
            told["users"] = Value::Object(users);
            Ok(told)
        }
        ("entries" | "users", _, _) => Err(entries_needed("of")),
        (unknown, _, _) => Err(Error::validation(
            "of",
            format!("unknown kind: `{unknown}`"),
            "give `days`, `entries` or `users`",
        )),
    }
}

/// The alerts of `anomalies` (as [`detect_anomalies_json`] tells them) from `min_severity` on (`medium`
/// when absent), as `{"alerts": […]}`.
///
/// # Errors
/// As [`detect_anomalies_json`].
pub fn anomaly_alerts_json(request: Value) -> Result<Value> {
    let mut fields = Fields::new("request", request)?;
    let least: Option<AnomalySeverity> = fields.take("min_severity")?;
    let found: Vec<Found> = fields.take_or_default("anomalies")?;
    fields.finish()?;
    let found: Vec<Anomaly> = found.into_iter().map(Found::anomaly).collect();
    let alerts = create_anomaly_alerts(&found, least.unwrap_or(AnomalySeverity::Medium));
    Ok(object("alerts", to_json(&alerts)?))
}

/// An anomaly as callers make them: without what alerts do not show.
#[derive(Deserialize)]
struct Found {
    timestamp: f64,
    value: f64,
    expected: f64,
    z_score: f64,
    severity: AnomalySeverity,
    #[serde(default)]
    metric: Option<String>,
    #[serde(default)]
    user_id: Option<String>,
}

impl Found {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and days are clamped")]
    fn anomaly(self) -> Anomaly {
        Anomaly {
            timestamp: self.timestamp,
            day: Day::of_timestamp(self.timestamp.floor() as i64, 0),
            value: self.value,
            expected: self.expected,
            z_score: self.z_score,
            severity: self.severity,
            metric: self.metric.unwrap_or_else(|| "cost".to_owned()),
            user_id: self.user_id,
            method: AnomalyMethod::default(),
            std_dev: 0.0,
            data_points: 0,
            index: 0,
        }
    }
}

fn list(found: &[Anomaly]) -> Result<Value> {
    let written = found.iter().map(|anomaly| {
        let mut record = to_json(anomaly)?;
        record["deviation_percent"] = anomaly.deviation_percent().into();
        Ok(record)
    });
    written.collect::<Result<Vec<_>>>().map(Value::Array)
}
