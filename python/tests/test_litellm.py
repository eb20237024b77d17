"""LiteLLM beside cascadeflow, with the real library against a server on this machine."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import ANSWER, QUESTION, Loopback

import cascadeflow
from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.integrations import litellm as integration
from cascadeflow.integrations.litellm import (
    SUPPORTED_PROVIDERS,
    LiteLLMBudgetTracker,
    LiteLLMCostProvider,
    LiteLLMProvider,
    ProviderInfo,
    calculate_cost,
    cascadeflowLiteLLMCallback,
    get_model_cost,
    get_provider_info,
    register_litellm_provider,
    setup_litellm_callbacks,
    validate_provider,
)
from cascadeflow.schema import exceptions

# Else the library looks for newer prices on the network while it is imported.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
with warnings.catch_warnings():
    # What the library finds wrong with itself while it is imported is its own.
    warnings.simplefilter("ignore")
    import litellm

# The library leaves sockets and event loops to the garbage collector.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning",
    "ignore::UserWarning",
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)


@pytest.fixture(scope="module", autouse=True)
def tidy_library() -> Iterator[None]:
    """Has what the library left open collected where nobody minds."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        litellm.in_memory_llm_clients_cache.flush_cache()
        litellm.module_level_client.close()
        gc.collect()


# gpt-4o: 2.50 and 10.00 USD per million tokens, 1.25 from the cache.
GPT_4O = 1000 * 2.5e-6 + 500 * 10e-6

# A process in which the library is not there.
WITHOUT = """
import sys
sys.modules["litellm"] = None
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "litellm" else found(name, *rest)
"""


def run(code: str) -> str:
    """The output of a process of its own."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        (("gpt-4o", 1000, 500), {}),
        (("gpt-4o", "openai", 1000, 500), {}),
        (("gpt-4o", "openai"), {"input_tokens": 1000, "output_tokens": 500}),
        (("gpt-4o",), {"input_tokens": 1000, "output_tokens": 500}),
        (("gpt-4o", 1000), {"output_tokens": 500}),
        ((), {"model": "gpt-4o", "input_tokens": 1000, "output_tokens": 500}),
        (
            (),
            {"model": "gpt-4o", "provider": "openai", "input_tokens": 1000, "output_tokens": 500},
        ),
        (("openai/gpt-4o",), {"prompt_tokens": 1000, "completion_tokens": 500}),
    ],
)
def test_every_form_of_the_call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    assert LiteLLMCostProvider().calculate_cost(*args, **kwargs) == GPT_4O
    assert calculate_cost(*args, **kwargs) == GPT_4O


def test_cached_tokens_cost_less() -> None:
    cached = calculate_cost("gpt-4o", 1000, 500, cached_tokens=400)
    assert cached == pytest.approx(GPT_4O - 400 * 1.25e-6, abs=1e-15)


def test_the_published_signatures() -> None:
    bound = inspect.signature(LiteLLMCostProvider().calculate_cost)
    assert list(bound.parameters) == ["model", "input_tokens", "output_tokens", "kwargs"]
    free = inspect.signature(calculate_cost)
    assert list(free.parameters) == ["model", "input_tokens", "output_tokens", "kwargs"]


@pytest.mark.parametrize(
    ("args", "kwargs", "field"),
    [
        (("gpt-4o", -1, 5), {}, "input_tokens"),
        (("gpt-4o", 1, 2.5), {}, "output_tokens"),
        (("gpt-4o", 1, True), {}, "output_tokens"),
        (("", 1, 5), {}, "model"),
        ((), {}, "model"),
        (("gpt-4o", "acme", 1, 5), {}, "provider"),
        (("gpt-4o", 1, 5), {"provider": 3}, "provider"),
        (("gpt-4o", 1, 5), {"reasoning_tokens": "x"}, "reasoning_tokens"),
    ],
)
def test_bad_arguments_name_themselves(
    args: tuple[Any, ...], kwargs: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValueError) as caught:
        calculate_cost(*args, **kwargs)
    assert isinstance(caught.value, exceptions.ValidationError)
    assert caught.value.field == field
    assert caught.value.hint


def test_arguments_that_do_not_exist() -> None:
    for args, kwargs in [
        (("gpt-4o", 1, 2), {"colour": 3}),
        (("gpt-4o", 1, 2, 3), {}),
        (("gpt-4o", 1), {"input_tokens": 2}),
    ]:
        with pytest.raises(TypeError):
            calculate_cost(*args, **kwargs)


def test_a_model_without_a_price(caplog: pytest.LogCaptureFixture) -> None:
    assert LiteLLMCostProvider().calculate_cost("acme-1", 1_000_000, 1_000_000) == 3.0
    assert "acme-1" in caplog.text
    assert get_model_cost("acme-1")["input_cost_per_token"] == 1e-06
    with pytest.raises(exceptions.ModelError, match="acme-1") as caught:
        LiteLLMCostProvider(fallback_enabled=False).calculate_cost("acme-1", 1, 1)
    assert caught.value.hint


def test_the_cost_of_a_model() -> None:
    price = get_model_cost("gpt-4o")
    assert price["input_cost_per_token"] == 2.5e-06
    assert price["output_cost_per_token"] == 1e-05
    assert price["cache_read_input_token_cost"] == 1.25e-06
    assert price["supports_streaming"] is True
    assert price["max_tokens"] == 16384
    # With a provider one number for 1,000 tokens: half at 2.50, half at 10.00 a million.
    assert LiteLLMCostProvider().get_model_cost("gpt-4o", "openai") == 0.00625


def test_prices_do_not_depend_on_the_library() -> None:
    code = "from cascadeflow.integrations.litellm import calculate_cost as c, get_model_cost as g\n"
    code += "print(c('gpt-4o', 1000, 500), c('acme-1', 7, 9), g('claude-sonnet-4-5-20250929'))"
    assert run(code) == run(WITHOUT + code)


def test_nothing_is_imported_before_it_is_needed() -> None:
    code = "import sys; from cascadeflow.integrations.litellm import *\n"
    code += "import cascadeflow.agent\n"
    code += "LiteLLMCostProvider().calculate_cost('gpt-4o', 1, 1); LiteLLMBudgetTracker()\n"
    code += "print('litellm' in sys.modules)"
    assert run(code) == "False"


def test_without_the_library() -> None:
    code = """
import logging
from cascadeflow.integrations import litellm as bridge
print(bridge.LITELLM_AVAILABLE, bridge.BUDGET_MANAGER_AVAILABLE)
print(bridge.setup_litellm_callbacks())
for call in (
    bridge.LiteLLMProvider,
    bridge.register_litellm_provider,
    lambda: bridge.LiteLLMCostProvider(source="litellm"),
):
    try:
        call()
    except ImportError as error:
        print("pip install cascadeflow[litellm]" in str(error))
"""
    assert run(WITHOUT + code).split() == ["False", "False", "False", "True", "True", "True"]
    assert integration.LITELLM_AVAILABLE


def test_the_table_of_the_library_when_it_is_asked_for() -> None:
    provider = LiteLLMCostProvider(source="litellm")
    assert provider.calculate_cost("gpt-4o", 1000, 500) == pytest.approx(GPT_4O, abs=1e-12)
    assert provider.calculate_cost("gpt-4o", "openai", 1000, 500) == pytest.approx(GPT_4O)
    assert provider.get_model_cost("gpt-4o")["input_cost_per_token"] == 2.5e-06
    assert provider.get_model_cost("gpt-4o", "openai") == pytest.approx(0.00625)
    with pytest.raises(exceptions.ModelError, match="acme-1"):
        provider.calculate_cost("acme-1", 1, 1)
    with pytest.raises(ValueError, match="source"):
        LiteLLMCostProvider(source="elsewhere")


def test_the_supported_providers() -> None:
    named = "openai anthropic groq ollama vllm fireworks_ai together_ai deepseek vertex_ai cohere"
    published = "together huggingface google azure"
    assert set(f"{named} {published} openrouter fireworks".split()) == set(SUPPORTED_PROVIDERS)
    for name, info in SUPPORTED_PROVIDERS.items():
        assert isinstance(info, ProviderInfo)
        assert info.name == name
        assert info.example_models
        for key in ("value", "cost_range", "speed", "use_case"):
            assert info[key] and info.get(key) == getattr(info, key)
            assert key in info
        assert dict(info)["value"] == info.value_prop
    assert SUPPORTED_PROVIDERS["ollama"]["cost_range"].startswith("$0")
    assert SUPPORTED_PROVIDERS["groq"].cost_range.endswith("/1K tokens")
    with pytest.raises(KeyError):
        SUPPORTED_PROVIDERS["groq"]["colour"]


def test_priced_providers_price_their_examples() -> None:
    for info in SUPPORTED_PROVIDERS.values():
        if info.pricing_available:
            for model in info.example_models:
                provider = LiteLLMCostProvider(fallback_enabled=False)
                assert provider.calculate_cost(model, info.name, 1_000_000, 0) > 0, model


def test_validation_of_providers() -> None:
    assert validate_provider("OpenAI") is True
    assert validate_provider("fireworks") is True
    assert get_provider_info("Groq") is SUPPORTED_PROVIDERS["groq"]
    assert get_provider_info("acme") is None
    provider = LiteLLMCostProvider()
    provider.validate_provider("anthropic")
    assert provider.get_provider_info("cohere")["use_case"]
    for call in (validate_provider, provider.validate_provider, provider.get_provider_info):
        with pytest.raises(ValueError, match="provider is not supported: `acme`") as caught:
            call("acme")
        assert "openai, anthropic" in str(caught.value)


def test_the_budget_tracker() -> None:
    tracker = LiteLLMBudgetTracker()
    empty = {"max_budget": 0.0, "current_cost": 0.0, "remaining": 0.0, "exceeded": False}
    assert tracker.get_user_budget("ann") == empty
    assert tracker.can_user_afford("ann", 0.01) is False
    tracker.set_user_budget("ann", 0.02)
    assert tracker.update_cost("ann", "gpt-4o", 1000, 500) == GPT_4O
    assert tracker.get_user_budget("ann")["remaining"] == 0.0125
    assert tracker.can_user_afford("ann", 0.0125) is True
    assert tracker.can_user_afford("ann", 0.0126) is False
    usage = {"prompt_tokens": 4000, "completion_tokens": 1000}
    assert tracker.update_cost("ann", "gpt-4o", response={"usage": usage}) == 0.02
    assert tracker.get_user_budget("ann")["exceeded"] is True
    assert tracker.get_user_budget("ann")["remaining"] == 0.0
    tracker.reset_user_budget("ann")
    assert tracker.get_user_budget("ann")["remaining"] == 0.02
    # Ten times ten cents are a dollar, to the last bit.
    tracker.set_user_budget("bob", 1.0)
    for _ in range(8):
        tracker.update_cost("bob", "gpt-4o", 50_000, 0)
    assert tracker.get_user_budget("bob")["current_cost"] == 1.0
    assert tracker.get_user_budget("bob")["exceeded"] is False
    for amount in (-1, float("nan"), "much"):
        with pytest.raises(ValueError, match="max_budget"):
            tracker.set_user_budget("ann", amount)  # type: ignore[arg-type]


class Tracker:
    """Takes what a cost tracker takes."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def add_cost(self, **entry: Any) -> None:
        self.entries.append(entry)


@pytest.fixture
def clean_callbacks() -> Iterator[None]:
    """Leaves the library without our callbacks."""
    yield
    litellm.success_callback.clear()
    litellm.failure_callback.clear()
    litellm._async_success_callback.clear()
    litellm._async_failure_callback.clear()


def eventually(entries: list[Any], count: int) -> None:
    """The library reports from a thread of its own."""
    end = time.monotonic() + 20
    while len(entries) < count and time.monotonic() < end:
        time.sleep(0.01)
    assert len(entries) == count


@pytest.mark.usefixtures("clean_callbacks")
def test_callbacks_feed_the_tracker(loopback: Loopback) -> None:
    tracker = Tracker()
    assert setup_litellm_callbacks(cost_tracker=tracker) is True
    assert setup_litellm_callbacks(cost_tracker=tracker) is True
    arguments: dict[str, Any] = {
        "model": "openai/gpt-4o",
        "messages": [{"role": "user", "content": QUESTION}],
        "api_key": "sk-x",
        "api_base": loopback.url,
        "user": "ann",
    }
    answer = litellm.completion(**arguments)
    assert answer.choices[0].message.content == ANSWER
    eventually(tracker.entries, 1)
    entry = tracker.entries[0]
    # 14 tokens at 2.50 and 8 at 10.00 USD a million.
    assert entry["cost"] == 0.000115
    assert (entry["model"], entry["provider"]) == ("gpt-4o", "openai")
    assert (entry["tokens"], entry["user_id"]) == (22, "ann")
    assert entry["metadata"]["input_tokens"] == 14

    text = "".join(
        piece.choices[0].delta.content or ""
        for piece in litellm.completion(
            **arguments, stream=True, stream_options={"include_usage": True}
        )
        if piece.choices
    )
    assert text.strip() == ANSWER
    eventually(tracker.entries, 2)
    assert tracker.entries[1]["tokens"] == 22


def test_the_callback_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[tuple[Any, ...]] = []
    records: list[Any] = []

    class Manager:
        def trigger(self, *event: Any) -> None:
            events.append(event)

    class Collector:
        def record(self, result: Any, **rest: Any) -> None:
            records.append((result.model_used, result.total_cost, rest["routing_strategy"]))

    monkeypatch.setattr(
        sys.modules[__name__],
        "CallbackEvent",
        {"MODEL_CALL_COMPLETE": "complete", "MODEL_CALL_ERROR": "error"},
        raising=False,
    )
    tracker = Tracker()
    callback = cascadeflowLiteLLMCallback(tracker, Collector(), Manager())
    usage = {"prompt_tokens": 1000, "completion_tokens": 500}
    answer = {"id": "r1", "usage": usage, "choices": [{"message": {"content": "Hi"}}]}
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi?"}]}
    callback.log_success(asked, answer, 1.0, 1.5)
    assert tracker.entries[0]["cost"] == GPT_4O
    assert tracker.entries[0]["metadata"]["latency_ms"] == 500.0
    assert records == [("gpt-4o", GPT_4O, "litellm")]
    assert events[0][:2] == ("complete", "Hi?")
    # The library's own figure counts for a model whose price is not known here.
    callback.log_success({"model": "acme-1", "response_cost": 0.25}, answer, 1.0, 1.5)
    assert tracker.entries[1]["cost"] == 0.25
    callback.log_success({"model": "acme-1"}, answer, 1.0, 1.5)
    callback.log_success(asked, {"id": "piece of a stream"}, 1.0, 1.5)
    assert len(tracker.entries) == 2
    # Some streams end twice.
    for _ in range(2):
        callback.log_success({**asked, "litellm_call_id": "c1"}, answer, 1.0, 1.5)
    assert len(tracker.entries) == 3
    callback.log_failure({**asked, "exception": ValueError("no")}, None, 1.0, 2.0)
    assert events[-1][0] == "error"
    assert events[-1][2]["error"] == "ValueError"


def agent_at(loopback: Loopback, **options: Any) -> CascadeAgent:
    register_litellm_provider()
    models = [
        ModelConfig(name, provider="litellm", cost=cost, api_key="sk-secret", base_url=loopback.url)
        for name, cost in (("openai/gpt-4o-mini", 0.001), ("openai/gpt-4o", 0.01))
    ]
    return CascadeAgent(models, **options)


def test_a_cascade_through_the_library(loopback: Loopback) -> None:
    agent = agent_at(loopback)
    result = asyncio.run(agent.run(QUESTION))
    assert result.content == ANSWER
    assert result.usage.input_tokens == 14
    assert loopback.requests[0]["model"] == "gpt-4o-mini"
    assert loopback.headers[0]["authorization"] == "Bearer sk-secret"
    # The model's own cost: 22 tokens at 0.001 USD per 1,000.
    assert result.total_cost == 0.000022

    async def listen() -> list[Any]:
        return [event async for event in agent.stream_events(QUESTION)]

    events = asyncio.run(listen())
    text = "".join(event.content for event in events if event.type.value == "chunk")
    assert text.strip() == ANSWER
    assert events[-1].result.usage.input_tokens == 14


@pytest.mark.parametrize(
    ("status", "cls", "kind"),
    [
        (401, exceptions.AuthenticationError, "auth"),
        (404, exceptions.ModelNotFoundError, "not_found"),
        (429, exceptions.RateLimitError, "rate_limit"),
        (400, exceptions.ProviderError, "invalid_request"),
        (500, exceptions.ProviderError, "overloaded"),
    ],
)
def test_the_library_s_exceptions_are_ours(
    loopback: Loopback, status: int, cls: type[Exception], kind: str
) -> None:
    loopback.status = status
    loopback.error = {"message": "no, because of reasons", "type": "x"}
    loopback.extra_headers = {"retry-after": "3"}
    provider = LiteLLMProvider(api_key="sk-secret", base_url=loopback.url)
    with pytest.raises(cls) as caught:
        asyncio.run(provider.complete(QUESTION, model="openai/gpt-4o"))
    error: Any = caught.value
    assert (error.kind, error.status_code, error.provider) == (kind, status, "openai")
    assert "because of reasons" in str(error)
    assert "sk-secret" not in str(error)
    if status == 429:
        assert error.retry_after == 3.0
    assert len(loopback.requests) == 1


def test_registering_is_what_turns_it_on() -> None:
    assert "litellm" not in cascadeflow.PROVIDER_REGISTRY
    register_litellm_provider("through")
    assert cascadeflow.PROVIDER_REGISTRY["through"] is LiteLLMProvider
    assert LiteLLMProvider().estimate_cost(0, "gpt-4o", 1000, 500) == GPT_4O


def test_the_names_are_reachable_from_the_package() -> None:
    import cascadeflow.integrations as package

    own = set(package.__all__) & set(integration.__all__)
    assert {"LiteLLMCostProvider", "SUPPORTED_PROVIDERS", "validate_provider"} <= own
    for name in own:
        assert getattr(package, name) is getattr(integration, name)
