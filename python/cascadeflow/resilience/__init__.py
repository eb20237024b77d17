"""What keeps one failing service from failing everything else."""

from __future__ import annotations

from .circuit_breaker import (
    CircuitBreaker,
    CircuitBreakerConfig,
    CircuitBreakerRegistry,
    CircuitMetrics,
    CircuitOpenError,
    CircuitState,
    get_circuit_breaker,
)

__all__ = [
    "CircuitBreaker",
    "CircuitBreakerConfig",
    "CircuitBreakerRegistry",
    "CircuitMetrics",
    "CircuitOpenError",
    "CircuitState",
    "get_circuit_breaker",
]
