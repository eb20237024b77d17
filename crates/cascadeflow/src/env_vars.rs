//! Every environment variable that cascadeflow reads.

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
    fn new(name: &str, purpose: &str, without: &str) -> Self {
        Self { name: name.to_owned(), purpose: purpose.to_owned(), without: without.to_owned() }
    }
}

/// The value of the variable `name`; `None` when unset, empty or not Unicode.
#[expect(clippy::disallowed_methods, reason = "the one place that reads variables")]
pub fn read(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// Every variable, in the order of the reference.
pub fn all() -> Vec<EnvVar> {
    vec![EnvVar::new(
        "OPENAI_API_KEY",
        "Credential of the provider `openai`.",
        "a model of that provider needs `api_key`",
    )]
}
