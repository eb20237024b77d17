//! Reads the agent's configuration from a file.

use std::path::Path;

use cascade_core::{Error, Result};

use crate::AgentConfig;

impl AgentConfig {
    /// The configuration in the file at `path`: JSON where its name ends in `.json`, else YAML. A
    /// YAML file without content gives the default, and models may be left out, but not listed as none.
    ///
    /// # Errors
    /// As [`Self::from_yaml`], with the file before the message; a config error when the file
    /// cannot be read.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::config(
                "config",
                format!("configuration file `{}` cannot be read: {error}", path.display()),
                "give the path of a YAML or JSON file",
            )
        })?;
        let is_json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        let config = if is_json {
            Self::from_json(&text)
        } else if is_blank(&text) {
            Ok(Self::default())
        } else {
            Self::from_yaml(&text)
        };
        let config = config.and_then(|config| {
            if config.models.is_empty() && lists_models(&text) {
                return Err(Error::config(
                    "models",
                    "at least one model is required: `models` is empty",
                    "name one or more models, or leave `models` out",
                ));
            }
            Ok(config)
        });
        config.map_err(|error| {
            let located =
                Error::new(error.kind(), format!("{}: {}", path.display(), error.message()))
                    .with_field(error.field().unwrap_or("config"));
            match error.hint() {
                Some(hint) => located.with_hint(hint),
                None => located,
            }
        })
    }
}

/// Whether a text, YAML or JSON, has a key `models` at its top.
fn lists_models(text: &str) -> bool {
    serde_norway::from_str::<serde_norway::Value>(text)
        .is_ok_and(|config| config.get("models").is_some())
}

/// Whether a YAML text holds nothing but blank lines and comments.
fn is_blank(text: &str) -> bool {
    text.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with('#'))
}
