use cascadeflow::providers::CircuitBreakerRegistry as Registry;
use pyo3::prelude::*;
use serde_json::Value;

use super::breaker::{CircuitBreaker, record};
use super::settings;
use crate::convert::to_python;
use crate::error::to_exception;

/// The circuit breakers of the process, those of the built-in providers among them.
#[pyclass(frozen, name = "CircuitBreakerRegistry", module = "cascadeflow._native")]
pub(crate) struct CircuitBreakerRegistry {
    registry: Registry,
}

#[pymethods]
impl CircuitBreakerRegistry {
    /// A handle of the one registry.
    #[new]
    fn new() -> Self {
        Self { registry: Registry::global() }
    }

    /// The breaker of this name, made with `config` when there is none.
    fn get_or_create(
        &self,
        py: Python<'_>,
        name: &str,
        config: &Bound<'_, PyAny>,
    ) -> PyResult<CircuitBreaker> {
        let config = settings::read(config).map_err(|error| to_exception(py, &error))?;
        Ok(CircuitBreaker::of(self.registry.get_or_create(name, Some(config))))
    }

    /// The breaker of this name; `None` when there is none.
    fn get(&self, name: &str) -> Option<CircuitBreaker> {
        self.registry.get(name).map(CircuitBreaker::of)
    }

    /// Sets the configuration of the breakers that providers made from now on have.
    fn set_default_config(&self, py: Python<'_>, config: &Bound<'_, PyAny>) -> PyResult<()> {
        let config = settings::read(config).map_err(|error| to_exception(py, &error))?;
        self.registry.set_default_config(config);
        Ok(())
    }

    /// What can be seen of every breaker, in alphabetical order of their names.
    fn statuses(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let names = self.registry.list().into_iter().map(|status| status.name);
        let found = names.filter_map(|name| self.registry.get(&name));
        to_python(py, &found.map(|breaker| record(&breaker)).collect::<Vec<Value>>())
    }

    /// Names of the breakers that are not open, in alphabetical order.
    fn available(&self) -> Vec<String> {
        self.registry.available()
    }

    /// Closes every breaker and forgets what was seen.
    fn reset_all(&self) {
        self.registry.reset_all();
    }

    fn __len__(&self) -> usize {
        self.registry.len()
    }
}
