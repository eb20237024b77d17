"""Lists of models and vectors through the published classes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import driver
import pytest
from exchange_file import Way, ways
from reading import lacks
from replay_server import ReplayServer

from cascadeflow.schema.exceptions import ValidationError


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer() as running:
        yield running


@pytest.fixture
def environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables that the exchange finds."""
    for name, value in request.getfixturevalue("way").exchange.environment.items():
        monkeypatch.setenv(name, value)


def check_request(way: Way, server: ReplayServer) -> None:
    (sent,) = server.received
    exchange = way.exchange
    assert sent.method == exchange.request.get("method", "POST")
    assert sent.path == exchange.path(stream=False)
    assert lacks(exchange.headers, sent.headers) is None
    if sent.method == "POST":
        assert lacks(exchange.request.get("body", {}), sent.body) is None


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("way", ways("models"), ids=lambda way: way.id)
def test_models(server: ReplayServer, way: Way) -> None:
    reply = way.exchange.reply(stream=False)
    assert reply is not None
    server.play(reply)
    provider = driver.provider_at(way.exchange, server.url)
    assert asyncio.run(provider.list_models()) == way.exchange.expected["models"]
    check_request(way, server)


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("way", ways("embed"), ids=lambda way: way.id)
def test_vectors(server: ReplayServer, way: Way) -> None:
    reply = way.exchange.reply(stream=False)
    assert reply is not None
    server.play(reply)
    ask = dict(way.exchange.ask)
    model, texts = ask.pop("model"), ask.pop("input")
    extra = {**ask, **ask.pop("extra", {})}
    provider = driver.provider_at(way.exchange, server.url)
    made = asyncio.run(provider.embed(texts, model, **extra))
    expected = way.exchange.expected
    assert made.vectors == expected["embeddings"]
    assert (len(made), made.dimensions) == (len(texts), len(expected["embeddings"][0]))
    assert (made.model, made.provider) == (model, way.exchange.provider)
    counted = made.usage.input_tokens if made.usage else None
    assert counted == expected.get("usage", {}).get("input_tokens")
    check_request(way, server)


def test_a_provider_without_vectors() -> None:
    provider = driver.class_of("anthropic")(api_key="key")
    with pytest.raises(ValidationError, match="anthropic") as caught:
        asyncio.run(provider.embed(["a"], "claude-sonnet-4-5"))
    assert caught.value.field == "provider"


def test_every_provider_has_a_class() -> None:
    for way in ways():
        module = driver.class_of(way.exchange.provider).__module__
        assert module.startswith("cascadeflow.providers.")
