"""The provider OpenAI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..schema.exceptions import ModelError, ProviderError
from . import reasoning
from .base import BaseProvider, HttpConfig, ModelResponse, RetryConfig
from .builtin import BuiltinProvider

__all__ = [
    "BaseProvider",
    "HttpConfig",
    "ModelError",
    "ModelResponse",
    "OpenAIProvider",
    "ProviderError",
    "ReasoningModelInfo",
    "RetryConfig",
    "get_reasoning_model_info",
]


@dataclass
class ReasoningModelInfo(reasoning.ReasoningModelInfo):
    """What a model of OpenAI takes."""

    provider: str = "openai"


def get_reasoning_model_info(model_name: str) -> ReasoningModelInfo:
    """What sets a model apart; an unknown name is no reasoning model."""
    return ReasoningModelInfo(**reasoning.traits("openai", model_name))


class OpenAIProvider(BuiltinProvider):
    """OpenAI, through the engine's own driver."""

    provider_name = "openai"

    async def complete_with_tools(
        self,
        messages: list[dict[str, Any]],
        tools: list[dict[str, Any]] | None = None,
        model: str = "gpt-4o-mini",
        max_tokens: int = 4096,
        temperature: float = 0.7,
        tool_choice: Any = None,
        **kwargs: Any,
    ) -> ModelResponse:
        """Answers a conversation, with calls of `tools` where the model wants them."""
        return await super().complete_with_tools(
            messages, tools, model, max_tokens, temperature, tool_choice, **kwargs
        )
