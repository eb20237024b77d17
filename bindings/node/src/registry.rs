//! The providers that need no JavaScript.

use std::sync::{Arc, LazyLock};

use cascadeflow::ports::{Embedder, Provider};
use cascadeflow::providers::{
    CircuitBreakerRegistry, HttpConfig, HttpProvider, ProviderRegistry, dialect,
};
use cascadeflow::{Error, ModelConfig, Result, env_vars};

use crate::instant_provider::InstantProvider;

static BUILTIN: LazyLock<ProviderRegistry> = LazyLock::new(ProviderRegistry::builtin);

/// Settings of the calls: the defaults, with circuit breakers as the registry of the process has
/// them by default.
fn http_settings() -> HttpConfig {
    let breakers = CircuitBreakerRegistry::global();
    HttpConfig { circuit: Some(breakers.default_config()), breakers, ..HttpConfig::default() }
}

/// The provider that serves `model`. The one for measurements stands beside the registry, so that
/// no message offers it.
fn create(
    model: &ModelConfig,
    credential: &dyn Fn(&str) -> Option<String>,
) -> Result<Arc<dyn Provider>> {
    if model.provider == InstantProvider::NAME {
        return Ok(Arc::new(InstantProvider::new(model)));
    }
    ProviderRegistry::builtin_with(&http_settings()).create(model, credential)
}

/// The built-in provider that serves `model`, with credentials from the environment.
pub(crate) fn builtin(model: &ModelConfig) -> Result<Arc<dyn Provider>> {
    create(model, &env_vars::read)
}

/// The driver behind the built-in provider that serves `model`, with credentials from the
/// environment.
pub(crate) fn over_http(model: &ModelConfig) -> Result<HttpProvider> {
    let dialect = dialect(&model.provider).ok_or_else(|| {
        Error::validation(
            "provider",
            format!("provider lists no models: `{}`", model.provider),
            "use a provider that is reached over HTTP",
        )
    })?;
    HttpProvider::new(dialect, model, &env_vars::read, http_settings())
}

/// As [`builtin`], with credentials from `credential` alone.
pub(crate) fn builtin_with(
    model: &ModelConfig,
    credential: &dyn Fn(&str) -> Option<String>,
) -> Result<Arc<dyn Provider>> {
    create(model, credential)
}

/// What turns texts into vectors by `model`, with credentials from the environment.
pub(crate) fn embedder(model: &ModelConfig) -> Result<Arc<dyn Embedder>> {
    ProviderRegistry::builtin_with(&http_settings()).create_embedder(model, &env_vars::read)
}

/// The name that `name` means: itself, or the built-in provider it is an alias of; `None` when it
/// means none.
pub(crate) fn canonical_name(name: &str) -> Option<String> {
    BUILTIN.canonical_name(name).map(str::to_owned)
}

/// Whether the built-in provider `name` can be called as it is.
pub(crate) fn is_available(name: &str) -> bool {
    builtin(&ModelConfig::new("any", name)).is_ok()
}
