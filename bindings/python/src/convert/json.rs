use cascadeflow::{Error, Result};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Plain Python data of any serialisable value.
pub(crate) fn to_python<T: Serialize + ?Sized>(py: Python<'_>, value: &T) -> PyResult<Py<PyAny>> {
    Ok(pythonize::pythonize(py, value)?.unbind())
}

/// A value of plain Python data.
///
/// # Errors
/// A validation error about `field` that says what does not fit.
pub(crate) fn from_python<T: DeserializeOwned>(field: &str, value: &Bound<'_, PyAny>) -> Result<T> {
    pythonize::depythonize(value).map_err(|error| {
        Error::validation(
            field,
            format!("`{field}` is malformed: {error}"),
            "see the documented form of this argument",
        )
    })
}

/// JSON of plain Python data.
///
/// # Errors
/// A validation error about `field`.
pub(crate) fn to_json(field: &str, value: &Bound<'_, PyAny>) -> Result<Value> {
    pythonize::depythonize(value).map_err(|error| {
        Error::validation(
            field,
            format!("`{field}` is not plain data: {error}"),
            "use None, booleans, numbers, text, lists and dicts with text keys",
        )
    })
}

/// As `to_json`, of data whose numbers all mean something: JSON has no place for the others, and
/// would take them for what is left out.
///
/// # Errors
/// A validation error about `field`, or about the place in it where a number is not finite.
pub(crate) fn finite_json(field: &str, value: &Bound<'_, PyAny>) -> Result<Value> {
    if let Some(place) = infinite(value) {
        let place = if place.is_empty() { field } else { &place };
        return Err(Error::validation(
            place,
            format!("`{place}` is not a finite number"),
            "give a number, or leave it out",
        ));
    }
    to_json(field, value)
}

/// Where in dicts a number is that is not finite, as dotted keys.
fn infinite(value: &Bound<'_, PyAny>) -> Option<String> {
    if let Ok(number) = value.cast::<PyFloat>() {
        return (!number.value().is_finite()).then(String::new);
    }
    value.cast::<PyDict>().ok()?.iter().find_map(|(key, value)| {
        let inner = infinite(&value)?;
        Some(if inner.is_empty() { key.to_string() } else { format!("{key}.{inner}") })
    })
}

/// A JSON object of a dict.
///
/// # Errors
/// A validation error about `field`.
pub(crate) fn json_object(field: &str, value: &Bound<'_, PyAny>) -> Result<Map<String, Value>> {
    if !value.is_instance_of::<PyDict>() {
        return Err(Error::validation(
            field,
            format!("`{field}` is not a dict"),
            "give a dict with text keys",
        ));
    }
    from_python(field, value)
}
