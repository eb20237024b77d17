"""Every exchange of `shared-tests/http` through the published classes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import driver
import pytest
from exchange_file import KEY, Way, all_exchanges, ways
from reading import differences, expected_record, lacks
from replay_server import ReplayServer

from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.schema.exceptions import cascadeflowError

# What the exceptions of a kind are called.
CLASSES = {
    "auth": "AuthenticationError",
    "not_found": "ModelNotFoundError",
    "rate_limit": "RateLimitError",
    "quota": "RateLimitError",
}


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    """A server of the test's own: circuit breakers count the failures of an address."""
    with ReplayServer() as running:
        yield running


@pytest.fixture
def environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables that the exchange finds."""
    for name, value in request.getfixturevalue("way").exchange.environment.items():
        monkeypatch.setenv(name, value)


def check(way: Way, record: dict[str, Any]) -> None:
    """Holds a record against what the exchange expects."""
    expected = expected_record(way.exchange.expected)
    if "error" not in expected:
        assert "error" not in record, record["error"]
        assert differences(expected, record) == {}
        return
    assert record["text"] == expected["text"]
    wanted, error = dict(expected["error"]), record["error"]
    assert wanted.pop("message_contains", "") in error["message"]
    assert {name: error[name] for name in wanted} == wanted
    assert KEY not in str(error)


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("way", ways(), ids=lambda way: way.id)
def test_a_provider_class(server: ReplayServer, way: Way) -> None:
    exchange = way.exchange
    reply = exchange.reply(way.stream)
    assert reply is not None
    server.play(reply)
    record = driver.call(exchange, server.url, way.stream)
    check(way, record)
    if "reported_cost" in exchange.expected:
        assert record["cost"] == float(exchange.expected["reported_cost"])
    (sent,) = server.received
    assert sent.method == exchange.request.get("method", "POST")
    assert sent.path == exchange.path(way.stream)
    assert lacks(exchange.headers, sent.headers) is None
    assert lacks(exchange.request.get("body", {}), sent.body) is None
    assert not sent.body.keys() & set(exchange.request.get("without", []))
    if way.stream:
        assert lacks(exchange.request.get("streamed_body", {}), sent.body) is None


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("way", ways(), ids=lambda way: way.id)
def test_an_agent(server: ReplayServer, way: Way) -> None:
    exchange = way.exchange
    reply = exchange.reply(way.stream)
    assert reply is not None
    server.play(reply)
    model = ModelConfig(
        exchange.ask["model"],
        provider=exchange.provider,
        cost=0.001,
        api_key=KEY,
        base_url=f"{server.url}{exchange.base_path}",
    )
    arguments = driver.arguments_of(exchange)
    messages = arguments.pop("messages")
    options = {name: value for name, value in arguments.items() if value is not None}
    for name in ("model", "logprobs"):
        options.pop(name, None)
    agent = CascadeAgent([model], max_retries=0)

    async def ask() -> tuple[Any, Any]:
        """The result, or the data of the event that ends a stream with an error."""
        if not way.stream:
            return await agent.run(messages, force_direct=True, max_steps=1, **options), None
        stream = agent.stream_events(messages, force_direct=True, max_steps=1, **options)
        last = [event async for event in stream][-1]
        return last.result, last.data

    expected = expected_record(exchange.expected)
    if kind := failure_of(expected):
        if way.stream:
            result, data = asyncio.run(ask())
            assert result is None
            assert (data["kind"], data["type"]) == (kind, CLASSES.get(kind, "ProviderError"))
            return
        with pytest.raises(cascadeflowError) as caught:
            asyncio.run(ask())
        assert caught.value.kind == kind
        assert type(caught.value).__name__ == CLASSES.get(kind, "ProviderError")
        assert caught.value.status_code == expected.get("error", {}).get("status")
        return
    result, _ = asyncio.run(ask())
    assert result.content == expected["text"]
    assert [call["id"] for call in result.tool_calls or []] == [
        call["id"] for call in expected["tool_calls"]
    ]
    assert result.usage.input_tokens == expected["usage"]["input_tokens"]
    assert result.usage.output_tokens == expected["usage"]["output_tokens"]


def failure_of(expected: dict[str, Any]) -> str | None:
    """The kind of error that an agent raises: an answer that says nothing is one, too."""
    if "error" in expected:
        return str(expected["error"]["kind"])
    says_nothing = not expected["text"] and not expected["tool_calls"]
    return "content_filter" if says_nothing else None


def test_nothing_is_left_out() -> None:
    """Every exchange can be played in at least one way, and every operation is known."""
    played = {way.exchange.name for name in ("chat", "models", "embed") for way in ways(name)}
    assert played == {exchange.name for exchange in all_exchanges()}
    assert len(played) == len(all_exchanges())
