//! A JSON object that is read field by field, so that an error names the field.

use cascadeflow::{Error, Result};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The fields of an object that are not read yet.
pub(crate) struct Fields {
    what: &'static str,
    map: Map<String, Value>,
}

impl Fields {
    /// The fields of `value`, which is called `what` in errors.
    pub(crate) fn new(what: &'static str, value: Value) -> Result<Self> {
        match value {
            Value::Object(map) => Ok(Self { what, map }),
            other => Err(Error::validation(
                what,
                format!("`{what}` is not an object: `{}`", kind_of(&other)),
                "give an object",
            )),
        }
    }

    /// The fields of the JSON object in `text`.
    pub(crate) fn parse(what: &'static str, text: &str) -> Result<Self> {
        let value = serde_json::from_str(text).map_err(|error| {
            Error::validation(what, format!("`{what}` is not JSON: {error}"), "give a JSON object")
        })?;
        Self::new(what, value)
    }

    /// Takes a field; `None` when it is absent or null.
    pub(crate) fn take<T: DeserializeOwned>(&mut self, field: &str) -> Result<Option<T>> {
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
    pub(crate) fn take_or_default<T: DeserializeOwned + Default>(
        &mut self,
        field: &str,
    ) -> Result<T> {
        Ok(self.take(field)?.unwrap_or_default())
    }

    /// Takes a field as it is; `None` when it is absent or null.
    pub(crate) fn take_value(&mut self, field: &str) -> Option<Value> {
        // The order of the fields left over does not matter.
        self.map.swap_remove(field).filter(|value| !value.is_null())
    }

    /// The text of a field, which stays; `None` when it is absent or not text.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.map.get(field).and_then(Value::as_str)
    }

    /// Takes the first of several names of one field that is there.
    pub(crate) fn take_first<T: DeserializeOwned>(&mut self, names: &[&str]) -> Result<Option<T>> {
        for name in names {
            if let Some(value) = self.take(name)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// Refuses what was not taken.
    pub(crate) fn finish(self) -> Result<()> {
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
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
