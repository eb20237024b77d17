use cascadeflow::{CascadeResult, Error, Verdict};
use serde_json::{Value, json};

/// The record of a result or an error.
pub(crate) fn outcome(outcome: &Result<CascadeResult, Error>) -> Value {
    match outcome {
        Ok(result) => serde_json::to_value(result).unwrap(),
        Err(failed) => json!({"error": error(failed)}),
    }
}

/// The record of an error.
pub(crate) fn error(error: &Error) -> Value {
    json!({
        "kind": error.kind(),
        "message": error.message(),
        "hint": error.hint(),
        "field": error.field(),
        "provider": error.provider(),
        "model": error.model(),
        "status": error.status(),
        "retry_after_ms": error.retry_after().map(|wait| wait.as_secs_f64() * 1000.0),
        "env_var": error.env_var(),
        "attempts": error.attempts(),
    })
}

/// The record of a verdict.
pub(crate) fn verdict(verdict: &Verdict) -> Value {
    let mut record = serde_json::to_value(verdict).unwrap();
    record["failed_checks"] = verdict.failed_checks().collect();
    record
}

/// What depends on time, and what only a stream has.
const TIMED: [&str; 8] = [
    "timings",
    "latency_ms",
    "started_ms",
    "first_chunk_ms",
    "trace",
    "events",
    "shown",
    "streamed",
];

/// A record without what depends on time, so that two runs of one script can be compared.
pub(crate) fn without_time(mut record: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(object) => {
                for key in TIMED {
                    object.shift_remove(key);
                }
                object.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut record);
    record
}
