"""The provider Anthropic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..schema.exceptions import ModelError, ProviderError
from . import reasoning
from .base import BaseProvider, HttpConfig, ModelResponse, RetryConfig
from .builtin import BuiltinProvider

__all__ = [
    "AnthropicProvider",
    "BaseProvider",
    "HttpConfig",
    "ModelError",
    "ModelResponse",
    "ProviderError",
    "ReasoningModelInfo",
    "RetryConfig",
    "get_reasoning_model_info",
]


@dataclass
class ReasoningModelInfo(reasoning.ReasoningModelInfo):
    """What a model of Anthropic takes."""

    provider: str = "anthropic"


def get_reasoning_model_info(model_name: str) -> ReasoningModelInfo:
    """What sets a model apart; an unknown name is no reasoning model."""
    return ReasoningModelInfo(**reasoning.traits("anthropic", model_name))


class AnthropicProvider(BuiltinProvider):
    """Anthropic, through the engine's own driver."""

    provider_name = "anthropic"

    async def complete_with_tools(
        self,
        messages: list[dict[str, Any]],
        tools: list[dict[str, Any]] | None = None,
        model: str = "claude-sonnet-4-20250514",
        max_tokens: int = 4096,
        temperature: float = 0.7,
        tool_choice: Any = None,
        **kwargs: Any,
    ) -> ModelResponse:
        """Answers a conversation, with calls of `tools` where the model wants them."""
        return await super().complete_with_tools(
            messages, tools, model, max_tokens, temperature, tool_choice, **kwargs
        )
