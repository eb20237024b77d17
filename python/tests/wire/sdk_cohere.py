"""Cohere's SDK."""

from __future__ import annotations

from typing import Any

import cohere
import httpx
from cohere.core.api_error import ApiError
from exchange_file import KEY, Exchange
from reading import Record, counts, tool_call

FINISH = {
    "COMPLETE": "stop",
    "STOP_SEQUENCE": "stop",
    "MAX_TOKENS": "length",
    "TOOL_CALL": "tool_calls",
}


def call(exchange: Exchange, url: str, body: dict[str, Any], stream: bool) -> Record:
    """The exchange as `cohere` reads it."""
    body = {name: value for name, value in body.items() if name != "stream"}
    with httpx.Client() as http:
        client = cohere.ClientV2(api_key=KEY, base_url=url, httpx_client=http, max_retries=0)
        try:
            if stream:
                return listen(client.chat_stream(**body))
            answer = client.chat(**body)
        except ApiError as error:
            words = error.body if isinstance(error.body, str) else error.body["message"]
            failure = {"class": type(error).__name__, "status": error.status_code, "message": words}
            return {"error": failure, "text": ""}
    message = answer.message
    content = message.content or []
    return {
        "text": "".join(part.text for part in content if part.type == "text"),
        "thinking": "".join(part.thinking for part in content if part.type == "thinking"),
        "tool_calls": [
            tool_call(one.id, one.function.name, one.function.arguments)
            for one in message.tool_calls or []
        ],
        "finish_reason": FINISH[answer.finish_reason],
        "usage": usage_record(answer.usage),
    }


def listen(events: Any) -> Record:
    """The record of a stream."""
    record: Record = {"text": "", "thinking": "", "tool_calls": []}
    calls: list[dict[str, str]] = []
    for event in events:
        if event.type == "content-delta":
            content = event.delta.message.content
            record["text"] += content.text or ""
            record["thinking"] += content.thinking or ""
        elif event.type == "tool-call-start":
            begun = event.delta.message.tool_calls
            name, arguments = begun.function.name, begun.function.arguments
            calls.append({"id": begun.id, "name": name, "arguments": arguments or ""})
        elif event.type == "tool-call-delta":
            calls[event.index]["arguments"] += event.delta.message.tool_calls.function.arguments
        elif event.type == "message-end":
            record["finish_reason"] = FINISH[event.delta.finish_reason]
            record["usage"] = usage_record(event.delta.usage)
    record["tool_calls"] = [tool_call(one["id"], one["name"], one["arguments"]) for one in calls]
    return record


def usage_record(usage: Any) -> dict[str, int]:
    """What is billed."""
    billed = usage.billed_units
    return counts(
        input_tokens=int(billed.input_tokens),
        output_tokens=int(billed.output_tokens),
        cached_input_tokens=int(usage.cached_tokens or 0),
    )
