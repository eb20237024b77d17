use std::time::Duration;

use cascadeflow::telemetry::{self, TierConfig, UserProfile};
use cascadeflow::{Error, Result, read_value};
use pyo3::prelude::*;

use super::clock::clock;
use crate::convert::{to_json, to_python};
use crate::error::to_exception;

/// The tiers that there are, smallest first.
#[pyfunction]
pub(crate) fn tier_presets(py: Python<'_>) -> PyResult<Py<PyAny>> {
    to_python(py, TierConfig::presets())
}

/// Checks a tier given as plain data.
#[pyfunction]
pub(crate) fn check_tier(py: Python<'_>, tier: &Bound<'_, PyAny>) -> PyResult<()> {
    let check = || -> Result<()> {
        let tier: TierConfig = read_value(to_json("tier", tier)?)?;
        tier.validate()
    };
    check().map_err(|error| to_exception(py, &error))
}

/// Checks a profile given as plain data, and gives the limits that hold for the person.
#[pyfunction]
pub(crate) fn check_profile(py: Python<'_>, profile: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    let check = || -> Result<_> {
        let profile: UserProfile = read_value(to_json("profile", profile)?)?;
        profile.validate()?;
        Ok(profile.rate_limits())
    };
    let limits = check().map_err(|error| to_exception(py, &error))?;
    to_python(py, &limits)
}

/// Profiles by user id that are kept for a while.
#[pyclass(frozen, name = "ProfileCache", module = "cascadeflow._native")]
pub(crate) struct ProfileCache {
    cache: telemetry::ProfileCache<std::sync::Arc<Py<PyAny>>>,
}

#[pymethods]
impl ProfileCache {
    /// Keeps at most `capacity` profiles, each for so many seconds. `clock` tells the seconds since
    /// the Unix epoch; `None` takes the system's.
    #[new]
    #[pyo3(signature = (keep_seconds, capacity, clock = None))]
    fn new(
        py: Python<'_>,
        keep_seconds: f64,
        capacity: usize,
        clock: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let keep = Duration::try_from_secs_f64(keep_seconds).map_err(|_| {
            let error = Error::validation(
                "cache_ttl_seconds",
                format!("not a time to keep profiles for: `{keep_seconds}`"),
                "give seconds, 0 or more",
            );
            to_exception(py, &error)
        })?;
        let cache = telemetry::ProfileCache::new(self::clock(clock), keep, capacity);
        Ok(Self { cache })
    }

    /// The profile of `user_id`, unless it is too old.
    fn get(&self, py: Python<'_>, user_id: &str) -> Option<Py<PyAny>> {
        self.cache.get(user_id).map(|profile| profile.clone_ref(py))
    }

    /// Keeps a profile.
    fn insert(&self, user_id: &str, profile: Py<PyAny>) {
        self.cache.insert(user_id, std::sync::Arc::new(profile));
    }

    /// Forgets the profile of `user_id`.
    fn remove(&self, user_id: &str) {
        self.cache.remove(user_id);
    }

    /// Forgets every profile.
    fn clear(&self) {
        self.cache.clear();
    }

    fn __len__(&self) -> usize {
        self.cache.len()
    }
}
