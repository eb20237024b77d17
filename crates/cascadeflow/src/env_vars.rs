//! Every environment variable that cascadeflow reads.

/// The value of the variable `name`; `None` when unset, empty or not Unicode.
pub fn read(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}
