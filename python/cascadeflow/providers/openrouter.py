"""The provider OpenRouter."""

from __future__ import annotations

from typing import Any

from .. import _native
from ..schema.exceptions import ProviderError
from .base import BaseProvider, HttpConfig, ModelResponse, RetryConfig
from .builtin import BuiltinProvider

TYPE_CHECKING = False
if TYPE_CHECKING:
    OPENROUTER_PRICING: dict[str, dict[str, float]]

__all__ = [
    "OPENROUTER_PRICING",
    "BaseProvider",
    "HttpConfig",
    "ModelResponse",
    "OpenRouterProvider",
    "ProviderError",
    "RetryConfig",
]


def __getattr__(name: str) -> Any:
    """Reads the prices when they are asked for: the catalogue need not be read before."""
    if name != "OPENROUTER_PRICING":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    prices = {
        model: {"input": float(prompt), "output": float(completion)}
        for model, (prompt, completion) in _native.price_list("openrouter").items()
    }
    globals()[name] = prices
    return prices


class OpenRouterProvider(BuiltinProvider):
    """OpenRouter, through the engine's own driver.

    `OPENROUTER_PRICING` has the listed prices of its models in USD per 1,000,000 tokens.
    """

    provider_name = "openrouter"

    # The choice stands where the published method has it.
    async def complete_with_tools(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        messages: list[dict[str, Any]],
        tools: list[dict[str, Any]] | None = None,
        model: str = "openai/gpt-4o",
        tool_choice: Any = "auto",
        max_tokens: int = 4096,  # type: ignore[override]
        temperature: float = 0.7,
        **kwargs: Any,
    ) -> ModelResponse:
        """Answers a conversation, with calls of `tools` where the model wants them."""
        return await super().complete_with_tools(
            messages, tools, model, max_tokens, temperature, tool_choice, **kwargs
        )

    async def fetch_available_models(self) -> list[dict[str, Any]]:
        """The models that OpenRouter serves, each a dict with `id`."""
        return [{"id": model} for model in await self.list_models()]
