//! What each provider is good for, for those who choose one.

use std::sync::LazyLock;

use cascade_core::{Error, Result, nearest};
use serde::{Deserialize, Serialize};

use crate::capabilities::{Dialect, dialect, dialects};
use crate::credentials::{Lookup, has_credential};

const TABLE: &str = include_str!("../data/supported_providers.json");

/// A provider and what speaks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupportedProvider {
    /// Name in the registry.
    pub name: &'static str,
    /// Other names for it.
    #[serde(default)]
    pub aliases: Vec<&'static str>,
    /// Name for people.
    pub display_name: &'static str,
    /// What it adds.
    pub value: &'static str,
    /// What its models cost, in words.
    pub cost_range: &'static str,
    /// How soon it answers, in words.
    pub speed: &'static str,
    /// Where it fits in a cascade.
    pub use_case: &'static str,
    /// Some of its models.
    pub example_models: Vec<&'static str>,
    /// Whether there is a driver for it here; others are reached through other libraries.
    #[serde(default = "yes")]
    pub built_in: bool,
}

const fn yes() -> bool {
    true
}

impl SupportedProvider {
    /// Whether it needs a key.
    pub fn requires_api_key(&self) -> bool {
        dialect(self.name).is_none_or(|dialect| dialect.key_required)
    }

    /// Whether `name` is its name or one of its aliases.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }
}

#[expect(clippy::expect_used, reason = "the table is part of the program; a test reads all of it")]
static PROVIDERS: LazyLock<Vec<SupportedProvider>> =
    LazyLock::new(|| serde_json::from_str(TABLE).expect("the table of providers is well-formed"));

/// Every provider, in the order of the table.
pub fn supported_providers() -> &'static [SupportedProvider] {
    &PROVIDERS
}

/// The provider of this name or alias, in any case; `None` when there is none.
pub fn get_provider_info(name: &str) -> Option<&'static SupportedProvider> {
    let name = name.trim().to_ascii_lowercase();
    PROVIDERS.iter().find(|provider| provider.is_called(&name))
}

/// The provider of this name or alias.
///
/// # Errors
/// A validation error about `provider` that lists the names and the nearest of them.
pub fn validate_provider(name: &str) -> Result<&'static SupportedProvider> {
    get_provider_info(name).ok_or_else(|| {
        let names: Vec<&str> = PROVIDERS.iter().map(|provider| provider.name).collect();
        let known = PROVIDERS.iter().flat_map(|p| std::iter::once(&p.name).chain(&p.aliases));
        let list = names.join(", ");
        let hint = match nearest(name, known.copied()) {
            Some(near) => format!("did you mean `{near}`? supported providers: {list}"),
            None => format!("use one of: {list}"),
        };
        Error::validation("provider", format!("provider is not supported: `{name}`"), hint)
    })
}

/// Names of the built-in providers that can be used with what `lookup` finds: those with a
/// credential, and those that need none. In the order of their table.
pub fn get_available_providers(lookup: Lookup<'_>) -> Vec<&'static str> {
    let can_be_used = |dialect: &&Dialect| has_credential(dialect, lookup);
    dialects().iter().filter(can_be_used).map(|dialect| dialect.name).collect()
}
