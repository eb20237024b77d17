"""Calls of our own drivers, through the published provider classes."""

from __future__ import annotations

import asyncio
from typing import Any

from exchange_file import KEY, Exchange
from reading import COUNTS, Record, tool_call

from cascadeflow import PROVIDER_REGISTRY, ModelResponse
from cascadeflow.providers.base import RetryConfig
from cascadeflow.providers.builtin import BuiltinProvider
from cascadeflow.schema.exceptions import cascadeflowError

NAMED = ("model", "messages", "system_prompt", "max_tokens", "temperature", "tools", "tool_choice")


def arguments_of(exchange: Exchange) -> dict[str, Any]:
    """What a provider class is given for an exchange: nothing but what the exchange asks."""
    ask = dict(exchange.ask)
    named = {name: ask.pop(name, None) for name in NAMED}
    extra = ask.pop("extra", {})
    ask.setdefault("logprobs", False)
    return {**named, **ask, **extra}


def class_of(name: str) -> Any:
    """The provider's class; one over its driver where none is published."""
    registered = PROVIDER_REGISTRY.get(name)
    return registered or type("Driver", (BuiltinProvider,), {"provider_name": name})


def provider_at(exchange: Exchange, url: str) -> Any:
    """An instance of the exchange's provider class that calls the server at `url`."""
    return class_of(exchange.provider)(
        api_key=KEY,
        base_url=f"{url}{exchange.base_path}",
        retry_config=RetryConfig(max_attempts=1),
    )


def call(exchange: Exchange, url: str, stream: bool) -> Record:
    """What our driver reads."""
    provider = provider_at(exchange, url)
    arguments = arguments_of(exchange)
    text = ""
    try:
        if not stream:
            return read_response(asyncio.run(provider.complete(**arguments)))
        whole: ModelResponse | None = None

        async def listen() -> None:
            nonlocal text, whole
            async for piece in provider._stream_impl(**arguments):
                if isinstance(piece, str):
                    text += piece
                else:
                    whole = piece

        asyncio.run(listen())
    except cascadeflowError as error:
        return {"error": read_error(error), "text": text}
    assert whole is not None, "a stream ends with the whole answer"
    assert whole.content == text, "the pieces are the answer"
    return read_response(whole)


def read_response(response: ModelResponse) -> Record:
    """The record of a published answer."""
    metadata = response.metadata or {}
    usage: Any = response.usage
    logprobs = None
    if response.logprobs is not None:
        logprobs = [
            list(pair) for pair in zip(response.tokens or [], response.logprobs, strict=False)
        ]
    return {
        "text": response.content,
        "tool_calls": [
            tool_call(call["id"], call["function"]["name"], call["function"]["arguments"])
            for call in response.tool_calls or []
        ],
        "finish_reason": metadata["finish_reason"],
        "usage": None if usage is None else usage_record(usage),
        "logprobs": logprobs,
        "model": response.model,
        "request_id": metadata.get("request_id"),
        "cost": response.cost,
    }


def usage_record(usage: Any) -> Record:
    """What a published usage has."""
    return {name: getattr(usage, name) for name in (*COUNTS, "service_tier")}


def read_error(error: Any) -> Record:
    """The record of a published exception."""
    return {
        "kind": error.kind,
        "status": error.status_code,
        "retry_after": error.retry_after,
        "request_id": error.request_id,
        "message": str(error),
        "class": type(error).__name__,
    }
