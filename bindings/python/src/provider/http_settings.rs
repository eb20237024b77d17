use cascadeflow::providers::{CircuitBreakerRegistry, HttpConfig};

/// Settings of the built-in providers' calls: the defaults, with circuit breakers as the process's
/// registry has them by default, or without any.
pub(crate) fn http_settings(circuit_breaker: bool) -> HttpConfig {
    let breakers = CircuitBreakerRegistry::global();
    let circuit = circuit_breaker.then(|| breakers.default_config());
    HttpConfig { circuit, breakers, ..HttpConfig::default() }
}
