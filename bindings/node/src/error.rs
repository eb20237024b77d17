//! Errors across the boundary: the one place that encodes and decodes them.
//!
//! An exception of the addon carries only a text, so the text is JSON; `errors.ts` rebuilds the
//! published classes from it.

use std::time::Duration;

use cascadeflow::providers::CircuitOpen;
use cascadeflow::{BudgetStatus, BudgetWindow, Error, ErrorKind, Measure, OwnerKind, Usd};
use serde::{Deserialize, Serialize};

use crate::convert::{AttemptView, TraceStepView};

/// What `errors.ts` looks for in the text of an exception.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    cascadeflow_error: ErrorView<'a>,
}

/// An error as JavaScript sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorView<'a> {
    kind: ErrorKind,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    env_var: Option<&'a str>,
    /// The circuit breaker that let no call through.
    #[serde(skip_serializing_if = "Option::is_none")]
    circuit: Option<&'a str>,
    /// How the budget stood that refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<BudgetView<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attempts: Vec<AttemptView<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    trace: Vec<TraceStepView<'a>>,
}

/// A budget that refused, amounts in the unit of `measure`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BudgetView<'a> {
    limit: f64,
    used: f64,
    reserved: f64,
    remaining: f64,
    measure: Measure,
    window: BudgetWindow,
    owner_kind: OwnerKind,
    owner_id: &'a str,
    /// Milliseconds since the Unix epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    resets_at: Option<f64>,
}

impl<'a> From<&'a BudgetStatus> for BudgetView<'a> {
    fn from(status: &'a BudgetStatus) -> Self {
        let number = |amount| Usd::from_decimal(amount).to_f64();
        Self {
            limit: number(status.limit),
            used: number(status.used),
            reserved: number(status.reserved),
            remaining: number(status.remaining()),
            measure: status.measure,
            window: status.window,
            owner_kind: status.owner.kind,
            owner_id: &status.owner.id,
            resets_at: status.resets_at.map(|at| at.as_secs_f64() * 1_000.0),
        }
    }
}

impl<'a> From<&'a Error> for ErrorView<'a> {
    fn from(error: &'a Error) -> Self {
        Self {
            kind: error.kind(),
            message: error.message(),
            hint: error.hint(),
            field: error.field(),
            provider: error.provider(),
            model: error.model(),
            status: error.status(),
            request_id: error.request_id(),
            retry_after: error.retry_after().map(|wait| wait.as_secs_f64()),
            env_var: error.env_var(),
            circuit: open_circuit(error),
            budget: error.budget().map(BudgetView::from),
            attempts: error.attempts().iter().map(AttemptView::from).collect(),
            trace: error.trace().steps.iter().map(TraceStepView::from).collect(),
        }
    }
}

/// Name of the circuit breaker that is the source of `error`; `None` where none is.
fn open_circuit(error: &Error) -> Option<&str> {
    let source = error.shared_source()?.downcast_ref::<CircuitOpen>()?;
    Some(&source.name)
}

/// The JSON text that `errors.ts` rebuilds an error from.
pub(crate) fn to_json(error: &Error) -> String {
    serde_json::to_string(&Envelope { cascadeflow_error: error.into() })
        .unwrap_or_else(|_| error.to_string())
}

/// The exception that carries `error`.
#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` takes")]
pub(crate) fn to_js(error: Error) -> napi::Error {
    napi::Error::new(napi::Status::GenericFailure, to_json(&error))
}

/// What a user's class threw, as `describeThrown` in `errors.ts` writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Thrown {
    message: String,
    kind: Option<ErrorKind>,
    hint: Option<String>,
    field: Option<String>,
    status: Option<u16>,
    request_id: Option<String>,
    retry_after: Option<f64>,
    env_var: Option<String>,
}

/// The error that a user's class threw, told by its class. A kind that the exception carries (one
/// of our own classes thrown again) is kept.
pub(crate) fn from_thrown(json: &str, class: &str, provider: &str) -> Error {
    let thrown = match serde_json::from_str::<Thrown>(json) {
        Ok(thrown) => thrown,
        Err(error) => {
            return Error::new(
                ErrorKind::Internal,
                format!("exception of provider class `{class}` cannot be read: {error}"),
            )
            .with_provider(provider);
        }
    };
    let mut error = match thrown.kind {
        Some(kind) => Error::new(kind, thrown.message),
        None => Error::new(
            ErrorKind::UserCode,
            format!("provider class `{class}` threw: {}", thrown.message),
        ),
    }
    .with_provider(provider);
    if let Some(hint) = thrown.hint {
        error = error.with_hint(hint);
    }
    if let Some(field) = thrown.field {
        error = error.with_field(field);
    }
    if let Some(status) = thrown.status {
        error = error.with_status(status);
    }
    if let Some(id) = thrown.request_id {
        error = error.with_request_id(id);
    }
    if let Some(wait) = thrown.retry_after.and_then(|s| Duration::try_from_secs_f64(s).ok()) {
        error = error.with_retry_after(wait);
    }
    if let Some(env_var) = thrown.env_var {
        error = error.with_env_var(env_var);
    }
    error
}

/// The message of what user code threw.
pub(crate) fn message_of_thrown(json: &str) -> String {
    match serde_json::from_str::<Thrown>(json) {
        Ok(thrown) => thrown.message,
        Err(error) => format!("its exception cannot be read: {error}"),
    }
}

/// `error` with the user's class that was late, where a deadline passed while `class_of` its model
/// was to answer.
pub(crate) fn naming_late_class<'a>(
    error: Error,
    class_of: impl Fn(&str) -> Option<&'a str>,
) -> Error {
    let class = error.model().filter(|_| error.kind() == ErrorKind::Timeout).and_then(class_of);
    let Some(class) = class else { return error };
    let message = format!("{}: provider class `{class}` did not answer", error.message());
    let mut named = Error::new(error.kind(), message)
        .with_attempts(error.attempts().to_vec())
        .with_trace(error.trace().clone());
    if let Some(hint) = error.hint() {
        named = named.with_hint(hint);
    }
    if let Some(field) = error.field() {
        named = named.with_field(field);
    }
    if let Some(provider) = error.provider() {
        named = named.with_provider(provider);
    }
    if let Some(model) = error.model() {
        named = named.with_model(model);
    }
    named
}
