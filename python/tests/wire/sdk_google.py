"""Google's SDK, for Gemini on Vertex AI and elsewhere."""

from __future__ import annotations

from typing import Any

from exchange_file import KEY, Exchange
from google import genai
from google.genai import errors, types
from google.oauth2.credentials import Credentials
from reading import Record, counts, tool_call

FINISH = {"STOP": "stop", "MAX_TOKENS": "length", "SAFETY": "content_filter"}


def client_of(exchange: Exchange, url: str) -> genai.Client:
    """A client for an exchange at a server, of Vertex AI or of the Gemini API."""
    if exchange.provider == "google":
        options = types.HttpOptions(base_url=url, api_version="v1beta")
        return genai.Client(api_key=KEY, vertexai=False, http_options=options)
    return genai.Client(
        vertexai=True,
        project=exchange.environment["GOOGLE_CLOUD_PROJECT"],
        location=exchange.environment["GOOGLE_CLOUD_LOCATION"],
        credentials=Credentials(token=KEY),
        http_options=types.HttpOptions(base_url=url, api_version=version_of(exchange)),
    )


def version_of(exchange: Exchange) -> str:
    """The version of the API that the exchange is about, which begins its path."""
    return exchange.path(False).strip("/").split("/", 1)[0]


def call(exchange: Exchange, url: str, body: dict[str, Any], stream: bool) -> Record:
    """The exchange as `google-genai` reads it."""
    client = client_of(exchange, url)
    rest = {
        name: value for name, value in body.items() if name not in ("contents", "generationConfig")
    }
    config = types.GenerateContentConfig(
        **body.get("generationConfig", {}),
        **rest,
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )
    arguments = {"model": exchange.ask["model"], "contents": body["contents"], "config": config}
    record: Record = {"text": "", "thinking": "", "tool_calls": [], "logprobs": None}
    try:
        if stream:
            parts = list(client.models.generate_content_stream(**arguments))
        else:
            parts = [client.models.generate_content(**arguments)]
    except errors.APIError as error:
        failure = {"class": type(error).__name__, "status": error.code, "message": error.message}
        return {"error": failure, "text": ""}
    finally:
        client.close()
    for part in parts:
        add(record, part)
    return record


def add(record: Record, part: Any) -> None:
    """Takes an answer, or a piece of one."""
    candidate = part.candidates[0]
    for piece in (candidate.content.parts if candidate.content else None) or []:
        if piece.text:
            record["thinking" if piece.thought else "text"] += piece.text
        if piece.function_call:
            calls = record["tool_calls"]
            called = piece.function_call
            calls.append(tool_call(called.id or f"call_{len(calls)}", called.name, called.args))
    if candidate.finish_reason:
        finish = FINISH[candidate.finish_reason.value]
        calls_tools = finish == "stop" and record["tool_calls"]
        record["finish_reason"] = "tool_calls" if calls_tools else finish
    if candidate.logprobs_result:
        chosen = candidate.logprobs_result.chosen_candidates
        record["logprobs"] = [[one.token, one.log_probability] for one in chosen]
    usage = part.usage_metadata
    if usage and usage.prompt_token_count is not None:
        thoughts = usage.thoughts_token_count or 0
        record["usage"] = counts(
            input_tokens=usage.prompt_token_count,
            output_tokens=(usage.candidates_token_count or 0) + thoughts,
            cached_input_tokens=usage.cached_content_token_count,
            reasoning_tokens=thoughts,
            audio_input_tokens=of_kind(usage.prompt_tokens_details, "AUDIO"),
            cached_audio_input_tokens=of_kind(usage.cache_tokens_details, "AUDIO"),
            audio_output_tokens=of_kind(usage.candidates_tokens_details, "AUDIO"),
            image_input_tokens=of_kind(usage.prompt_tokens_details, "IMAGE"),
            image_output_tokens=of_kind(usage.candidates_tokens_details, "IMAGE"),
        )


def of_kind(details: Any, kind: str) -> int:
    """The tokens of a kind among the counts by kind."""
    return sum(one.token_count or 0 for one in details or [] if one.modality.value == kind)
