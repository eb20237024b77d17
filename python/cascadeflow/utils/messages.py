"""Lists of messages."""

from __future__ import annotations

import re
from typing import Any

__all__ = [
    "detect_multi_turn",
    "get_last_user_message",
    "is_multi_turn_messages",
    "is_multi_turn_prompt",
    "messages_to_prompt",
    "normalize_messages",
]

_SPEAKER = re.compile(r"^\s*(user|human|assistant|ai)\s*:", re.IGNORECASE | re.MULTILINE)


def _text(content: Any) -> str:
    if content is None:
        return ""
    if isinstance(content, list):
        texts = [part if isinstance(part, str) else part.get("text") for part in content]
        return "\n".join(text for text in texts if text)
    return str(content)


def normalize_messages(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Copies of the messages, each with a role and a content."""
    return [{"role": "user", "content": "", **message} for message in messages]


def messages_to_prompt(messages: list[dict[str, Any]]) -> str:
    """The conversation as one text, a line for each message with its speaker."""
    lines = [
        f"{str(message.get('role') or 'user').capitalize()}: {_text(message.get('content'))}"
        for message in messages
        if message.get("content") is not None
    ]
    return "\n".join(lines)


def get_last_user_message(messages: list[dict[str, Any]]) -> str:
    """The text of the last user message; empty when there is none."""
    for message in reversed(messages):
        if (message.get("role") or "user") == "user":
            return _text(message.get("content"))
    return ""


def is_multi_turn_messages(messages: list[dict[str, Any]]) -> bool:
    """Whether the conversation has an answer already, or more than one question."""
    roles = [message.get("role") or "user" for message in messages]
    return "assistant" in roles or roles.count("user") > 1


def is_multi_turn_prompt(prompt: str) -> bool:
    """Whether a text is a conversation written out with its speakers."""
    return len(_SPEAKER.findall(prompt)) > 1


def detect_multi_turn(prompt: str, messages: list[dict[str, Any]] | None = None) -> bool:
    """Whether messages or prompt hold more than one turn."""
    return is_multi_turn_messages(messages) if messages else is_multi_turn_prompt(prompt)
