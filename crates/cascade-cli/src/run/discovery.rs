use std::sync::LazyLock;

use cascadeflow::{ModelConfig, Usd};
use serde::Deserialize;

use super::ollama_discovery;
use crate::environment::Environment;

/// The models that a provider's key stands for when the user names none.
#[derive(Debug, Deserialize)]
struct KnownKey {
    provider: String,
    variable: String,
    models: Vec<String>,
}

static KNOWN_KEYS: LazyLock<Vec<KnownKey>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/default_models.json")).unwrap_or_default()
});

/// Names of the environment variables whose keys are used.
pub(crate) fn key_variables() -> Vec<&'static str> {
    KNOWN_KEYS.iter().map(|key| key.variable.as_str()).collect()
}

/// The environment variable of a provider's key; `None` when it needs none or is not known here.
pub(crate) fn key_variable(provider: &str) -> Option<&'static str> {
    KNOWN_KEYS.iter().find(|key| key.provider == provider).map(|key| key.variable.as_str())
}

/// The models of every provider whose key is set, and local ones. With a key at hand the largest
/// local model drafts for free; without one the smallest drafts for the largest.
pub(super) async fn find_models(environment: &Environment) -> Vec<ModelConfig> {
    let mut models: Vec<ModelConfig> = KNOWN_KEYS
        .iter()
        .filter(|key| environment.get(&key.variable).is_some())
        .flat_map(|key| key.models.iter().map(|name| ModelConfig::new(name, &key.provider)))
        .collect();
    if let Some(server) = ollama_discovery::find(environment).await {
        let mut names = server.models_by_size;
        if !models.is_empty() {
            names.drain(..names.len().saturating_sub(1));
        } else if names.len() > 2 {
            names.drain(1..names.len() - 1);
        }
        let local = names.into_iter().map(|name| {
            let mut model = ModelConfig::new(name, "ollama").with_cost(Usd::ZERO);
            model.base_url = Some(server.base_url.clone());
            model
        });
        models.splice(0..0, local);
    }
    models
}
