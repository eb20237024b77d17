"""The provider OpenAI."""

from __future__ import annotations

from .builtin import BuiltinProvider

__all__ = ["OpenAIProvider"]


class OpenAIProvider(BuiltinProvider):
    """OpenAI, through the engine's own driver."""

    provider_name = "openai"
