//! Errors in both directions: the engine's into the published exception classes, and exceptions of
//! user code into the engine's.

use std::fmt;
use std::time::Duration;

use cascadeflow::providers::CircuitOpen;
use cascadeflow::{BudgetStatus, Error, ErrorKind, Measure, Usd};
use pyo3::exceptions::{PyBaseException, PyConnectionError, PyTimeoutError};
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::convert::to_python;

/// The published class of each kind of error.
fn class_name(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::Auth if error.env_var().is_some() && error.status().is_none() => {
            "MissingKeyError"
        }
        ErrorKind::Config => "ConfigError",
        ErrorKind::Validation => "ValidationError",
        ErrorKind::Auth => "AuthenticationError",
        ErrorKind::NotFound => "ModelNotFoundError",
        ErrorKind::RateLimit | ErrorKind::Quota => "RateLimitError",
        ErrorKind::Timeout => "TimeoutError",
        ErrorKind::Routing => "RoutingError",
        ErrorKind::Budget => "BudgetExceededError",
        ErrorKind::Quality => "QualityThresholdError",
        ErrorKind::Tool => "ToolExecutionError",
        ErrorKind::Permission
        | ErrorKind::InvalidRequest
        | ErrorKind::ContextLength
        | ErrorKind::ContentFilter
        | ErrorKind::Overloaded
        | ErrorKind::Connection
        | ErrorKind::Protocol
        | ErrorKind::UserCode
        | ErrorKind::AllAttemptsFailed => "ProviderError",
        ErrorKind::Cancelled | ErrorKind::Internal => "cascadeflowError",
    }
}

/// An exception of user code, kept behind the engine's error so that it can be shown as the cause.
struct PythonSource(PyErr);

impl fmt::Debug for PythonSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PythonSource")
    }
}

impl fmt::Display for PythonSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for PythonSource {}

/// The exception that tells Python of `error`, an instance of the published class with every
/// attribute set.
pub(crate) fn to_exception(py: Python<'_>, error: &Error) -> PyErr {
    build(py, error).unwrap_or_else(|failure| failure)
}

fn build(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let module = py.import("cascadeflow.schema.exceptions")?;
    let exception = if let Some(open) = open_circuit(error) {
        let class = module.getattr("CircuitOpenError")?;
        let who = error.provider().unwrap_or(&open.name);
        class.call1((who, open.retry_in.as_secs_f64()))?
    } else {
        let class = module.getattr(class_name(error))?.cast_into::<PyType>()?;
        class.call1((error.to_string(),))?
    };
    exception.setattr("kind", error.kind().code())?;
    exception.setattr("message", error.message())?;
    set(&exception, "hint", error.hint())?;
    set(&exception, "field", error.field())?;
    set(&exception, "provider", error.provider())?;
    set(&exception, "model", error.model())?;
    set(&exception, "status_code", error.status())?;
    set(&exception, "request_id", error.request_id())?;
    set(&exception, "retry_after", error.retry_after().map(|wait| wait.as_secs_f64()))?;
    set(&exception, "env_var_name", error.env_var())?;
    if let Some(status) = error.budget() {
        set_budget(&exception, status)?;
    }
    if !error.attempts().is_empty() {
        exception.setattr("attempts", to_python(py, error.attempts())?)?;
    }
    if !error.trace().steps.is_empty() {
        exception.setattr("trace", to_python(py, &error.trace().steps)?)?;
    }
    let built = PyErr::from_value(exception);
    if let Some(cause) = python_source(error) {
        built.value(py).setattr("original_error", cause.0.value(py))?;
        built.set_cause(py, Some(cause.0.clone_ref(py)));
    }
    Ok(built)
}

/// The open circuit breaker that `error` comes from; `None` when it comes from something else.
fn open_circuit(error: &Error) -> Option<&CircuitOpen> {
    if error.kind() != ErrorKind::Overloaded {
        return None;
    }
    let mut source = error.shared_source()?;
    loop {
        if let Some(open) = source.downcast_ref::<CircuitOpen>() {
            return Some(open);
        }
        source = source.downcast_ref::<Error>()?.shared_source()?;
    }
}

const fn measure_name(measure: Measure) -> &'static str {
    match measure {
        Measure::Cost => "cost",
        Measure::Requests => "requests",
        Measure::Tokens => "tokens",
    }
}

/// Sets how the budget stands that refused.
fn set_budget(exception: &Bound<'_, PyAny>, status: &BudgetStatus) -> PyResult<()> {
    let number = |amount| Usd::from_decimal(amount).to_f64();
    exception.setattr("limit", number(status.limit))?;
    exception.setattr("used", number(status.used))?;
    exception.setattr("reserved", number(status.reserved))?;
    exception.setattr("remaining", number(status.remaining()))?;
    exception.setattr("measure", measure_name(status.measure))?;
    exception.setattr("window", status.window.as_str())?;
    exception.setattr("owner_kind", status.owner.kind.as_str())?;
    exception.setattr("owner_id", &*status.owner.id)?;
    exception.setattr("reset_time", status.resets_at.map(|at| at.as_secs_f64()))
}

/// Sets what is known; what is not keeps the class's own default.
fn set<'py, T: IntoPyObject<'py>>(
    exception: &Bound<'py, PyAny>,
    name: &str,
    value: Option<T>,
) -> PyResult<()> {
    match value {
        Some(value) => exception.setattr(name, value),
        None => Ok(()),
    }
}

/// The exception behind `error` or behind the errors it came from.
fn python_source(error: &Error) -> Option<&PythonSource> {
    let mut source: &(dyn std::error::Error + 'static) = error.shared_source()?.as_ref();
    loop {
        if let Some(found) = source.downcast_ref::<PythonSource>() {
            return Some(found);
        }
        if let Some(inner) = source.downcast_ref::<Error>() {
            source = inner.shared_source()?.as_ref();
        } else {
            source = source.source()?;
        }
    }
}

/// What the engine is told of an exception that `place` (a class and method) raised. Published
/// exceptions keep their kind, message and details; others are errors of user code.
pub(crate) fn from_exception(py: Python<'_>, exception: PyErr, place: &str) -> Error {
    let value = exception.value(py);
    let mut error = if let Some(kind) = published_kind(value) {
        Error::new(kind, attribute::<String>(value, "message").unwrap_or_default())
    } else {
        let name = value.get_type().name().map_or_else(|_| String::new(), |name| name.to_string());
        let text = value.str().map_or_else(|_| String::new(), |text| text.to_string());
        let colon = if text.is_empty() { "" } else { ": " };
        let message = format!("`{place}` raised `{name}`{colon}{text}");
        Error::new(other_kind(&exception, py), message)
    };
    if let Some(hint) = attribute::<String>(value, "hint") {
        error = error.with_hint(hint);
    }
    if let Some(status) = attribute::<u16>(value, "status_code") {
        error = error.with_status(status);
    }
    let wait = attribute::<f64>(value, "retry_after").map(Duration::try_from_secs_f64);
    if let Some(Ok(wait)) = wait {
        error = error.with_retry_after(wait);
    }
    with_source(error, exception)
}

/// `error` with the exception that it comes from.
pub(crate) fn with_source(error: Error, exception: PyErr) -> Error {
    error.with_source(PythonSource(exception))
}

/// The kind that a published exception carries. A bare one, raised by user code, says no more than
/// any other exception.
fn published_kind(value: &Bound<'_, PyBaseException>) -> Option<ErrorKind> {
    let code = attribute::<String>(value, "kind")?;
    let kind = ErrorKind::ALL.into_iter().find(|kind| kind.code() == code)?;
    (kind != ErrorKind::Internal).then_some(kind)
}

fn other_kind(exception: &PyErr, py: Python<'_>) -> ErrorKind {
    if exception.is_instance_of::<PyTimeoutError>(py) || is_asyncio_timeout(exception, py) {
        ErrorKind::Timeout
    } else if exception.is_instance_of::<PyConnectionError>(py) {
        ErrorKind::Connection
    } else {
        ErrorKind::UserCode
    }
}

/// Until Python 3.11, the timeout of asyncio is a class of its own.
fn is_asyncio_timeout(exception: &PyErr, py: Python<'_>) -> bool {
    py.import("asyncio")
        .and_then(|asyncio| asyncio.getattr("TimeoutError"))
        .is_ok_and(|class| exception.is_instance(py, &class))
}

fn attribute<'py, T: for<'a> FromPyObject<'a, 'py>>(
    value: &Bound<'py, PyAny>,
    name: &str,
) -> Option<T> {
    value.getattr(name).ok()?.extract().ok()
}

/// Whether an exception of class `T` is behind `error`.
pub(crate) fn is_exception<T: pyo3::type_object::PyTypeInfo>(error: &Error) -> bool {
    python_source(error).is_some_and(|source| Python::attach(|py| source.0.is_instance_of::<T>(py)))
}
