//! Ready-made configurations over whatever providers have credentials.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use cascade_core::{Error, ErrorKind, ModelConfig, PerComplexity, Result};
use serde::Deserialize;

use crate::AgentConfig;

#[derive(Deserialize)]
struct Table {
    models: BTreeMap<String, ModelConfig>,
    presets: BTreeMap<String, Preset>,
}

#[derive(Deserialize)]
struct Preset {
    /// Keys of `models` by the provider whose credential they need.
    models: BTreeMap<String, Vec<String>>,
    /// As `models`, where none of those has a credential.
    #[serde(default)]
    otherwise: BTreeMap<String, Vec<String>>,
    thresholds: [f64; 5],
}

static TABLE: LazyLock<Option<Table>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../data/presets.json")).ok());

fn table() -> Result<&'static Table> {
    TABLE.as_ref().ok_or_else(|| Error::new(ErrorKind::Internal, "the preset table is unreadable"))
}

/// Names of the presets.
pub fn names() -> Vec<&'static str> {
    table().map(|table| table.presets.keys().map(String::as_str).collect()).unwrap_or_default()
}

/// The configuration of preset `name` over the providers for which `has_credential` holds.
///
/// # Errors
/// A validation error for an unknown name; a config error when no provider has a credential.
pub fn config(name: &str, has_credential: &dyn Fn(&str) -> bool) -> Result<AgentConfig> {
    let table = table()?;
    let Some(preset) = table.presets.get(name) else {
        return Err(Error::validation(
            "preset",
            format!("unknown preset: `{name}`"),
            format!("use one of {}", names().join(", ")),
        ));
    };
    let mut models = pick(table, &preset.models, has_credential);
    if models.is_empty() {
        models = pick(table, &preset.otherwise, has_credential);
    }
    if models.is_empty() {
        return Err(Error::config(
            "models",
            format!("no provider of preset `{name}` has a key"),
            "set at least one of OPENAI_API_KEY, ANTHROPIC_API_KEY, GROQ_API_KEY",
        ));
    }
    let [trivial, simple, moderate, hard, expert] = preset.thresholds;
    let mut config = AgentConfig { models, ..AgentConfig::default() };
    config.quality.confidence_thresholds =
        PerComplexity::new(Some(trivial), Some(simple), Some(moderate), Some(hard), Some(expert));
    Ok(config)
}

fn pick(
    table: &Table,
    wanted: &BTreeMap<String, Vec<String>>,
    has_credential: &dyn Fn(&str) -> bool,
) -> Vec<ModelConfig> {
    wanted
        .iter()
        .filter(|(provider, _)| has_credential(provider))
        .flat_map(|(_, keys)| keys)
        .filter_map(|key| table.models.get(key).cloned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_names_known_models() {
        let table = table().unwrap();
        for (name, preset) in &table.presets {
            for (provider, keys) in preset.models.iter().chain(&preset.otherwise) {
                for key in keys {
                    assert_eq!(table.models[key].provider, *provider, "{name}: {key}");
                }
            }
            assert!(config(name, &|_| true).is_ok());
        }
    }
}
