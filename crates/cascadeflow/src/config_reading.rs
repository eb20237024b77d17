//! Reads configurations from JSON and YAML with errors that name the field.

use cascade_core::{Error, Result, nearest};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::AgentConfig;

impl AgentConfig {
    /// Reads a configuration from JSON text.
    ///
    /// # Errors
    /// A config error that names the field by its path, such as `models[0].cost`, and the remedy.
    pub fn from_json(text: &str) -> Result<Self> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let config = serde_path_to_error::deserialize(&mut reader)
            .map_err(|error| describe(&error.path().to_string(), &error.inner().to_string()))?;
        reader.end().map_err(|error| describe(".", &error.to_string()))?;
        Ok(config)
    }

    /// Reads a configuration from a JSON value.
    ///
    /// # Errors
    /// As [`Self::from_json`].
    pub fn from_value(value: Value) -> Result<Self> {
        read_value(value)
    }

    /// Reads a configuration from YAML text, of which JSON is a part.
    ///
    /// # Errors
    /// As [`Self::from_json`]; the message tells line and column where YAML knows them.
    pub fn from_yaml(text: &str) -> Result<Self> {
        let reader = serde_norway::Deserializer::from_str(text);
        serde_path_to_error::deserialize(reader)
            .map_err(|error| describe(&error.path().to_string(), &error.inner().to_string()))
    }
}

/// Reads any data type of the workspace from a JSON value, as [`AgentConfig::from_value`] does.
///
/// # Errors
/// A config error that names the field by its path and the remedy.
pub fn read_value<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_path_to_error::deserialize(value)
        .map_err(|error| describe(&error.path().to_string(), &error.inner().to_string()))
}

/// Turns what serde says into an error with field and remedy.
fn describe(path: &str, message: &str) -> Error {
    // YAML puts a path before its message.
    let starts = ["unknown field", "missing field"];
    let message =
        starts.iter().find_map(|start| message.find(start)).map_or(message, |at| &message[at..]);
    let named = quoted(message);
    let parent = if path == "." { "" } else { path };
    if message.starts_with("unknown field") {
        let field = named.first().copied().unwrap_or(parent);
        let near = nearest(field, named.iter().skip(1).copied());
        let hint = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("use {}", list(&named[named.len().min(1)..])),
        };
        let full = if parent.ends_with(field) { parent.to_owned() } else { join(parent, field) };
        return Error::config(full, format!("malformed configuration: {message}"), hint);
    }
    if message.starts_with("missing field") {
        let field = join(parent, named.first().copied().unwrap_or("?"));
        let hint = format!("give `{field}`");
        return Error::config(field, format!("malformed configuration: {message}"), hint);
    }
    let field = if parent.is_empty() { "config" } else { parent };
    Error::config(
        field,
        format!("malformed configuration at `{field}`: {message}"),
        "see the configuration reference for the fields and their types",
    )
}

fn join(parent: &str, field: &str) -> String {
    if parent.is_empty() { field.to_owned() } else { format!("{parent}.{field}") }
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The words between backticks.
fn quoted(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_field_and_the_remedy() {
        let cases = [
            (r#"{"modles": []}"#, "modles", "did you mean `models`?"),
            (r#"{"models": [{"provider": "openai"}]}"#, "models[0].name", "give `models[0].name`"),
            (
                r#"{"models": [{"name": "a", "provider": "b", "cost": "x"}]}"#,
                "models[0].cost",
                "see",
            ),
            (r#"{"max_tokens": "many"}"#, "max_tokens", "see"),
            (r#"{"models": "gpt"}"#, "models", "see"),
            (
                r#"{"models": [{"name": "a", "provder": "b"}]}"#,
                "models[0].provder",
                "did you mean `provider`?",
            ),
        ];
        for (json, field, hint) in cases {
            for error in [
                AgentConfig::from_json(json).unwrap_err(),
                AgentConfig::from_yaml(json).unwrap_err(),
                AgentConfig::from_value(serde_json::from_str(json).unwrap()).unwrap_err(),
            ] {
                assert_eq!(error.field(), Some(field), "{json}: {error}");
                assert!(error.hint().unwrap().starts_with(hint), "{json}: {error}");
            }
        }
        assert!(AgentConfig::from_json("{").unwrap_err().field().is_some());
        assert!(AgentConfig::from_json("{} x").is_err());
    }
}
