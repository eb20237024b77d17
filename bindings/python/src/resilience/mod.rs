//! Circuit breakers as handles for Python.

mod breaker;
mod manual_clock;
mod permit;
mod registry;
mod settings;

pub(crate) use breaker::CircuitBreaker;
pub(crate) use manual_clock::ManualClock;
pub(crate) use permit::CircuitPermit;
pub(crate) use registry::CircuitBreakerRegistry;
