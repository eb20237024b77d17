//! A clock that JavaScript moves.

use std::sync::Arc;
use std::time::Duration;

use cascadeflow::chat_json::Fields;
use cascadeflow::ports::{BoxFuture, Clock};
use napi_derive::napi;
use parking_lot::Mutex;
use serde_json::json;

use crate::error::to_js;

/// A clock that stands still until it is moved, for tests of what depends on time.
#[napi]
pub struct NativeClock {
    clock: Arc<StandingClock>,
}

#[napi]
impl NativeClock {
    /// A clock at zero.
    #[napi(constructor)]
    pub fn new() -> Self {
        Self { clock: Arc::default() }
    }

    /// Moves the clock on.
    #[napi]
    pub fn advance(&self, milliseconds: f64) -> napi::Result<()> {
        // One reader of milliseconds for all arguments.
        let moved = Fields::new("advance", json!({ "milliseconds": milliseconds }))
            .and_then(|mut fields| fields.take_milliseconds("milliseconds"))
            .map_err(to_js)?;
        *self.clock.now.lock() += moved.unwrap_or_default();
        Ok(())
    }
}

impl NativeClock {
    /// The clock behind the handle.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock) as Arc<dyn Clock>
    }
}

#[derive(Default)]
struct StandingClock {
    now: Mutex<Duration>,
}

impl Clock for StandingClock {
    fn monotonic(&self) -> Duration {
        *self.now.lock()
    }

    fn since_epoch(&self) -> Duration {
        *self.now.lock()
    }

    /// Nothing that this clock is for sleeps.
    fn sleep(&self, _duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}
