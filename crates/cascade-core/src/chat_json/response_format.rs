use serde_json::Value;

use crate::error::{Error, Result};
use crate::types::ResponseFormat;

/// The form of an answer: `{"type": "text"}`, `{"type": "json_object"}`, or a schema, flat or nested
/// under `json_schema` as OpenAI has it.
///
/// # Errors
/// A validation error when it is none of these.
pub fn read_response_format(value: &Value) -> Result<ResponseFormat> {
    let mut flat = value.clone();
    if let Some(object) = flat.as_object_mut() {
        if let Some(Value::Object(nested)) = object.remove("json_schema") {
            object.extend(nested);
        }
        object.retain(|key, value| {
            matches!(key.as_str(), "type" | "name" | "schema" | "strict") && !value.is_null()
        });
        if object.get("type").and_then(Value::as_str) == Some("json_schema") {
            object.entry("name").or_insert_with(|| Value::from("answer"));
        }
    }
    serde_json::from_value(flat).map_err(|error| {
        Error::validation(
            "response_format",
            format!("`response_format` is malformed: {error}"),
            r#"give {"type": "text"}, {"type": "json_object"} or {"type": "json_schema", "json_schema": {"name": …, "schema": …}}"#,
        )
    })
}
