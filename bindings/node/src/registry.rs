//! The providers that need no JavaScript.

use std::sync::{Arc, LazyLock};

use cascadeflow::ports::Provider;
use cascadeflow::providers::{HttpConfig, HttpProvider, ProviderRegistry, dialect};
use cascadeflow::{Error, ModelConfig, Result, env_vars};

use crate::instant_provider::InstantProvider;

static BUILTIN: LazyLock<ProviderRegistry> = LazyLock::new(ProviderRegistry::builtin);

/// The provider that serves `model`. The one for measurements stands beside the registry, so that
/// no message offers it.
fn create(
    model: &ModelConfig,
    credential: &dyn Fn(&str) -> Option<String>,
) -> Result<Arc<dyn Provider>> {
    if model.provider == InstantProvider::NAME {
        return Ok(Arc::new(InstantProvider::new(model)));
    }
    BUILTIN.create(model, credential)
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
    HttpProvider::new(dialect, model, &env_vars::read, HttpConfig::default())
}

/// As [`builtin`], with credentials from `credential` alone.
pub(crate) fn builtin_with(
    model: &ModelConfig,
    credential: &dyn Fn(&str) -> Option<String>,
) -> Result<Arc<dyn Provider>> {
    create(model, credential)
}

/// Names of the built-in providers in alphabetical order.
pub(crate) fn names() -> Vec<String> {
    BUILTIN.names().map(str::to_owned).collect()
}

/// Names of the built-in providers that can be called as they are: their credential is in the
/// environment, or they need none.
pub(crate) fn available() -> Vec<String> {
    names().into_iter().filter(|name| is_available(name)).collect()
}

/// Whether the built-in provider `name` can be called as it is.
pub(crate) fn is_available(name: &str) -> bool {
    builtin(&ModelConfig::new("any", name)).is_ok()
}
