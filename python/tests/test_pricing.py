"""Prices, tokens and estimates through the package's own functions."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import QUESTION, fake

import cascadeflow
from cascadeflow import CascadeAgent, ModelConfig, ModelResponse, Usage
from cascadeflow.pricing import (
    ModelPrice,
    PriceBook,
    Prices,
    PricingResolver,
    estimate_cost,
    estimate_tokens,
    token_counter,
)
from cascadeflow.schema.exceptions import ConfigError, ModelError, ValidationError

HELLO = [{"role": "user", "content": "hello world"}]


def price_file(path: Path, amount: str) -> Path:
    prices = {
        "provider": "openai",
        "source": "https://acme.test/prices",
        "date": "2026-01-01",
        "models": [{"id": "acme-1", "price": {"input": amount, "output": amount}}],
    }
    path.write_text(json.dumps(prices), encoding="utf-8")
    return path


def test_an_estimate_is_a_number_that_knows_how_it_came_about() -> None:
    estimate = estimate_cost("gpt-4o", HELLO, 100, provider="openai", cost=0.002)
    assert estimate == 0.000218
    assert estimate.exact == Decimal("0.000218")
    assert estimate.input_cost == Decimal("0.000018")
    assert (estimate.input_tokens, estimate.output_tokens, estimate.total_tokens) == (9, 100, 109)
    assert (estimate.counted, estimate.priced) == ("vocabulary", "configured")
    assert cascadeflow.estimate_cost is estimate_cost
    listed = estimate_cost("gpt-4o", HELLO, 100)
    assert (listed.provider, listed.priced) == ("openai", "catalogue")
    assert listed == estimate_cost("openai/gpt-4o", "hello world", 100)
    assert estimate_cost("gpt-4o", HELLO) > listed, "as long as the model can write"
    assert estimate_cost("llama3.2", HELLO, 9, provider="ollama").priced == "free"


def test_what_has_no_price_is_no_zero() -> None:
    with pytest.raises(ModelError, match="acme-1") as caught:
        estimate_cost("acme-1", HELLO, 5)
    assert caught.value.hint
    with pytest.raises(ValidationError) as unlimited:
        estimate_cost("acme-1", HELLO)
    assert unlimited.value.field == "max_tokens"
    for wrong in (-1, 1.5, True, "9"):
        with pytest.raises(ValidationError) as told:
            estimate_cost("gpt-4o", HELLO, wrong)  # type: ignore[arg-type]
        assert told.value.field == "max_tokens"


def test_counting_tokens() -> None:
    assert token_counter("gpt-4o", text="hello world") == 2
    assert token_counter(model="gpt-4o", messages=HELLO) == 9
    assert token_counter(text="hello world") == estimate_tokens("hello world")
    assert cascadeflow.token_counter is token_counter
    both: dict[str, Any] = {"text": "a", "messages": HELLO}
    for wrong in ({}, both):
        with pytest.raises(ValidationError):
            token_counter("gpt-4o", **wrong)


def test_a_price_file_changes_while_the_program_runs(tmp_path: Path) -> None:
    path = price_file(tmp_path / "prices.json", "10")
    prices = Prices(path)
    usage = Usage(1000, 1000)
    assert prices.cost("acme-1", usage) == Decimal("0.02")
    assert Prices().cost("acme-1", usage) is None
    assert prices.cost("gpt-4o", usage, "openai") == Prices().cost("gpt-4o", usage, "openai")
    assert prices.estimate_cost("acme-1", HELLO, 0).exact > 0
    assert ("openai", "acme-1") in prices.models
    price_file(path, "20")
    prices.reload()
    assert prices.cost("acme-1", usage) == Decimal("0.04")
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"prices\.json"):
        prices.reload()
    assert prices.cost("acme-1", usage) == Decimal("0.04")
    found = prices.price("acme-1", "openai")
    assert found is not None and found["price"]["input"] == "20"


@pytest.mark.parametrize("as_data", [False, True])
def test_an_agent_s_price_file(tmp_path: Path, as_data: bool) -> None:
    path = price_file(tmp_path / "prices.json", "10")
    usage = {"input_tokens": 1000, "output_tokens": 1000}

    def answer(model: str) -> ModelResponse:
        return ModelResponse("Paris.", model, "openai", cost=None, confidence=0.9, usage=usage)

    cascadeflow.PROVIDER_REGISTRY["openai"] = fake(answer)
    if as_data:
        models = [{"name": "acme-1", "provider": "openai"}]
        agent = CascadeAgent.from_config({"models": models, "prices": str(path)})
    else:
        agent = CascadeAgent([ModelConfig("acme-1", provider="openai")], prices=path)
    assert agent.run_sync(QUESTION).total_cost == 0.02
    price_file(path, "20")
    assert agent.run_sync(QUESTION).total_cost == 0.02
    agent.reload_prices()
    assert agent.run_sync(QUESTION).total_cost == 0.04
    path.write_text("no prices", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"prices\.json") as caught:
        agent.reload_prices()
    assert caught.value.field == "prices"
    assert agent.run_sync(QUESTION).total_cost == 0.04
    path.unlink()
    with pytest.raises(ConfigError):
        agent.reload_prices()
    assert agent.run_sync(QUESTION).total_cost == 0.04


def test_a_price_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.json") as caught:
        CascadeAgent([ModelConfig("m", provider="openai")], prices=tmp_path / "nowhere.json")
    assert caught.value.field == "prices"
    with pytest.raises(ConfigError, match="`prices` is no path"):
        CascadeAgent([ModelConfig("m", provider="openai")], prices=3)  # type: ignore[arg-type]


def test_the_price_book() -> None:
    book = PriceBook()
    assert book.get("gpt-4o") == ModelPrice(0.0025, 0.01, 0.00125)
    assert book.get("acme-1") is None
    book.update("acme-1", 0.1, 0.2)
    assert book.get("acme-1") == ModelPrice(0.1, 0.2)
    book.update_batch({"acme-2": {"input_per_1k": 1, "output_per_1k": 2}})
    assert {"acme-1", "acme-2", "gpt-4o"} <= set(book.models)
    with pytest.raises(ValidationError) as negative:
        book.update("acme-3", -1, 2)
    assert negative.value.field == "input_per_1k"
    with pytest.raises(ValidationError):
        book.update_batch({"acme-4": {"input_per_1k": 1, "output_per_1k": 2}, "acme-5": {}})
    assert book.get("acme-4") is None, "all or none"


def test_resolving_a_cost(caplog: pytest.LogCaptureFixture) -> None:
    book = PriceBook()
    book.update("acme-1", 0.1, 0.2)
    resolver = PricingResolver(book)
    usage = Usage(1000, 1000)
    resolve = resolver.resolve_cost
    assert resolve(model="gpt-4o", usage=usage) == 0.0125
    assert resolve(model="acme-1", usage=usage) == 0.3
    assert resolve(model="acme-1", usage=usage, provider_cost=0.5, litellm_cost=0.7) == 0.5
    assert resolve(model="acme-1", usage=usage, provider_cost=0.0) == 0.0
    assert resolve(model="acme-1", usage=usage, litellm_cost=0.7) == 0.7
    assert resolve(model="acme-9", usage=usage, fallback_rate_per_1k=0.01) == 0.02
    assert not caplog.records
    assert resolve(model="acme-9", usage=usage) == 0.0
    assert "acme-9" in caplog.text


def test_reading_usage_from_answers() -> None:
    extract = PricingResolver().extract_usage
    counts = {"prompt_tokens": 5, "completion_tokens": 6}
    details = {"prompt_tokens_details": {"cached_tokens": 2}}
    for answer in (
        {"usage": {**counts, **details}},
        ModelResponse("x", metadata=counts),
        ModelResponse("x", usage=Usage(5, 6)),
        {"metadata": {"usage": counts}},
        counts,
    ):
        usage = extract(answer)
        assert (usage.input_tokens, usage.output_tokens) == (5, 6)
    assert extract({"usage": {**counts, **details}}).cached_input_tokens == 2
    assert extract(None) == Usage()


def test_the_details_of_usage() -> None:
    usage = Usage.from_payload(
        {
            "input_tokens": 100,
            "output_tokens": 50,
            "cache_read_input_tokens": 10,
            "cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 30},
            "output_tokens_details": {"reasoning_tokens": 40},
            "service_tier": "priority",
        }
    )
    assert usage.to_dict() == {
        "input_tokens": 100,
        "output_tokens": 50,
        "cached_input_tokens": 10,
        "total_tokens": 150,
        "cache_write_5m_tokens": 20,
        "cache_write_1h_tokens": 30,
        "reasoning_tokens": 40,
        "service_tier": "priority",
    }
    assert repr(Usage(1, 2)) == "Usage(input_tokens=1, output_tokens=2, cached_input_tokens=0)"
    assert Usage(1, 2).to_dict() == {
        "input_tokens": 1,
        "output_tokens": 2,
        "cached_input_tokens": 0,
        "total_tokens": 3,
    }


def test_the_details_of_usage_reach_the_result() -> None:
    given = Usage(100, 50, 10, reasoning_tokens=40, audio_input_tokens=7, service_tier="flex")
    whole = Usage(100, 50, 10, reasoning_tokens=40, audio_input_tokens=7)
    answer = ModelResponse("Paris.", "m", "openai", confidence=0.9, usage=given)
    cascadeflow.PROVIDER_REGISTRY["openai"] = fake(lambda model: answer)
    agent = CascadeAgent([ModelConfig("m", provider="openai", cost=0.1)])
    result = agent.run_sync(QUESTION)
    assert result.usage == whole, "a run may use several tiers"
    assert result.attempts[0]["usage"]["service_tier"] == "flex"
