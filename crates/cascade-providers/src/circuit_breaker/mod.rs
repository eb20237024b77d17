//! Circuit breakers: whether what is called has failed so often that calling it again is no use.

mod breaker;
mod config;
mod registry;
mod state;

pub use breaker::{CircuitBreaker, CircuitPermit, StateListener};
pub use config::CircuitBreakerConfig;
pub use registry::{CircuitBreakerRegistry, CircuitStatus};
pub use state::{CircuitMetrics, CircuitOpen, CircuitState, StateChange};
