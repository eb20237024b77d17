"""Operations of the corpus on what surrounds the engine, through the package's public classes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from cascadeflow import _native, cascadeflowError
from cascadeflow.integrations import litellm
from cascadeflow.pricing import Prices
from cascadeflow.providers import PROVIDER_REGISTRY, get_available_providers
from cascadeflow.resilience import CircuitBreaker, CircuitBreakerConfig

Record = dict[str, Any]


def only(given: Record, *keys: str) -> list[Any]:
    """The values of exactly these keys."""
    if set(given) != set(keys):
        raise AssertionError(f"input has {sorted(given)} where {sorted(keys)} were due")
    return [given[key] for key in keys]


def error_record(error: Any) -> Record:
    wait = error.retry_after
    return {
        "error": {
            "kind": error.kind,
            "message": error.message,
            "hint": error.hint,
            "field": error.field,
            "provider": error.provider,
            "model": error.model,
            "status": error.status_code,
            "retry_after_ms": None if wait is None else wait * 1000,
            "env_var": error.env_var_name,
            "attempts": list(error.attempts),
        }
    }


def circuit_breaker(case: Record) -> Record:
    settings, steps = only(case["input"], "settings", "steps")
    clock = _native.ManualClock()
    config = CircuitBreakerConfig(
        failure_threshold=settings["failure_threshold"],
        recovery_timeout=settings["recovery_timeout_ms"] / 1000,
        half_open_max_calls=settings["half_open_max_calls"],
        success_threshold=settings["success_threshold"],
        failure_window=settings["failure_window_ms"] / 1000,
    )
    breaker = CircuitBreaker("case", config, clock=clock)
    heard: list[str] = []
    breaker.on_state_change(lambda before, after: heard.append(f"{before.value} > {after.value}"))
    actions = {
        "can_execute": breaker.can_execute,
        "success": breaker.record_success,
        "failure": breaker.record_failure,
        "rejection": breaker.record_rejection,
        "force_open": breaker.force_open,
        "force_close": breaker.force_close,
        "reset": breaker.reset,
        "nothing": lambda: None,
    }
    seen = []
    for step in steps:
        clock.advance(step.get("after_ms", 0) / 1000)
        allowed = actions[step["do"]]()
        left = breaker.get_time_until_retry()
        state = breaker.state.value
        flags = {"closed": breaker.is_closed, "open": breaker.is_open}
        if flags.get(state, breaker.is_half_open) is not True:
            raise AssertionError(f"the flags do not say `{state}`")
        retry_in = None if left is None else round(left * 1000, 6)
        seen.append({"allowed": allowed, "state": state, "retry_in_ms": retry_in})
    metrics = breaker.metrics
    return {
        "steps": seen,
        "changes": heard,
        "total_calls": metrics.total_calls,
        "successful_calls": metrics.successful_calls,
        "failed_calls": metrics.failed_calls,
        "rejected_calls": metrics.rejected_calls,
        "failures": breaker.get_metrics()["failure_count"],
    }


def validate_provider(case: Record) -> Record:
    (name,) = only(case["input"], "provider")
    try:
        info = litellm.LiteLLMCostProvider().get_provider_info(name)
        litellm.validate_provider(name)
    except cascadeflowError as error:
        if litellm.get_provider_info(name) is not None:
            raise AssertionError("the faces disagree") from None
        return error_record(error)
    canonical = _native.require_provider(name)["name"]
    return {
        "name": canonical,
        "display_name": info.display_name,
        "requires_api_key": info.requires_api_key,
        "built_in": canonical in PROVIDER_REGISTRY,
    }


def available_providers(case: Record) -> Record:
    (environment,) = only(case["input"], "environment")
    with only_variables(environment):
        available = _native.available_providers()
        if set(get_available_providers()) != set(available):
            raise AssertionError("the provider classes are not those that can be used")
        return {"available": available, "configured": _native.configured_providers()}


def count_tokens(case: Record) -> Record:
    given = dict(case["input"])
    model = given.pop("model", None)
    (counted,) = given.values()
    tokens, source = _native.count_tokens(counted, model)
    return {"tokens": tokens, "source": source}


def estimate_cost(case: Record) -> Record:
    given = dict(case["input"])
    try:
        return _record(_native.Prices().estimate_cost(**given))
    except cascadeflowError as error:
        return error_record(error)


def price_file(case: Record) -> Record:
    contents, provider, model, usage = only(case["input"], "contents", "provider", "model", "usage")
    steps = []
    prices: Prices | None = None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "prices.json"
        for content in contents:
            path.write_text(content, encoding="utf-8")
            failure = None
            try:
                if prices is None:
                    prices = Prices(path)
                else:
                    prices.reload()
            except cascadeflowError as error:
                failure = error_record(error)["error"]
            cost: Decimal | None = prices and prices.cost(model, usage, provider)
            steps.append({"cost": None if cost is None else str(cost), "error": failure})
    return {"steps": steps}


def _record(record: Any) -> Record:
    plain: Record = record
    return plain


@contextmanager
def only_variables(environment: dict[str, str]) -> Iterator[None]:
    """These environment variables and no other."""
    kept = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


OPERATIONS = {
    "circuit_breaker": circuit_breaker,
    "validate_provider": validate_provider,
    "available_providers": available_providers,
    "count_tokens": count_tokens,
    "estimate_cost": estimate_cost,
    "price_file": price_file,
}
