"""Lists of models and embeddings, read by the providers' own SDKs.

The drivers' readings of the same bytes are tested in Rust; both are held against what the exchange
expects.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from exchange_file import KEY, Exchange, Way, ways
from replay_server import ReplayServer

with warnings.catch_warnings():
    # What the SDKs find wrong with themselves while they are imported is theirs.
    warnings.simplefilter("ignore")
    import anthropic
    import cohere
    import groq
    import httpx
    import ollama
    import openai
    import together
    from sdk_google import client_of as google_client

Reading = tuple[list[Any], int | None]


def openai_models(exchange: Exchange, url: str) -> Reading:
    with openai.OpenAI(api_key=KEY, base_url=url + exchange.base_path, max_retries=0) as client:
        return [model.id for model in client.models.list()], None


def openai_vectors(exchange: Exchange, url: str) -> Reading:
    with openai.OpenAI(api_key=KEY, base_url=url + exchange.base_path, max_retries=0) as client:
        made = client.embeddings.create(**exchange.ask, encoding_format="float")
    vectors = [entry.embedding for entry in sorted(made.data, key=lambda entry: entry.index)]
    return vectors, made.usage.prompt_tokens if made.usage else None


def groq_models(exchange: Exchange, url: str) -> Reading:
    with groq.Groq(api_key=KEY, base_url=url, max_retries=0) as client:
        return [model.id for model in client.models.list().data], None


def together_models(exchange: Exchange, url: str) -> Reading:
    # The SDK's own method lists the models of a project, elsewhere.
    with together.Together(api_key=KEY, base_url=url, max_retries=0) as client:
        listed: Any = client.get("/v1/models", cast_to=object)
        return [model["id"] for model in listed], None


def together_vectors(exchange: Exchange, url: str) -> Reading:
    with together.Together(api_key=KEY, base_url=url, max_retries=0) as client:
        made = client.embeddings.create(**exchange.ask)
    return [entry.embedding for entry in made.data], None


def anthropic_models(exchange: Exchange, url: str) -> Reading:
    with anthropic.Anthropic(api_key=KEY, base_url=url, max_retries=0) as client:
        return [model.id for model in client.models.list(limit=1000)], None


def ollama_models(exchange: Exchange, url: str) -> Reading:
    client = ollama.Client(host=url)
    try:
        return [model.model for model in client.list().models], None
    finally:
        client.close()


def ollama_vectors(exchange: Exchange, url: str) -> Reading:
    client = ollama.Client(host=url)
    try:
        made = client.embed(**exchange.ask)
    finally:
        client.close()
    return [list(vector) for vector in made.embeddings], made.prompt_eval_count


def cohere_models(exchange: Exchange, url: str) -> Reading:
    with httpx.Client() as http:
        client = cohere.ClientV2(api_key=KEY, base_url=url, httpx_client=http, max_retries=0)
        return [model.name for model in client.models.list().models], None


def cohere_vectors(exchange: Exchange, url: str) -> Reading:
    with httpx.Client() as http:
        client = cohere.ClientV2(api_key=KEY, base_url=url, httpx_client=http, max_retries=0)
        made = client.embed(
            model=exchange.ask["model"],
            texts=exchange.ask["input"],
            input_type="search_document",
            embedding_types=["float"],
        )
    return made.embeddings.float_, int(made.meta.billed_units.input_tokens)


def google_models(exchange: Exchange, url: str) -> Reading:
    client = google_client(exchange, url)
    try:
        return [model.name.rsplit("/", 1)[-1] for model in client.models.list()], None
    finally:
        client.close()


def google_vectors(exchange: Exchange, url: str) -> Reading:
    client = google_client(exchange, url)
    try:
        made = client.models.embed_content(
            model=exchange.ask["model"], contents=exchange.ask["input"]
        )
    finally:
        client.close()
    counts = [entry.statistics.token_count for entry in made.embeddings if entry.statistics]
    return [entry.values for entry in made.embeddings], int(sum(counts)) if counts else None


CALLS: dict[tuple[str, str], Callable[[Exchange, str], Reading]] = {
    **{
        (name, "models"): openai_models
        for name in ("openai", "vllm", "deepseek", "fireworks", "openrouter", "huggingface")
    },
    **{(name, "embed"): openai_vectors for name in ("openai", "vllm", "fireworks", "openrouter")},
    ("groq", "models"): groq_models,
    ("together", "models"): together_models,
    ("together", "embed"): together_vectors,
    ("anthropic", "models"): anthropic_models,
    ("ollama", "models"): ollama_models,
    ("ollama", "embed"): ollama_vectors,
    ("cohere", "models"): cohere_models,
    ("cohere", "embed"): cohere_vectors,
    ("google", "models"): google_models,
    ("google", "embed"): google_vectors,
    ("vertex_ai", "models"): google_models,
    ("vertex_ai", "embed"): google_vectors,
}


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    """A server of the test's own."""
    with ReplayServer() as running:
        yield running


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
@pytest.mark.parametrize("way", ways("models") + ways("embed"), ids=lambda way: way.exchange.name)
def test_a_listing(server: ReplayServer, way: Way) -> None:
    exchange = way.exchange
    assert exchange.response is not None
    server.play(exchange.response)
    values, tokens = CALLS[exchange.provider, exchange.operation](exchange, server.url)
    expected = exchange.expected
    assert values == expected.get("models", expected.get("embeddings"))
    assert tokens == expected.get("usage", {}).get("input_tokens")
    assert server.received[0].method == exchange.request.get("method", "POST")
    assert server.received[0].path == exchange.path(False)
