"""Hugging Face's SDK."""

from __future__ import annotations

from typing import Any

from exchange_file import KEY, Exchange
from huggingface_hub import InferenceClient, close_session
from huggingface_hub.errors import HfHubHTTPError
from reading import Record
from sdk_openai import Answer, split


def call(exchange: Exchange, url: str, body: dict[str, Any], stream: bool) -> Record:
    """The exchange as `huggingface-hub` reads it."""
    answer = Answer()
    client = InferenceClient(base_url=f"{url}{exchange.base_path}", api_key=KEY)
    try:
        given = client.chat_completion(**split(client.chat_completion, body))
        if not stream:
            answer.usage = given.usage
            answer.add(given.choices[0].message, given.choices[0])
        else:
            for chunk in given:
                answer.usage = chunk.usage or answer.usage
                for choice in chunk.choices:
                    answer.add(choice.delta, choice)
    except HfHubHTTPError as error:
        failure = {"class": type(error).__name__, "status": error.response.status_code}
        return {"error": failure, "text": answer.text}
    finally:
        close_session()
    return answer.record()
