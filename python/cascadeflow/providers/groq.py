"""The provider Groq."""

from __future__ import annotations

from typing import Any

from ..schema.exceptions import ModelError, ProviderError
from .base import BaseProvider, HttpConfig, ModelResponse, RetryConfig
from .builtin import BuiltinProvider

__all__ = [
    "BaseProvider",
    "GroqProvider",
    "HttpConfig",
    "ModelError",
    "ModelResponse",
    "ProviderError",
    "RetryConfig",
]


class GroqProvider(BuiltinProvider):
    """Groq, through the engine's own driver."""

    provider_name = "groq"

    async def complete_with_tools(
        self,
        messages: list[dict[str, Any]],
        tools: list[dict[str, Any]] | None = None,
        model: str = "llama-3.3-70b-versatile",
        max_tokens: int = 4096,
        temperature: float = 0.7,
        tool_choice: Any = None,
        **kwargs: Any,
    ) -> ModelResponse:
        """Answers a conversation, with calls of `tools` where the model wants them."""
        return await super().complete_with_tools(
            messages, tools, model, max_tokens, temperature, tool_choice, **kwargs
        )
