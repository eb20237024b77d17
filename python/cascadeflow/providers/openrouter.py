"""The provider OpenRouter."""

from __future__ import annotations

from typing import Any

from .builtin import BuiltinProvider

__all__ = ["OpenRouterProvider"]


class OpenRouterProvider(BuiltinProvider):
    """OpenRouter, through the engine's own driver."""

    provider_name = "openrouter"

    async def fetch_available_models(self) -> list[dict[str, Any]]:
        """The models that OpenRouter serves, each a dict with `id`."""
        return [{"id": model} for model in await self.list_models()]
