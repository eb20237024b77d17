use cascadeflow::providers::circuit_breaker::CircuitPermit as Permit;
use parking_lot::Mutex;
use pyo3::prelude::*;

/// Leave for one call. Without an outcome it counts for nothing.
#[pyclass(frozen, name = "CircuitPermit", module = "cascadeflow._native")]
pub(crate) struct CircuitPermit {
    /// `None` when the outcome is known.
    permit: Mutex<Option<Permit>>,
}

impl CircuitPermit {
    pub(super) const fn of(permit: Permit) -> Self {
        Self { permit: Mutex::new(Some(permit)) }
    }

    fn take(&self) -> Option<Permit> {
        self.permit.lock().take()
    }
}

#[pymethods]
impl CircuitPermit {
    /// The call succeeded.
    fn succeed(&self) {
        if let Some(permit) = self.take() {
            permit.succeed();
        }
    }

    /// The call failed in a way that counts.
    fn fail(&self) {
        if let Some(permit) = self.take() {
            permit.fail();
        }
    }

    /// The call ended in a way that counts for nothing.
    fn release(&self) {
        drop(self.take());
    }
}
