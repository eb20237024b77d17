use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// The fields of a JSON object that are not read yet. Reading field by field lets every error name
/// its field.
#[derive(Debug, Clone)]
pub struct Fields {
    what: String,
    map: Map<String, Value>,
}

impl Fields {
    /// The fields of `value`, which is called `what` in errors.
    ///
    /// # Errors
    /// A validation error when `value` is no object.
    pub fn new(what: impl Into<String>, value: Value) -> Result<Self> {
        let what = what.into();
        match value {
            Value::Object(map) => Ok(Self { what, map }),
            other => {
                let kind = kind_of(&other);
                let message = format!("`{what}` is not an object: `{kind}`");
                Err(Error::validation(what, message, "give an object"))
            }
        }
    }

    /// The fields of the JSON object in `text`.
    ///
    /// # Errors
    /// A validation error when `text` is no JSON object.
    pub fn parse(what: &str, text: &str) -> Result<Self> {
        let value = serde_json::from_str(text).map_err(|error| {
            Error::validation(what, format!("`{what}` is not JSON: {error}"), "give a JSON object")
        })?;
        Self::new(what, value)
    }

    /// Takes a field; `None` when it is absent or null.
    ///
    /// # Errors
    /// A validation error that names the field when it has another type.
    pub fn take<T: DeserializeOwned>(&mut self, field: &str) -> Result<Option<T>> {
        match self.take_value(field) {
            None => Ok(None),
            Some(value) => serde_json::from_value(value).map(Some).map_err(|error| {
                Error::validation(
                    field,
                    format!("`{field}` cannot be read: {error}"),
                    "give a value of the documented type",
                )
            }),
        }
    }

    /// Takes a field; its default when it is absent or null.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub fn take_or_default<T: DeserializeOwned + Default>(&mut self, field: &str) -> Result<T> {
        Ok(self.take(field)?.unwrap_or_default())
    }

    /// Takes a number of milliseconds.
    ///
    /// # Errors
    /// A validation error when it is no number, negative or not finite.
    pub fn take_milliseconds(&mut self, field: &str) -> Result<Option<Duration>> {
        let Some(milliseconds) = self.take::<f64>(field)? else { return Ok(None) };
        Duration::try_from_secs_f64(milliseconds / 1_000.0).map(Some).map_err(|_| {
            Error::validation(
                field,
                format!("`{field}` is out of range: `{milliseconds}`"),
                "give milliseconds, zero or more",
            )
        })
    }

    /// Takes a field as it is; `None` when it is absent or null.
    pub fn take_value(&mut self, field: &str) -> Option<Value> {
        // The order of the fields left over does not matter.
        self.map.swap_remove(field).filter(|value| !value.is_null())
    }

    /// The text of a field, which stays; `None` when it is absent or not text.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.map.get(field).and_then(Value::as_str)
    }

    /// Takes the first of several names of one field that is there.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub fn take_first<T: DeserializeOwned>(&mut self, names: &[&str]) -> Result<Option<T>> {
        for name in names {
            if let Some(value) = self.take(name)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// Refuses what was not taken.
    ///
    /// # Errors
    /// A validation error that names the first field left.
    pub fn finish(self) -> Result<()> {
        match self.map.keys().next() {
            None => Ok(()),
            Some(field) => Err(Error::validation(
                field.clone(),
                format!("unknown field of `{}`: `{field}`", self.what),
                "remove it, or check its spelling",
            )),
        }
    }
}

/// The JSON type of `value`, for messages.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The items of a list called `field`.
pub(super) fn items<'a>(field: &str, value: &'a Value, hint: &str) -> Result<&'a [Value]> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| {
        let message = format!("`{field}` is not a list: `{}`", kind_of(value));
        Error::validation(field, message, hint)
    })
}
