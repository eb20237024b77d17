"""The provider Ollama."""

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
    "OllamaProvider",
    "ProviderError",
    "ReasoningModelInfo",
    "RetryConfig",
    "get_reasoning_model_info",
]


@dataclass
class ReasoningModelInfo(reasoning.ReasoningModelInfo):
    """What a model of Ollama takes."""

    provider: str = "ollama"


def get_reasoning_model_info(model_name: str) -> ReasoningModelInfo:
    """What sets a model apart; an unknown name is no reasoning model."""
    return ReasoningModelInfo(**reasoning.traits("ollama", model_name))


class OllamaProvider(BuiltinProvider):
    """Ollama, through the engine's own driver.

    `timeout` is for a whole call, in seconds, where `http_config` has none; `keep_alive` is how
    long the server keeps the model loaded, and `None` leaves that to it.
    """

    provider_name = "ollama"

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        retry_config: RetryConfig | None = None,
        http_config: HttpConfig | None = None,
        timeout: float = 300.0,
        keep_alive: str | None = "5m",
        **kwargs: Any,
    ) -> None:
        http_config = http_config or HttpConfig(timeout=timeout)
        super().__init__(api_key, base_url, retry_config, http_config, **kwargs)
        self.timeout = timeout
        self.keep_alive = keep_alive

    async def pull_model(self, model: str) -> None:
        """Has the server fetch a model, and returns when it is there.

        A download may take as long as it needs; `timeout` limits its silence.
        """
        await self._native.pull_model(model)

    async def complete_with_tools(
        self,
        messages: list[dict[str, Any]],
        tools: list[dict[str, Any]] | None = None,
        model: str = "llama3.1",
        max_tokens: int = 4096,
        temperature: float = 0.7,
        tool_choice: Any = None,
        **kwargs: Any,
    ) -> ModelResponse:
        """Answers a conversation, with calls of `tools` where the model wants them."""
        return await super().complete_with_tools(
            messages, tools, model, max_tokens, temperature, tool_choice, **kwargs
        )

    def _complete_impl(self, *args: Any, **kwargs: Any) -> Any:
        """Answers in one piece; the value to await is a `ModelResponse`."""
        return super()._complete_impl(*args, **self._kept(kwargs))

    def _stream_impl(self, *args: Any, **kwargs: Any) -> Any:
        """Yields pieces of text, then the whole answer as a `ModelResponse`."""
        return super()._stream_impl(*args, **self._kept(kwargs))

    def _kept(self, keywords: dict[str, Any]) -> dict[str, Any]:
        if self.keep_alive is not None:
            keywords.setdefault("keep_alive", self.keep_alive)
        return keywords
