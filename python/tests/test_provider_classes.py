"""What the classes of the providers have beyond calls."""

from __future__ import annotations

import asyncio
import inspect
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from cascadeflow.providers import (
    PROVIDER_CAPABILITIES,
    PROVIDER_REGISTRY,
    AnthropicProvider,
    DeepSeekProvider,
    HuggingFaceProvider,
    OllamaProvider,
    OpenRouterProvider,
    anthropic,
    ollama,
    openai,
    openrouter,
    vllm,
)
from cascadeflow.providers.base import get_provider_capabilities
from cascadeflow.providers.huggingface import (
    HuggingFaceEndpointType,
    get_inference_endpoint_models,
    get_serverless_models,
)
from cascadeflow.schema.exceptions import ModelNotFoundError, ValidationError

KEY = "sk-test-0123456789"
CHAT = {"choices": [{"message": {"role": "assistant", "content": "ok"}, "finish_reason": "stop"}]}


class Server:
    """Answers chats, and pulls of one model."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                body = json.loads(self.rfile.read(length))
                outer.bodies.append(body)
                answer = json.dumps(CHAT)
                if self.path == "/api/pull":
                    there = body["model"] == "llama3.2"
                    last = (
                        {"status": "success"}
                        if there
                        else {"error": "pull model manifest: " + ("file does not exist")}
                    )
                    answer = json.dumps({"status": "pulling manifest"}) + "\n" + json.dumps(last)
                data = answer.encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.http.shutdown()
    running.http.server_close()


def test_a_model_is_pulled_to_ollama(server: Server) -> None:
    provider = OllamaProvider(base_url=server.url)
    assert asyncio.run(_pull(provider, "llama3.2")) is None
    assert server.bodies == [{"model": "llama3.2", "stream": True}]
    with pytest.raises(ModelNotFoundError, match="file does not exist"):
        asyncio.run(_pull(provider, "lama"))
    with pytest.raises(ValidationError) as empty:
        asyncio.run(_pull(provider, ""))
    assert empty.value.field == "model"


async def _pull(provider: OllamaProvider, model: str) -> Any:
    return await provider.pull_model(model)


@pytest.mark.parametrize(
    ("made", "kind", "sent"),
    [
        (dict, "serverless", "org/m"),
        (
            lambda: {"endpoint_type": HuggingFaceEndpointType.SERVERLESS},
            "serverless",
            "org/m:hf-inference",
        ),
        (
            lambda: {
                "endpoint_type": HuggingFaceEndpointType.INFERENCE_PROVIDERS,
                "inference_provider": "together",
            },
            "inference_providers",
            "org/m:together",
        ),
        (
            lambda: {"endpoint_type": HuggingFaceEndpointType.INFERENCE_ENDPOINT},
            "inference_endpoint",
            "org/m",
        ),
    ],
    ids=["router", "serverless", "partner", "endpoint"],
)
def test_who_serves_a_model_of_hugging_face(
    server: Server, made: Any, kind: str, sent: str
) -> None:
    provider = HuggingFaceProvider(KEY, server.url, **made())
    assert provider.endpoint_type.value == kind
    asyncio.run(provider.complete("hi", "org/m"))
    asyncio.run(provider.complete("hi", "org/m:groq"))
    assert [body["model"] for body in server.bodies] == [sent, "org/m:groq"]
    assert "inference_provider" not in server.bodies[0]


def test_hugging_face_by_the_published_constructors() -> None:
    assert HuggingFaceProvider.serverless(KEY).endpoint_type.value == "serverless"
    partner = HuggingFaceProvider.inference_providers("nebius", KEY)
    assert partner.endpoint_type.value == "inference_providers"
    endpoint = HuggingFaceProvider.inference_endpoint("https://endpoint.test/", KEY)
    assert (endpoint.endpoint_type.value, endpoint.base_url) == (
        "inference_endpoint",
        "https://endpoint.test/",
    )
    for field, make in {
        "endpoint_url": lambda: HuggingFaceProvider.inference_endpoint(" ", KEY),
        "provider_name": lambda: HuggingFaceProvider.inference_providers("", KEY),
        "base_url": lambda: HuggingFaceProvider(
            KEY, endpoint_type=HuggingFaceEndpointType.INFERENCE_ENDPOINT
        ),
        "inference_provider": lambda: HuggingFaceProvider(
            KEY, endpoint_type=HuggingFaceEndpointType.INFERENCE_PROVIDERS
        ),
    }.items():
        with pytest.raises(ValueError, match=field) as missing:
            make()
        assert isinstance(missing.value, ValidationError)
        assert missing.value.field == field
        assert missing.value.hint
    assert "openai/gpt-oss-20b" in get_serverless_models()
    assert get_inference_endpoint_models()


def test_reasoning_models_are_told_apart() -> None:
    plain = openai.get_reasoning_model_info("gpt-4o")
    assert plain == openai.ReasoningModelInfo()
    o3 = openai.get_reasoning_model_info("o3-mini")
    assert o3.is_reasoning
    assert o3.requires_max_completion_tokens
    assert o3.supports_reasoning_effort
    assert not o3.supports_temperature
    claude = anthropic.get_reasoning_model_info("claude-sonnet-4-5")
    assert claude.supports_extended_thinking
    assert claude.requires_thinking_budget
    assert claude.provider == "anthropic"
    assert ollama.get_reasoning_model_info("deepseek-r1:7b").is_reasoning
    assert not ollama.get_reasoning_model_info("llama3.1").is_reasoning
    assert vllm.get_reasoning_model_info("deepseek-ai/DeepSeek-R1").is_reasoning
    assert vllm.ReasoningModelInfo().provider == "vllm"


def test_capabilities_of_every_provider() -> None:
    assert set(PROVIDER_CAPABILITIES) == set(PROVIDER_REGISTRY)
    for name, capabilities in PROVIDER_CAPABILITIES.items():
        assert capabilities["supports_logprobs"] == (
            PROVIDER_REGISTRY[name](KEY).supports_logprobs()
        ), name
        assert capabilities["supports_streaming"] is True
        assert capabilities["max_top_logprobs"] >= 0
    assert PROVIDER_CAPABILITIES["ollama"]["has_cost_tracking"] is False
    assert PROVIDER_CAPABILITIES["openai"]["max_top_logprobs"] == 20
    assert not any(get_provider_capabilities("nonesuch").values())


def test_prices_of_openrouter_are_read_when_asked_for() -> None:
    prices = openrouter.OPENROUTER_PRICING
    assert prices["openai/gpt-4o"] == {"input": 2.5, "output": 10.0}
    assert openrouter.OPENROUTER_PRICING is prices
    with pytest.raises(AttributeError, match="OPENROUTER_PRICES"):
        openrouter.OPENROUTER_PRICES  # noqa: B018


def test_published_defaults() -> None:
    def default(cls: type, name: str) -> Any:
        return inspect.signature(cls.complete_with_tools).parameters[name].default  # type: ignore[attr-defined]

    assert default(AnthropicProvider, "model") == "claude-sonnet-4-20250514"
    assert default(OpenRouterProvider, "model") == "openai/gpt-4o"
    assert default(OllamaProvider, "model") == "llama3.1"
    assert OllamaProvider().keep_alive == "5m"
    deepseek = DeepSeekProvider(KEY)
    assert isinstance(deepseek, openai.OpenAIProvider)
    assert (deepseek.name, deepseek.BASE_URL) == ("deepseek", "https://api.deepseek.com")
