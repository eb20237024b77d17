use std::time::Duration;

use cascadeflow::chat_json::Fields;
use cascadeflow::providers::CircuitBreakerConfig;
use cascadeflow::{Error, Result};
use pyo3::prelude::*;
use serde_json::{Value, json};

use crate::convert::to_json;

/// The settings that plain data holds, times in seconds; what is left out keeps its default.
///
/// # Errors
/// A validation error that names the field.
pub(super) fn read(settings: &Bound<'_, PyAny>) -> Result<CircuitBreakerConfig> {
    let mut fields = Fields::new("config", to_json("config", settings)?)?;
    let mut config = CircuitBreakerConfig::default();
    let count = |fields: &mut Fields, name: &str, own: &mut u32| -> Result<()> {
        if let Some(given) = fields.take(name)? {
            *own = given;
        }
        Ok(())
    };
    count(&mut fields, "failure_threshold", &mut config.failure_threshold)?;
    count(&mut fields, "half_open_max_calls", &mut config.half_open_max_calls)?;
    count(&mut fields, "success_threshold", &mut config.success_threshold)?;
    if let Some(seconds) = seconds(settings, &mut fields, "recovery_timeout")? {
        config.recovery_timeout = seconds;
    }
    if let Some(seconds) = seconds(settings, &mut fields, "failure_window")? {
        config.failure_window = seconds;
    }
    fields.finish()?;
    Ok(config)
}

/// The settings as plain data, times in seconds.
pub(super) fn write(config: CircuitBreakerConfig) -> Value {
    json!({
        "failure_threshold": config.failure_threshold,
        "recovery_timeout": config.recovery_timeout.as_secs_f64(),
        "half_open_max_calls": config.half_open_max_calls,
        "success_threshold": config.success_threshold,
        "failure_window": config.failure_window.as_secs_f64(),
    })
}

/// A time in seconds. It is read from the Python value: plain data has no word for what is no number.
fn seconds(
    settings: &Bound<'_, PyAny>,
    fields: &mut Fields,
    name: &str,
) -> Result<Option<Duration>> {
    let Ok(given) = settings.get_item(name) else { return Ok(None) };
    // So that it does not count as unknown.
    let _ = fields.take_value(name);
    let seconds = given.extract::<f64>().ok();
    match seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
        Some(time) => Ok(Some(time)),
        None => Err(Error::validation(
            name,
            format!("`{name}` is not a time: `{given}`"),
            "give seconds, zero or more",
        )),
    }
}
