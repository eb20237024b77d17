"""Circuit breakers by themselves, in the registry, and around the calls of an agent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import QUESTION, Fake, Loopback

from cascadeflow import CascadeAgent, ModelConfig, _native
from cascadeflow.providers import OpenAIProvider
from cascadeflow.providers.base import RetryConfig
from cascadeflow.resilience import (
    CircuitBreaker,
    CircuitBreakerConfig,
    CircuitBreakerRegistry,
    CircuitMetrics,
    CircuitOpenError,
    CircuitState,
    get_circuit_breaker,
)
from cascadeflow.schema.exceptions import ProviderError, ValidationError, cascadeflowError

FIVE_FAIL = CircuitBreakerConfig()


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    registry = CircuitBreakerRegistry()
    registry.reset_all()
    yield
    registry.reset_all()
    registry.set_default_config(FIVE_FAIL)


def breaker_at(**settings: Any) -> tuple[CircuitBreaker, _native.ManualClock]:
    clock = _native.ManualClock()
    return CircuitBreaker("p", clock=clock, **settings), clock


def test_the_published_defaults() -> None:
    breaker = CircuitBreaker()
    assert (breaker.name, breaker.state) == ("default", CircuitState.CLOSED)
    assert vars(breaker.config) == {
        "failure_threshold": 5,
        "recovery_timeout": 30.0,
        "half_open_max_calls": 3,
        "success_threshold": 2,
        "failure_window": 60.0,
        "excluded_exceptions": (),
    }
    for _ in range(5):
        assert breaker.is_closed
        breaker.record_failure()
    assert breaker.is_open
    assert 29 < (breaker.get_time_until_retry() or 0) <= 30


def test_metrics_and_the_published_forms() -> None:
    breaker, clock = breaker_at(failure_threshold=2)
    breaker.record_success()
    breaker.record_failure(ValueError("x"))
    clock.advance(5)
    breaker.record_failure()
    breaker.record_rejection()
    assert repr(breaker) == "CircuitBreaker(name='p', state=open, failures=2/2)"
    assert breaker.get_metrics() == {
        "name": "p",
        "state": "open",
        "failure_count": 2,
        "failure_threshold": 2,
        "total_calls": 3,
        "successful": 1,
        "failed": 2,
        "rejected": 1,
        "success_rate": "33.3%",
        "state_changes": 1,
        "last_failure": 5.0,
        "last_success": 0.0,
    }
    assert breaker.metrics == CircuitMetrics(
        3, 1, 2, 1, [{"from": "closed", "to": "open", "at": 5.0}], 5.0, 0.0
    )
    assert CircuitMetrics().get_summary()["success_rate"] == "0.0%"


def test_protecting_a_call() -> None:
    breaker, clock = breaker_at(failure_threshold=1, half_open_max_calls=1, success_threshold=1)
    with breaker.protect():
        pass
    with pytest.raises(ValueError), breaker.protect():
        raise ValueError
    with pytest.raises(CircuitOpenError) as caught, breaker.protect():
        raise AssertionError("it is let through")
    assert (caught.value.provider, caught.value.time_until_retry) == ("p", 30.0)
    assert caught.value.retry_after == 30.0
    assert isinstance(caught.value, ProviderError)
    assert breaker.metrics.rejected_calls == 1
    clock.advance(30)

    async def probe() -> None:
        async with breaker.protect():
            assert not breaker.can_execute(), "one probe at a time"

    asyncio.run(probe())
    assert breaker.is_closed


def test_what_is_cancelled_or_excluded_gives_its_place_back() -> None:
    breaker, clock = breaker_at(
        failure_threshold=1, half_open_max_calls=1, excluded_exceptions=(KeyError,)
    )
    breaker.record_failure(KeyError("x"))
    assert breaker.is_closed
    breaker.record_failure()
    clock.advance(30)

    async def wait() -> None:
        async with breaker.protect():
            await asyncio.sleep(60)

    async def cancel() -> None:
        task = asyncio.ensure_future(wait())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    with pytest.raises(KeyError), breaker.protect():
        raise KeyError
    assert breaker.is_half_open
    assert breaker.can_execute()
    assert breaker.metrics.failed_calls == 1


def test_listeners_hear_states() -> None:
    breaker, clock = breaker_at(failure_threshold=1, recovery_timeout=1.0)
    heard: list[tuple[CircuitState, CircuitState]] = []
    breaker.on_state_change(lambda before, after: heard.append((before, after)))
    breaker.record_failure()
    clock.advance(1)
    assert breaker.is_half_open
    breaker.force_close()
    closed, open_, half = CircuitState.CLOSED, CircuitState.OPEN, CircuitState.HALF_OPEN
    assert heard == [(closed, open_), (open_, half), (half, closed)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("failure_threshold", -1),
        ("recovery_timeout", -0.5),
        ("failure_window", float("nan")),
        ("success_threshold", "two"),
    ],
)
def test_a_wrong_setting_is_named(field: str, value: Any) -> None:
    with pytest.raises(ValidationError, match=field) as caught:
        CircuitBreaker("p", **{field: value})
    assert caught.value.field == field
    assert caught.value.hint


def test_the_registry() -> None:
    registry = CircuitBreakerRegistry()
    assert registry is CircuitBreakerRegistry()
    config = CircuitBreakerConfig(failure_threshold=1, excluded_exceptions=(KeyError,))
    breaker = registry.get_or_create("test-registry", config)
    assert breaker is get_circuit_breaker("test-registry") is registry.get("test-registry")
    assert registry.get("test-nobody") is None
    assert "test-registry" in dict(registry)
    before = len(registry)
    registry.get_or_create("test-registry-2")
    assert len(registry) == before + 1
    breaker.record_failure(KeyError())
    assert breaker.is_closed
    breaker.record_failure()
    health = registry.get_health_status()["test-registry"]
    assert (health["state"], health["healthy"], health["failures"]) == ("open", False, 1)
    assert 29 < health["time_until_retry"] <= 30
    assert "test-registry" not in registry.get_available_providers()
    registry.reset_all()
    assert breaker.is_closed
    assert "test-registry" in registry.get_available_providers()


def agent_at(loopback: Loopback, model: str, **options: Any) -> CascadeAgent:
    models = [
        ModelConfig(model, provider="openai", cost=0.1, api_key="sk-test", base_url=loopback.url)
    ]
    return CascadeAgent(models, max_retries=0, **options)


def test_the_breaker_of_an_agent_s_model(loopback: Loopback) -> None:
    CircuitBreakerRegistry().set_default_config(CircuitBreakerConfig(failure_threshold=2))
    agent = agent_at(loopback, "circuit-a")
    loopback.status, loopback.error = 503, {"message": "down"}
    for _ in range(2):
        with pytest.raises(ProviderError) as failed:
            agent.run_sync(QUESTION)
        assert not isinstance(failed.value, CircuitOpenError)
    breaker = agent.circuit_breakers()["circuit-a"]
    assert breaker.is_open
    assert "circuit-a" in breaker.name and "sk-test" not in breaker.name
    asked = len(loopback.requests)
    with pytest.raises(CircuitOpenError) as caught:
        asyncio.run(agent.run(QUESTION))
    assert len(loopback.requests) == asked, "nothing is sent"
    error = caught.value
    assert (error.provider, error.model, error.kind) == ("openai", "circuit-a", "overloaded")
    assert 0 < error.time_until_retry <= 30
    assert error.retry_after == pytest.approx(error.time_until_retry)
    assert CircuitBreakerRegistry().get_health_status()[breaker.name]["healthy"] is False

    loopback.status = 200
    CircuitBreakerRegistry().reset_all()
    assert agent.run_sync(QUESTION).content
    assert breaker.is_closed


def test_an_agent_goes_on_with_another_model(loopback: Loopback) -> None:
    down = ModelConfig("circuit-b", provider="openai", cost=0.1, api_key="k", base_url=loopback.url)
    other = ModelConfig(
        "circuit-c", provider="openai", cost=0.01, api_key="k", base_url=loopback.url
    )
    agent = CascadeAgent([other, down], fallbacks=["circuit-c"])
    agent.circuit_breakers()["circuit-b"].force_open()
    result = agent.run_sync(QUESTION, force_direct=True)
    assert result.model_used == "circuit-c"
    assert [request["model"] for request in loopback.requests] == ["circuit-c"]


def test_the_breakers_of_a_provider(loopback: Loopback) -> None:
    def provider(**options: Any) -> OpenAIProvider:
        retries = RetryConfig(max_attempts=1)
        return OpenAIProvider("sk-test", loopback.url, retries, **options)

    watched, unwatched = provider(), provider(enable_circuit_breaker=False)
    assert watched.get_circuit_state() == "closed"
    asyncio.run(watched.complete(QUESTION, "circuit-d"))
    breaker = watched.circuit_breakers()["circuit-d"]
    breaker.force_open()
    assert not watched.is_available()
    assert watched.get_circuit_state() == "open"
    with pytest.raises(CircuitOpenError):
        asyncio.run(watched.complete(QUESTION, "circuit-d"))
    asyncio.run(watched.complete(QUESTION, "circuit-e"))
    assert unwatched.circuit_breaker is None
    assert unwatched.get_circuit_state() is None
    assert asyncio.run(unwatched.complete(QUESTION, "circuit-d")).content


def test_the_breaker_of_a_user_s_class() -> None:
    class CircuitTestProvider(Fake):
        answer = staticmethod(lambda model: RuntimeError("down"))

    provider = CircuitTestProvider()
    for _ in range(5):
        with pytest.raises(RuntimeError):
            asyncio.run(provider.complete("hello", "m"))
    assert provider.get_circuit_state() == "open"
    assert not provider.is_available()
    with pytest.raises(cascadeflowError, match="circuittest") as caught:
        asyncio.run(provider.complete("hello", "m"))
    assert isinstance(caught.value, CircuitOpenError)
    assert CircuitTestProvider(enable_circuit_breaker=False).is_available()
