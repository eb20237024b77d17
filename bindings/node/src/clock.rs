//! A clock that JavaScript moves.

use std::sync::Arc;
use std::time::Duration;

use cascadeflow::chat_json::Fields;
use cascadeflow::ports::{BoxFuture, Clock};
use cascadeflow::{Result, SystemClock};
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
    /// A clock at a time of day in milliseconds since the Unix epoch, zero by default.
    #[napi(constructor)]
    pub fn new(start: Option<f64>) -> napi::Result<Self> {
        let clock = Self { clock: Arc::default() };
        clock.set_time(start.unwrap_or_default())?;
        Ok(clock)
    }

    /// The time of day in milliseconds since the Unix epoch.
    #[napi]
    pub fn now(&self) -> f64 {
        self.clock.since_epoch().as_secs_f64() * 1_000.0
    }

    /// Puts the time of day to so many milliseconds since the Unix epoch. No time passes by it.
    #[napi]
    pub fn set_time(&self, milliseconds: f64) -> napi::Result<()> {
        let time = read("setTime", milliseconds).map_err(to_js)?;
        self.clock.times.lock().wall = time;
        Ok(())
    }

    /// Moves the clock on.
    #[napi]
    pub fn advance(&self, milliseconds: f64) -> napi::Result<()> {
        let moved = read("advance", milliseconds).map_err(to_js)?;
        let mut times = self.clock.times.lock();
        times.steady += moved;
        times.wall += moved;
        Ok(())
    }
}

/// One reader of milliseconds for all arguments.
fn read(what: &str, milliseconds: f64) -> Result<Duration> {
    let mut fields = Fields::new(what, json!({ "milliseconds": milliseconds }))?;
    Ok(fields.take_milliseconds("milliseconds")?.unwrap_or_default())
}

impl NativeClock {
    /// The clock behind the handle.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock) as Arc<dyn Clock>
    }
}

/// The clock behind `given`, or the system's.
pub(crate) fn clock_of(given: Option<&NativeClock>) -> Arc<dyn Clock> {
    given.map_or_else(|| Arc::new(SystemClock::default()) as _, NativeClock::clock)
}

#[derive(Default)]
struct StandingClock {
    times: Mutex<Times>,
}

/// Time that has passed, and the time of day since the Unix epoch.
#[derive(Default)]
struct Times {
    steady: Duration,
    wall: Duration,
}

impl Clock for StandingClock {
    fn monotonic(&self) -> Duration {
        self.times.lock().steady
    }

    fn since_epoch(&self) -> Duration {
        self.times.lock().wall
    }

    /// Nothing that this clock is for sleeps.
    fn sleep(&self, _duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}
