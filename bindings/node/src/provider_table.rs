//! What the providers are, as data.

use cascadeflow::chat_json::Fields;
use cascadeflow::providers::{
    HttpConfig, SupportedProvider, configured_providers as configured, get_available_providers,
    get_provider_info, supported_providers as supported, validate_provider as validate,
};
use cascadeflow::telemetry::PriceCatalogue;
use cascadeflow::{Error, ErrorKind, Result, env_vars};
use napi_derive::napi;
use serde::Serialize;
use serde_json::json;

use crate::error::to_js;
use crate::registry;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProviderView<'a> {
    name: &'a str,
    aliases: &'a [&'a str],
    display_name: &'a str,
    value_prop: &'a str,
    cost_range: &'a str,
    speed: &'a str,
    use_case: &'a str,
    requires_api_key: bool,
    built_in: bool,
    example_models: &'a [&'a str],
}

impl<'a> From<&'a SupportedProvider> for ProviderView<'a> {
    fn from(provider: &'a SupportedProvider) -> Self {
        Self {
            name: provider.name,
            aliases: &provider.aliases,
            display_name: provider.display_name,
            value_prop: provider.value,
            cost_range: provider.cost_range,
            speed: provider.speed,
            use_case: provider.use_case,
            requires_api_key: provider.requires_api_key(),
            built_in: provider.built_in,
            example_models: &provider.example_models,
        }
    }
}

/// Every supported provider, as the JSON text of a list.
#[napi]
pub(crate) fn supported_providers() -> napi::Result<String> {
    let views: Vec<_> = supported().iter().map(ProviderView::from).collect();
    encode(&views).map_err(to_js)
}

/// What is known of the provider of this name or alias, as JSON text; null when it is not supported.
#[napi]
pub(crate) fn provider_info(name: String) -> napi::Result<Option<String>> {
    get_provider_info(&name)
        .map(|provider| encode(&ProviderView::from(provider)))
        .transpose()
        .map_err(to_js)
}

/// As `provider_info`; throws an error that names the providers when it is not supported.
#[napi]
pub(crate) fn validate_provider(name: String) -> napi::Result<String> {
    validate(&name).and_then(|provider| encode(&ProviderView::from(provider))).map_err(to_js)
}

/// Whether the catalogue lists prices of models of the provider.
#[napi]
pub(crate) fn is_priced(provider: String) -> bool {
    let catalogue = PriceCatalogue::embedded();
    let name = catalogue.provider_name(&provider);
    catalogue.models().any(|(own, _)| own == name)
}

/// The name in the registry that `name` means: itself, or the built-in provider it is an alias of;
/// null when it means none.
#[napi]
pub(crate) fn canonical_provider(name: String) -> Option<String> {
    registry::canonical_name(&name)
}

/// Names of the built-in providers that can be called as they are. `environment` is the JSON text
/// of the only variables that can be found, null for the process's.
#[napi]
pub(crate) fn available_providers(environment: Option<String>) -> napi::Result<Vec<String>> {
    names(environment.as_deref(), get_available_providers)
}

/// Names of the built-in providers that need a credential and find one; `environment` as for
/// `available_providers`.
#[napi]
pub(crate) fn configured_providers(environment: Option<String>) -> napi::Result<Vec<String>> {
    names(environment.as_deref(), configured)
}

fn names(
    environment: Option<&str>,
    list: impl Fn(&dyn Fn(&str) -> Option<String>) -> Vec<&'static str>,
) -> napi::Result<Vec<String>> {
    let found = with_environment(environment, |lookup| list(lookup)).map_err(to_js)?;
    Ok(found.into_iter().map(str::to_owned).collect())
}

/// What the environment says of how providers are reached, as the JSON text of a model's `http`;
/// `environment` as for `available_providers`.
#[napi]
pub(crate) fn http_options_from_env(environment: Option<String>) -> napi::Result<String> {
    with_environment(environment.as_deref(), HttpConfig::options_from_env)
        .map(|options| json!(options).to_string())
        .map_err(to_js)
}

fn with_environment<T>(
    environment: Option<&str>,
    work: impl Fn(&dyn Fn(&str) -> Option<String>) -> T,
) -> Result<T> {
    let Some(environment) = environment else { return Ok(work(&env_vars::read)) };
    let variables = Fields::parse("environment", environment)?;
    Ok(work(&|name| {
        variables.text(name).filter(|value| !value.trim().is_empty()).map(str::to_owned)
    }))
}

fn encode(view: &impl Serialize) -> Result<String> {
    serde_json::to_string(view).map_err(|error| {
        Error::new(ErrorKind::Internal, format!("provider cannot be encoded: {error}"))
    })
}
