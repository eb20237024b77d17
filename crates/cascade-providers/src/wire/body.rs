use cascade_core::{Error, Result};
use serde::Serialize;
use serde_json::{Map, Value};

/// Parameters that the driver itself must decide.
const RESERVED: [&str; 6] = ["model", "messages", "stream", "input", "contents", "texts"];

/// `request` as a JSON body, with `extra` parameters laid over it. An extra parameter replaces the
/// request's own; where both are objects, their members are joined.
///
/// # Errors
/// A validation error when `extra` names a parameter that the driver must decide.
pub fn encode_body(request: &impl Serialize, extra: &Map<String, Value>) -> Result<Vec<u8>> {
    if extra.is_empty() {
        return serde_json::to_vec(request).map_err(|error| unwritable(&error));
    }
    if let Some(name) = extra.keys().find(|name| RESERVED.contains(&name.as_str())) {
        return Err(Error::validation(
            format!("extra.{name}"),
            format!("extra parameter cannot be set: `{name}`"),
            "use the option of that name instead",
        ));
    }
    let mut body = serde_json::to_value(request).map_err(|error| unwritable(&error))?;
    if let Value::Object(body) = &mut body {
        for (name, value) in extra {
            match (body.get_mut(name), value) {
                (Some(Value::Object(own)), Value::Object(more)) => {
                    own.extend(more.iter().map(|(key, value)| (key.clone(), value.clone())));
                }
                _ => {
                    body.insert(name.clone(), value.clone());
                }
            }
        }
    }
    serde_json::to_vec(&body).map_err(|error| unwritable(&error))
}

fn unwritable(error: &serde_json::Error) -> Error {
    Error::validation(
        "request",
        format!("request cannot be written as JSON: {error}"),
        "use finite numbers and text keys",
    )
}
