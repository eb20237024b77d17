//! How the command reads environment variables.

use std::collections::HashMap;
use std::sync::Arc;

type Read = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Looks environment variables up: those of the process, or given ones.
#[derive(Clone)]
pub struct Environment {
    read: Arc<Read>,
}

impl Environment {
    /// The variables of this process.
    pub fn of_process() -> Self {
        Self { read: Arc::new(cascadeflow::env_vars::read) }
    }

    /// Only the given variables.
    pub fn of_values<K: Into<String>, V: Into<String>>(
        values: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let values: HashMap<String, String> =
            values.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { read: Arc::new(move |name| values.get(name).cloned()) }
    }

    /// The value of the variable `name`; `None` when unset or empty.
    pub fn get(&self, name: &str) -> Option<String> {
        (self.read)(name)
    }
}
