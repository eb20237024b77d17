"""The provider OpenRouter."""

from __future__ import annotations

from .builtin import BuiltinProvider

__all__ = ["OpenRouterProvider"]


class OpenRouterProvider(BuiltinProvider):
    """OpenRouter, through the engine's own driver."""

    provider_name = "openrouter"
