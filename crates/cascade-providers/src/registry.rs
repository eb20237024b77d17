//! Providers by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use cascade_core::ports::{Embedder, Provider};
use cascade_core::{Error, ModelConfig, Result, nearest};

use crate::capabilities::{dialect, dialects};
use crate::credentials::{Lookup, has_credential};
use crate::embedding_provider::EmbeddingProvider;
use crate::http_config::HttpConfig;
use crate::http_provider::HttpProvider;

/// Makes the provider that serves a model. The second argument looks up a credential by the name of
/// its environment variable.
pub type ProviderFactory = Arc<
    dyn Fn(&ModelConfig, &dyn Fn(&str) -> Option<String>) -> Result<Arc<dyn Provider>>
        + Send
        + Sync,
>;

/// Providers by name.
#[derive(Clone, Default)]
pub struct ProviderRegistry {
    factories: BTreeMap<String, ProviderFactory>,
    /// Settings of the built-in providers.
    config: HttpConfig,
}

impl ProviderRegistry {
    /// The providers that come with the crate, with default HTTP settings.
    pub fn builtin() -> Self {
        Self::builtin_with(&HttpConfig::default())
    }

    /// The providers that come with the crate, all with these HTTP settings.
    pub fn builtin_with(config: &HttpConfig) -> Self {
        let mut registry = Self { factories: BTreeMap::new(), config: config.clone() };
        for dialect in dialects() {
            let config = config.clone();
            registry.register(
                dialect.name,
                Arc::new(move |model, lookup| {
                    let provider = HttpProvider::new(dialect, model, lookup, config.clone())?;
                    Ok(Arc::new(provider) as Arc<dyn Provider>)
                }),
            );
        }
        registry
    }

    /// Registers `factory` under `name`, in place of any before.
    pub fn register(&mut self, name: impl Into<String>, factory: ProviderFactory) {
        self.factories.insert(name.into(), factory);
    }

    /// Names in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.factories.keys().map(String::as_str)
    }

    /// The registered name that `name` means: itself, or the provider it is an alias of, in any
    /// case; `None` when it means none.
    pub fn canonical_name(&self, name: &str) -> Option<&str> {
        let lower = name.trim().to_ascii_lowercase();
        let canonical = [name, &lower]
            .into_iter()
            .find(|name| self.factories.contains_key(*name))
            .or_else(|| dialect(&lower).map(|dialect| dialect.name))?;
        self.factories.get_key_value(canonical).map(|(name, _)| name.as_str())
    }

    /// The provider that serves `model`.
    ///
    /// # Errors
    /// A validation error about `provider` when the name is unknown, or the factory's: an auth
    /// error about a missing `api_key`, a config error about `base_url`.
    pub fn create(
        &self,
        model: &ModelConfig,
        credential: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Arc<dyn Provider>> {
        let factory =
            self.canonical_name(&model.provider).and_then(|name| self.factories.get(name));
        match factory {
            Some(factory) => factory(model, credential),
            None => Err(self.unknown(model)),
        }
    }

    /// What turns texts into vectors by `model`, by a built-in provider.
    ///
    /// # Errors
    /// As [`Self::create`], and a validation error when the provider makes no embeddings.
    pub fn create_embedder(
        &self,
        model: &ModelConfig,
        credential: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Arc<dyn Embedder>> {
        let name = self.canonical_name(&model.provider).unwrap_or(&model.provider);
        let Some(dialect) = dialect(name) else { return Err(self.unknown(model)) };
        Ok(Arc::new(EmbeddingProvider::new(dialect, model, credential, self.config.clone())?))
    }

    fn unknown(&self, model: &ModelConfig) -> Error {
        let names = self.names().collect::<Vec<_>>().join(", ");
        let hint = match nearest(&model.provider, self.names()) {
            Some(near) => format!("did you mean `{near}`? known providers: {names}"),
            None => format!("use one of: {names}"),
        };
        Error::validation("provider", format!("unknown provider: `{}`", model.provider), hint)
            .with_model(&*model.name)
    }
}

/// Names of the built-in providers that need a credential and find one through `lookup`, in the
/// order of the table.
pub fn configured_providers(lookup: Lookup<'_>) -> Vec<&'static str> {
    dialects()
        .iter()
        .filter(|dialect| dialect.key_required && has_credential(dialect, lookup))
        .map(|dialect| dialect.name)
        .collect()
}
