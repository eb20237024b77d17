//! JSON text in and out.

use std::time::Duration;

use cascadeflow::{Error, ErrorKind, Result, Usd, read_value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The value in `text`, which the face wrote.
pub(super) fn parse(field: &str, text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| {
        Error::validation(field, format!("`{field}` is not JSON: {error}"), "give an object")
    })
}

/// Reads data; the error names the field.
pub(super) fn read<T: DeserializeOwned>(field: &str, text: &str) -> Result<T> {
    read_value(parse(field, text)?)
}

pub(super) fn write(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::new(ErrorKind::Internal, format!("cannot be written: {error}")))
}

/// An amount in USD.
pub(super) fn amount(field: &str, usd: f64) -> Result<Usd> {
    Usd::from_f64(usd).map_err(|_| {
        Error::validation(field, format!("not an amount in USD: `{usd}`"), "give a plain number")
    })
}

/// An amount in USD from zero on.
pub(super) fn not_negative(field: &str, usd: f64) -> Result<Usd> {
    let amount = amount(field, usd)?;
    if amount.is_negative() {
        let message = format!("an amount cannot be negative: `{usd}`");
        return Err(Error::validation(field, message, "give USD from zero on"));
    }
    Ok(amount)
}

/// A span of time.
pub(super) fn span(field: &str, milliseconds: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(milliseconds / 1_000.0).map_err(|_| {
        Error::validation(
            field,
            format!("not a time in milliseconds: `{milliseconds}`"),
            "give a number, zero or more",
        )
    })
}

/// A moment, in milliseconds since the Unix epoch.
pub(super) fn moment(field: &str, milliseconds: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(milliseconds / 1_000.0).map_err(|_| {
        Error::validation(
            field,
            format!("not a time since 1970: `{milliseconds}`"),
            "give a `Date`, or milliseconds since the Unix epoch",
        )
    })
}

/// Milliseconds since the Unix epoch.
pub(super) fn milliseconds(at: Duration) -> f64 {
    at.as_secs_f64() * 1_000.0
}

/// A count: JavaScript has numbers only.
pub(super) fn count(field: &str, number: f64) -> Result<u64> {
    const MOST: f64 = 9_007_199_254_740_991.0;
    if !(0.0..=MOST).contains(&number) || number.fract() != 0.0 {
        let message = format!("{field} is no count: `{number}`");
        return Err(Error::validation(field, message, "give a whole number, zero or more"));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number in range"
    )]
    Ok(number as u64)
}

/// A count as JavaScript's number.
#[expect(clippy::cast_precision_loss, reason = "nothing counts beyond 2^53")]
pub(super) const fn number(count: u64) -> f64 {
    count as f64
}
