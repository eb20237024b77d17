//! Where a provider's credential and address come from.

use cascade_core::{ApiKey, Error, ErrorKind, ModelConfig, Result};
use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderMap, HeaderValue};

use crate::base_url::BaseUrl;
use crate::capabilities::{AuthHeader, Dialect};

/// Looks up a value by the name of its environment variable.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The credential for `model`: its own, or the first variable of `dialect` that is set. `None`
/// where the provider needs none.
///
/// # Errors
/// An auth error with field `api_key` and the variable to set when a required one is missing.
pub fn resolve_key(
    model: &ModelConfig,
    dialect: &Dialect,
    lookup: Lookup<'_>,
) -> Result<Option<ApiKey>> {
    let given = model.api_key.as_ref().map(|key| key.expose().trim().to_owned());
    let found = given.filter(|key| !key.is_empty()).or_else(|| find(&dialect.key_env, lookup));
    match found {
        Some(key) => Ok(Some(ApiKey::new(key))),
        None if dialect.key_required => Err(missing_key(model, dialect)),
        None => Ok(None),
    }
}

/// The base URL for `model`: its own, that of `fallback`, the first variable of `dialect` that is
/// set, or the provider's.
///
/// # Errors
/// A config error about `base_url`.
pub fn resolve_base_url(
    model: &ModelConfig,
    dialect: &Dialect,
    fallback: Option<&str>,
    lookup: Lookup<'_>,
) -> Result<BaseUrl> {
    let given = model.base_url.as_deref().or(fallback).map(str::to_owned);
    let text = given
        .filter(|url| !url.trim().is_empty())
        .or_else(|| find(&dialect.base_url_env, lookup))
        .unwrap_or_else(|| dialect.base_url.to_owned());
    BaseUrl::parse(&text, dialect)
        .map_err(|error| error.with_provider(dialect.name).with_model(&*model.name))
}

/// Whether `dialect` can be used with what `lookup` finds.
pub fn has_credential(dialect: &Dialect, lookup: Lookup<'_>) -> bool {
    !dialect.key_required
        || find(&dialect.key_env, lookup).is_some()
        || dialect
            .settings
            .iter()
            .filter(|setting| setting.name.ends_with("_credentials"))
            .any(|setting| find(&setting.env, lookup).is_some())
}

fn find(names: &[&str], lookup: Lookup<'_>) -> Option<String> {
    names
        .iter()
        .filter_map(|name| lookup(name))
        .map(|value| value.trim().to_owned())
        .find(|value| !value.is_empty())
}

fn missing_key(model: &ModelConfig, dialect: &Dialect) -> Error {
    let variable = dialect.key_env.first().copied().unwrap_or_default();
    Error::new(ErrorKind::Auth, format!("no API key for provider: `{}`", dialect.name))
        .with_hint(format!("set the environment variable `{variable}` or give `api_key`"))
        .with_field("api_key")
        .with_env_var(variable)
        .with_provider(dialect.name)
        .with_model(&*model.name)
}

/// The headers that every request of `dialect` carries, the credential marked as sensitive.
///
/// # Errors
/// An auth error when the credential cannot stand in a header; it is not shown.
pub(crate) fn request_headers(dialect: &Dialect, key: Option<&ApiKey>) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in &dialect.headers {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let Some(key) = key else { return Ok(headers) };
    let (name, text) = match dialect.auth {
        AuthHeader::Bearer => (AUTHORIZATION, format!("Bearer {}", key.expose())),
        AuthHeader::XGoogApiKey => {
            (HeaderName::from_static("x-goog-api-key"), key.expose().to_owned())
        }
        // A token is fetched for each request.
        AuthHeader::GoogleToken => return Ok(headers),
        AuthHeader::XApiKey => (HeaderName::from_static("x-api-key"), key.expose().to_owned()),
    };
    let allowed = HeaderValue::from_str(&text).ok().filter(|_| text.is_ascii());
    let mut value = allowed.ok_or_else(|| {
        Error::new(ErrorKind::Auth, "API key holds characters that cannot stand in a header")
            .with_hint("copy the key again, without line breaks or letters beyond ASCII")
            .with_field("api_key")
            .with_provider(dialect.name)
    })?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(headers)
}
