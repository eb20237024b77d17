"""Ollama's SDK."""

from __future__ import annotations

from typing import Any

import ollama
from exchange_file import KEY, Exchange
from reading import Record, counts, tool_call


def call(exchange: Exchange, url: str, body: dict[str, Any], stream: bool) -> Record:
    """The exchange as `ollama` reads it."""
    text = thinking = ""
    calls: list[Record] = []
    logprobs: list[list[Any]] = []
    last = None
    client = ollama.Client(host=url, headers={"authorization": f"Bearer {KEY}"})
    try:
        given = client.chat(**body)
        for part in given if stream else [given]:
            message = part.message
            text += message.content or ""
            thinking += message.thinking or ""
            for one in message.tool_calls or []:
                # The SDK drops the ids that newer servers give.
                calls.append(tool_call(None, one.function.name, one.function.arguments))
            logprobs += [[entry.token, entry.logprob] for entry in part.logprobs or []]
            last = part
    except ollama.ResponseError as error:
        # In a stream the status was sent before; the SDK says -1.
        status = {"status": error.status_code} if error.status_code > 0 else {}
        return {"error": {"class": "ResponseError", "message": error.error, **status}, "text": text}
    finally:
        client.close()
    assert last is not None
    finish = {"stop": "tool_calls" if calls else "stop"}.get(last.done_reason, last.done_reason)
    return {
        "text": text,
        "thinking": thinking,
        "tool_calls": calls,
        "finish_reason": finish,
        "usage": counts(input_tokens=last.prompt_eval_count, output_tokens=last.eval_count),
        "logprobs": logprobs or None,
    }
