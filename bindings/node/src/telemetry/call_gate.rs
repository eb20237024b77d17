//! What a service allows all calls of it together.

use cascadeflow::telemetry::{CallGate, CallLimits};
use napi_derive::napi;

use super::text::{count, read, write};
use crate::clock::{NativeClock, clock_of};
use crate::error::to_js;

/// Lets calls of one service begin as its limits allow.
#[napi]
pub struct NativeCallGate {
    gate: CallGate,
}

#[napi]
impl NativeCallGate {
    /// A gate by the JSON text of `requests_per_minute`, `tokens_per_minute` and `concurrency`.
    #[napi(constructor)]
    pub fn new(limits: String, clock: Option<&NativeClock>) -> napi::Result<Self> {
        let gate = read::<CallLimits>("policy", &limits)
            .and_then(|limits| CallGate::new(limits, clock_of(clock)));
        Ok(Self { gate: gate.map_err(to_js)? })
    }

    /// Whether a call of `tokens` may begin, as JSON text; counts it when it may, with `start`.
    #[napi]
    pub fn check(&self, tokens: f64, start: bool) -> napi::Result<String> {
        let ask = || {
            let tokens = count("tokens", tokens)?;
            write(&if start { self.gate.start(tokens) } else { self.gate.check(tokens) })
        };
        ask().map_err(to_js)
    }

    /// Tells that a call that began is over.
    #[napi]
    pub fn end(&self) {
        self.gate.end();
    }
}
