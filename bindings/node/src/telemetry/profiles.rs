//! People, their tiers, and what a tier allows.

use cascadeflow::telemetry::{ProfileCache, TierConfig, UserProfile};
use napi_derive::napi;

use super::text::{read, span, write};
use crate::clock::{NativeClock, clock_of};
use crate::error::to_js;

/// The tiers that there are, smallest first, as the JSON text of a list.
#[napi]
pub(crate) fn tier_presets() -> napi::Result<String> {
    write(&TierConfig::presets()).map_err(to_js)
}

/// The preset `name` as JSON text; throws an error that names the tiers when there is none.
#[napi]
pub(crate) fn tier_preset(name: String) -> napi::Result<String> {
    TierConfig::preset(&name).and_then(write).map_err(to_js)
}

/// Checks the JSON text of a profile, and gives that of the limits that hold for the person.
#[napi]
pub(crate) fn profile_limits(profile: String) -> napi::Result<String> {
    let limits = || {
        let profile: UserProfile = read("profile", &profile)?;
        profile.validate()?;
        write(&profile.rate_limits())
    };
    limits().map_err(to_js)
}

/// Which people's profiles are kept, and for how long; the profiles themselves stay in JavaScript.
#[napi]
pub struct NativeProfileCache {
    cache: ProfileCache<String>,
}

#[napi]
impl NativeProfileCache {
    /// Keeps at most `capacity` people, each for so many milliseconds.
    #[napi(constructor)]
    pub fn new(keep_ms: f64, capacity: u32, clock: Option<&NativeClock>) -> napi::Result<Self> {
        let keep = span("cacheTtlMs", keep_ms).map_err(to_js)?;
        Ok(Self { cache: ProfileCache::new(clock_of(clock), keep, capacity as usize) })
    }

    /// Whether `user_id` is kept and not too old; one that is too old is forgotten.
    #[napi]
    pub fn has(&self, user_id: String) -> bool {
        self.cache.get(&user_id).is_some()
    }

    /// Keeps `user_id` from now on. Gives whose profile goes for it; null when none does.
    #[napi]
    pub fn insert(&self, user_id: String) -> Option<String> {
        // Whoever was kept before is not gone when it is the same person again.
        let kept = self.cache.get(&user_id).is_some();
        let gone = self.cache.insert(&user_id, user_id.clone());
        gone.filter(|gone| !(kept && *gone == user_id))
    }

    /// Forgets `user_id`.
    #[napi]
    pub fn remove(&self, user_id: String) {
        self.cache.remove(&user_id);
    }

    /// Forgets everybody.
    #[napi]
    pub fn clear(&self) {
        self.cache.clear();
    }

    /// How many people are kept.
    #[napi]
    pub fn size(&self) -> u32 {
        u32::try_from(self.cache.len()).unwrap_or(u32::MAX)
    }
}
