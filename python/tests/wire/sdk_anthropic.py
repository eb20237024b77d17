"""Anthropic's SDK, also for Vertex AI."""

from __future__ import annotations

from typing import Any

import anthropic
from exchange_file import KEY, Exchange
from reading import Record, counts, tool_call
from sdk_openai import error_record, split

FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "tool_use": "tool_calls",
    "refusal": "refusal",
}


def client_of(exchange: Exchange, url: str) -> Any:
    """A client for an exchange at a server."""
    if exchange.provider == "anthropic":
        return anthropic.Anthropic(api_key=KEY, base_url=url, max_retries=0)
    return anthropic.AnthropicVertex(
        access_token=KEY,
        project_id=exchange.environment["GOOGLE_CLOUD_PROJECT"],
        region=exchange.environment["GOOGLE_CLOUD_LOCATION"],
        base_url=f"{url}/v1",
        max_retries=0,
    )


def call(exchange: Exchange, url: str, body: dict[str, Any], stream: bool) -> Record:
    """The exchange as `anthropic` reads it; streams are assembled by the SDK."""
    body = {name: value for name, value in body.items() if name != "stream"}
    # What the client puts in by itself, into the path or the body.
    body.pop("anthropic_version", None)
    body.setdefault("model", exchange.ask["model"])
    text = ""
    with client_of(exchange, url) as client:
        messages = client.messages
        headers = {
            name: value for name, value in exchange.headers.items() if name == "anthropic-beta"
        }
        try:
            if not stream:
                arguments = split(messages.create, body)
                return record(messages.create(**arguments, extra_headers=headers))
            with messages.stream(**split(messages.stream, body), extra_headers=headers) as events:
                for piece in events.text_stream:
                    text += piece
                return record(events.get_final_message())
        except anthropic.APIError as error:
            return {"error": error_record(error), "text": text}


def record(message: Any) -> Record:
    """The record of a message."""
    blocks = message.content
    usage = message.usage
    details = usage.output_tokens_details
    written = usage.cache_creation_input_tokens or 0
    hour = usage.cache_creation.ephemeral_1h_input_tokens if usage.cache_creation else 0
    read = usage.cache_read_input_tokens or 0
    return {
        "text": "".join(block.text for block in blocks if block.type == "text"),
        "thinking": "".join(block.thinking for block in blocks if block.type == "thinking"),
        "signatures": [block.signature for block in blocks if block.type == "thinking"],
        "tool_calls": [
            tool_call(block.id, block.name, block.input)
            for block in blocks
            if block.type == "tool_use"
        ],
        "finish_reason": FINISH[message.stop_reason],
        "usage": counts(
            input_tokens=usage.input_tokens + written + read,
            output_tokens=usage.output_tokens,
            cached_input_tokens=read,
            cache_write_5m_tokens=written - hour,
            cache_write_1h_tokens=hour,
            reasoning_tokens=details.thinking_tokens if details else 0,
        ),
    }
