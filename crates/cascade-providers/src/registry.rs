use std::collections::BTreeMap;
use std::sync::Arc;

use cascade_core::ports::Provider;
use cascade_core::{Error, ModelConfig, Result};

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
}

impl ProviderRegistry {
    /// The providers that come with the crate.
    pub fn builtin() -> Self {
        Self::default()
    }

    /// Registers `factory` under `name`, in place of any before.
    pub fn register(&mut self, name: impl Into<String>, factory: ProviderFactory) {
        self.factories.insert(name.into(), factory);
    }

    /// Names in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.factories.keys().map(String::as_str)
    }

    /// The provider that serves `model`.
    pub fn create(
        &self,
        model: &ModelConfig,
        credential: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Arc<dyn Provider>> {
        let Some(factory) = self.factories.get(&model.provider) else {
            return Err(Error::validation(
                "provider",
                format!("unknown provider: `{}`", model.provider),
                format!("use one of {}", self.names().collect::<Vec<_>>().join(", ")),
            ));
        };
        factory(model, credential)
    }
}
