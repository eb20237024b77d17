"""The SDKs made by one generator, which share their shape: openai, groq and together."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import groq
import openai
import together
from exchange_file import KEY, Exchange
from reading import Record, counts, tool_call

FINISH = {
    "stop": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}


def split(method: Callable[..., Any], body: dict[str, Any]) -> dict[str, Any]:
    """A body as keywords: what `method` has a name for, and the rest as its extra body."""
    names = inspect.signature(method).parameters
    known = {name: value for name, value in body.items() if name in names}
    extra = {name: value for name, value in body.items() if name not in names}
    return {**known, "extra_body": extra} if extra else known


def field(value: Any, name: str) -> Any:
    """An attribute, declared or not, or an item; `None` when there is none."""
    if isinstance(value, dict):
        return value.get(name)
    return getattr(value, name, None)


def usage_record(usage: Any) -> dict[str, int] | None:
    """The counts of a usage, wherever the provider puts their parts."""
    if usage is None:
        return None
    prompt = field(usage, "prompt_tokens_details")
    completion = field(usage, "completion_tokens_details")
    cached = field(prompt, "cached_tokens")
    for name in ("prompt_cache_hit_tokens", "cached_tokens"):
        cached = field(usage, name) if cached is None else cached
    return counts(
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
        cached_input_tokens=cached,
        cache_write_5m_tokens=field(prompt, "cache_write_tokens"),
        reasoning_tokens=field(completion, "reasoning_tokens"),
        audio_input_tokens=field(prompt, "audio_tokens"),
        audio_output_tokens=field(completion, "audio_tokens"),
        image_input_tokens=field(prompt, "image_tokens"),
        image_output_tokens=field(completion, "image_tokens"),
    )


def logprob_pairs(logprobs: Any) -> list[list[Any]] | None:
    """Tokens with their log-probabilities, in either of the two forms."""
    entries = field(logprobs, "content")
    if entries:
        return [[field(entry, "token"), field(entry, "logprob")] for entry in entries]
    tokens = field(logprobs, "tokens")
    if tokens:
        values = field(logprobs, "token_logprobs")
        return [list(pair) for pair in zip(tokens, values, strict=False)]
    return None


class Answer:
    """An answer while it is put together."""

    def __init__(self) -> None:
        self.text = ""
        self.refusal = ""
        self.thinking = ""
        self.calls: dict[int, dict[str, str]] = {}
        self.finish: str | None = None
        self.usage: Any = None
        self.logprobs: list[list[Any]] = []

    def add(self, message: Any, choice: Any) -> None:
        """Takes a message, or a piece of one."""
        self.text += field(message, "content") or ""
        self.refusal += field(message, "refusal") or ""
        reasoning = field(message, "reasoning_content") or field(message, "reasoning")
        self.thinking += reasoning or ""
        for position, piece in enumerate(field(message, "tool_calls") or []):
            index = field(piece, "index")
            call = self.calls.setdefault(
                position if index is None else int(index), {"id": "", "name": "", "arguments": ""}
            )
            function = field(piece, "function")
            call["id"] = call["id"] or field(piece, "id") or ""
            call["name"] = call["name"] or field(function, "name") or ""
            call["arguments"] += field(function, "arguments") or ""
        self.finish = choice.finish_reason or self.finish
        self.logprobs += logprob_pairs(field(choice, "logprobs")) or []

    def record(self) -> Record:
        """The whole answer."""
        finish = FINISH.get(str(self.finish), "other")
        return {
            "text": self.text or self.refusal,
            "thinking": self.thinking,
            "tool_calls": [
                tool_call(call["id"], call["name"], call["arguments"])
                for _, call in sorted(self.calls.items())
            ],
            "finish_reason": "refusal" if self.refusal else finish,
            "usage": usage_record(self.usage),
            "logprobs": self.logprobs or None,
        }


def chat(client: Any, body: dict[str, Any]) -> Record:
    """A chat completion; what came before an error stays in the record."""
    answer = Answer()
    create = client.chat.completions.create
    try:
        given = create(**split(create, body))
        if not body.get("stream"):
            if not given.choices:
                # A report in the place of an answer passes for an answer.
                code = int(field(field(given, "error"), "code"))
                return {"error": {"status": code, "class": type(given).__name__}, "text": ""}
            answer.usage = given.usage
            answer.add(given.choices[0].message, given.choices[0])
            return answer.record()
        if (kind := given.response.headers["content-type"]) != "text/event-stream":
            # What is not a stream passes for an empty one.
            return {"error": {"class": kind}, "text": ""}
        for chunk in given:
            usage = field(chunk, "usage") or field(field(chunk, "x_groq"), "usage")
            answer.usage = usage or answer.usage
            for choice in chunk.choices:
                answer.add(choice.delta, choice)
    except (openai.APIError, groq.APIError, together.APIError) as error:
        return {"error": error_record(error), "text": answer.text}
    return answer.record()


def responses(client: openai.OpenAI, body: dict[str, Any]) -> Record:
    """A response, streamed ones assembled from their last event."""
    text = ""
    try:
        given = client.responses.create(**split(client.responses.create, body))
        if body.get("stream"):
            whole = None
            for event in given:
                if event.type in ("response.output_text.delta", "response.refusal.delta"):
                    text += event.delta
                elif event.type in ("response.completed", "response.incomplete"):
                    whole = event.response
                elif event.type == "response.failed":
                    error = event.response.error
                    return {"error": {"class": "failed", "message": error.message}, "text": text}
            given = whole
    except openai.APIError as error:
        return {"error": error_record(error), "text": text}
    record = response_record(given)
    assert not body.get("stream") or record["text"] == text
    return record


def response_record(response: Any) -> Record:
    """The record of a whole response."""
    text = thinking = ""
    calls, refused = [], False
    for item in response.output:
        if item.type == "message":
            for part in item.content:
                refused = refused or part.type == "refusal"
                text += part.refusal if part.type == "refusal" else part.text
        elif item.type == "function_call":
            calls.append(tool_call(item.call_id, item.name, item.arguments))
        elif item.type == "reasoning":
            thinking += "".join(part.text for part in item.summary)
    finish = "refusal" if refused else "tool_calls" if calls else "stop"
    if response.status == "incomplete":
        reason = response.incomplete_details.reason
        finish = "length" if reason == "max_output_tokens" else "content_filter"
    usage = response.usage
    return {
        "text": text,
        "thinking": thinking,
        "tool_calls": calls,
        "finish_reason": finish,
        "usage": counts(
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cached_input_tokens=usage.input_tokens_details.cached_tokens,
            cache_write_5m_tokens=field(usage.input_tokens_details, "cache_write_tokens"),
            reasoning_tokens=usage.output_tokens_details.reasoning_tokens,
        ),
    }


def error_record(error: Any) -> Record:
    """The record of an exception of these SDKs; one without a status came in a stream."""
    record: Record = {"class": type(error).__name__, "message": error.message}
    if field(error, "status_code"):
        record["status"] = error.status_code
    if field(error, "request_id"):
        record["request_id"] = error.request_id
    return record


def openai_call(exchange: Exchange, url: str, body: dict[str, Any], stream: bool) -> Record:
    """The exchange as `openai` reads it."""
    with openai.OpenAI(api_key=KEY, base_url=f"{url}{exchange.base_path}", max_retries=0) as client:
        return (responses if exchange.topic == "responses" else chat)(client, body)


def groq_call(exchange: Exchange, url: str, body: dict[str, Any], stream: bool) -> Record:
    """The exchange as `groq` reads it; its client brings the path of the API itself."""
    with groq.Groq(api_key=KEY, base_url=url, max_retries=0) as client:
        return chat(client, body)


def together_call(exchange: Exchange, url: str, body: dict[str, Any], stream: bool) -> Record:
    """The exchange as `together` reads it; its client brings the path of the API itself."""
    with together.Together(api_key=KEY, base_url=url, max_retries=0) as client:
        return chat(client, body)
