use std::collections::BTreeMap;
use std::sync::LazyLock;

use cascadeflow::providers::{
    DISCOVERY_TIMEOUT, Dialect, configured_providers, dialect, discover_ollama,
};
use cascadeflow::{ModelConfig, Usd};
use serde::Deserialize;

use crate::environment::Environment;

/// What is used when the user names no model.
#[derive(Debug, Default, Deserialize)]
struct Defaults {
    /// The models that a provider's key stands for, by provider.
    hosted: BTreeMap<String, Vec<String>>,
    /// Parts of names by which local models that cannot chat are known.
    embedding_model_names: Vec<String>,
}

static DEFAULTS: LazyLock<Defaults> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/default_models.json")).unwrap_or_default()
});

/// Names of the environment variables whose keys stand for models.
pub(super) fn key_variables() -> Vec<&'static str> {
    DEFAULTS.hosted.keys().filter_map(|provider| key_variable(dialect(provider)?)).collect()
}

/// The first environment variable of a provider's key; `None` when it needs no key.
pub(crate) fn key_variable(provider: &Dialect) -> Option<&'static str> {
    provider.key_env.first().copied().filter(|_| provider.key_required)
}

/// The models of every provider whose key is set, and local ones. With a key at hand the largest
/// local model drafts for free; without one the smallest drafts for the largest.
pub(super) async fn find_models(environment: &Environment) -> Vec<ModelConfig> {
    let lookup = |name: &str| environment.get(name);
    let mut models: Vec<ModelConfig> = configured_providers(&lookup)
        .into_iter()
        .filter_map(|provider| Some((provider, DEFAULTS.hosted.get(provider)?)))
        .flat_map(|(provider, names)| {
            names.iter().map(move |name| ModelConfig::new(name, provider))
        })
        .collect();
    let mut local = local_models(environment).await;
    if !models.is_empty() {
        local.drain(..local.len().saturating_sub(1));
    } else if local.len() > 2 {
        local.drain(1..local.len() - 1);
    }
    let local = local.into_iter().map(|name| ModelConfig::new(name, "ollama").with_cost(Usd::ZERO));
    models.splice(0..0, local);
    models
}

/// Names of the chat models of the local Ollama server, smallest first; empty when none runs.
async fn local_models(environment: &Environment) -> Vec<String> {
    let lookup = |name: &str| environment.get(name);
    let mut listed = discover_ollama(None, &lookup, DISCOVERY_TIMEOUT).await.unwrap_or_default();
    let embeds = |id: &str| DEFAULTS.embedding_model_names.iter().any(|part| id.contains(part));
    listed.retain(|model| !embeds(&model.id));
    listed.sort_by_key(|model| model.size_bytes);
    listed.into_iter().map(|model| model.id).collect()
}

#[cfg(test)]
mod tests {
    use cascadeflow::telemetry::PriceCatalogue;

    use super::*;

    #[test]
    fn every_default_model_has_a_provider_with_a_key_and_a_price() {
        assert!(!DEFAULTS.hosted.is_empty());
        for (provider, names) in &DEFAULTS.hosted {
            assert!(key_variable(dialect(provider).expect(provider)).is_some(), "{provider}");
            for name in names {
                assert!(PriceCatalogue::embedded().find(provider, name).is_some(), "{name}");
            }
        }
    }
}
