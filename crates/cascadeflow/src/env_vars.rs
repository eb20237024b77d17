//! Every environment variable that cascadeflow reads.

use cascade_providers::{Dialect, dialects};

/// Set to anything, turns colours of the command line off (<https://no-color.org>).
pub const NO_COLOR: &str = "NO_COLOR";
/// Proxy for requests over TLS.
pub const HTTPS_PROXY: &str = "HTTPS_PROXY";
/// Proxy for requests without TLS.
pub const HTTP_PROXY: &str = "HTTP_PROXY";
/// Hosts that are reached without a proxy, separated by commas.
pub const NO_PROXY: &str = "NO_PROXY";

/// A variable with its meaning, for the reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvVar {
    /// Name.
    pub name: String,
    /// What it does.
    pub purpose: String,
    /// What holds when it is unset or empty.
    pub without: String,
}

impl EnvVar {
    fn new(name: &str, purpose: impl Into<String>, without: impl Into<String>) -> Self {
        Self { name: name.to_owned(), purpose: purpose.into(), without: without.into() }
    }
}

/// The value of the variable `name`; `None` when unset, empty or not Unicode.
#[expect(clippy::disallowed_methods, reason = "the one place that reads variables")]
pub fn read(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// Every variable, in the order of the reference: those of the providers, then the rest.
pub fn all() -> Vec<EnvVar> {
    let mut variables: Vec<EnvVar> = dialects().iter().flat_map(of_provider).collect();
    variables.extend([
        EnvVar::new(HTTPS_PROXY, "Proxy for requests over TLS.", "no proxy"),
        EnvVar::new(HTTP_PROXY, "Proxy for requests without TLS.", "no proxy"),
        EnvVar::new(NO_PROXY, "Hosts reached without a proxy, separated by commas.", "none"),
        EnvVar::new(
            NO_COLOR,
            "Set to anything, turns colours of the command line off.",
            "colours on a terminal",
        ),
    ]);
    let exports = crate::otel_env::VARIABLES.into_iter();
    variables.extend(exports.map(|(name, purpose, without)| EnvVar::new(name, purpose, without)));
    variables
}

/// The variables of one provider: its credential under every name, its settings, its address.
fn of_provider(dialect: &Dialect) -> Vec<EnvVar> {
    let mut variables = Vec::new();
    for (position, name) in dialect.key_env.iter().enumerate() {
        let without = match dialect.key_env.get(position + 1) {
            Some(next) => format!("`{next}` is read"),
            None if dialect.key_required => "its models need `api_key`".to_owned(),
            None => "no credential is sent".to_owned(),
        };
        variables.push(EnvVar::new(name, format!("Credential of {}.", dialect.title), without));
    }
    for setting in &dialect.settings {
        for (position, name) in setting.env.iter().enumerate() {
            let without = match setting.env.get(position + 1) {
                Some(next) => format!("`{next}` is read"),
                None => setting.without.to_owned(),
            };
            let purpose = format!(
                "{}: {} `extra.{}` of a model goes before it.",
                dialect.title, setting.purpose, setting.name
            );
            variables.push(EnvVar::new(name, purpose, without));
        }
    }
    for (position, name) in dialect.base_url_env.iter().enumerate() {
        let without = match dialect.base_url_env.get(position + 1) {
            Some(next) => format!("`{next}` is read"),
            None => format!("`{}`", dialect.base_url),
        };
        let purpose =
            format!("Address of {}; `base_url` of a model goes before it.", dialect.title);
        variables.push(EnvVar::new(name, purpose, without));
    }
    variables
}
