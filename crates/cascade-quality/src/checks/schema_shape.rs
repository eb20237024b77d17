//! Whether a value has the shape that a JSON Schema asks for: types, required properties,
//! enumerations and items. Bounds, patterns and combinations are left to full validation.

use serde_json::Value;

/// Deepest nesting that is followed.
const DEPTH: usize = 32;

/// The first fault in plain words; `None` when the shape fits.
pub(super) fn fault(value: &Value, schema: &Value) -> Option<String> {
    inspect(value, schema, "", DEPTH)
}

fn inspect(value: &Value, schema: &Value, path: &str, depth: usize) -> Option<String> {
    let schema = schema.as_object()?;
    if depth == 0 {
        return None;
    }
    let at = if path.is_empty() { "the value" } else { path };
    if let Some(wanted) = schema.get("type")
        && !is_of(value, wanted)
    {
        return Some(format!("`{at}` is not of type {wanted}"));
    }
    if let Some(Value::Array(allowed)) = schema.get("enum")
        && !allowed.contains(value)
    {
        return Some(format!("`{at}` is not one of the allowed values"));
    }
    if let (Some(Value::Array(required)), Value::Object(object)) = (schema.get("required"), value) {
        let missing = required.iter().filter_map(Value::as_str).find(|k| !object.contains_key(*k));
        if let Some(key) = missing {
            return Some(format!("`{key}` is missing"));
        }
    }
    if let (Some(Value::Object(properties)), Value::Object(object)) =
        (schema.get("properties"), value)
    {
        for (key, schema) in properties {
            let Some(inner) = object.get(key) else { continue };
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            if let Some(fault) = inspect(inner, schema, &path, depth - 1) {
                return Some(fault);
            }
        }
    }
    if let (Some(items), Value::Array(values)) = (schema.get("items"), value) {
        let path = format!("{path}[]");
        return values.iter().find_map(|inner| inspect(inner, items, &path, depth - 1));
    }
    None
}

fn is_of(value: &Value, wanted: &Value) -> bool {
    match wanted {
        Value::String(name) => match name.as_str() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "number" => value.is_number(),
            "integer" => {
                value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|n| n.fract() == 0.0)
            }
            "boolean" => value.is_boolean(),
            "null" => value.is_null(),
            _ => true,
        },
        Value::Array(names) => names.iter().any(|name| is_of(value, name)),
        _ => true,
    }
}
