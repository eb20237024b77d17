"""What sets reasoning models apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import _native

__all__ = ["ReasoningModelInfo", "traits"]


@dataclass
class ReasoningModelInfo:
    """What a model takes, as far as its name tells.

    `requires_max_completion_tokens` is about the name of the token limit,
    `requires_thinking_budget` about models that reason only when given a budget for it. The engine
    heeds all of it by itself.
    """

    is_reasoning: bool = False
    provider: str = ""
    supports_streaming: bool = True
    supports_tools: bool = True
    supports_system_messages: bool = True
    supports_reasoning_effort: bool = False
    supports_extended_thinking: bool = False
    requires_max_completion_tokens: bool = False
    requires_thinking_budget: bool = False
    supports_logprobs: bool = True
    supports_temperature: bool = True


def traits(provider: str, model_name: str) -> dict[str, Any]:
    """The fields of a `ReasoningModelInfo`, but for the provider."""
    return _native.reasoning_traits(provider, model_name) or {}
