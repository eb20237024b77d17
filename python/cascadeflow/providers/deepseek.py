"""The provider DeepSeek."""

from __future__ import annotations

from typing import Any, ClassVar

from .base import HttpConfig, ModelResponse, RetryConfig
from .openai import OpenAIProvider

__all__ = ["DeepSeekProvider", "OpenAIProvider"]


class DeepSeekProvider(OpenAIProvider):
    """DeepSeek, through the engine's own driver."""

    provider_name = "deepseek"
    BASE_URL: ClassVar[str] = "https://api.deepseek.com"

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        retry_config: RetryConfig | None = None,
        http_config: HttpConfig | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(api_key, base_url, retry_config, http_config, **kwargs)

    @property
    def name(self) -> str:
        """The provider's name."""
        return self.provider_name

    async def complete_with_tools(
        self,
        messages: list[dict[str, Any]],
        tools: list[dict[str, Any]] | None = None,
        model: str = "deepseek-chat",
        max_tokens: int = 4096,
        temperature: float = 0.7,
        tool_choice: Any = None,
        **kwargs: Any,
    ) -> ModelResponse:
        """Answers a conversation, with calls of `tools` where the model wants them."""
        return await super().complete_with_tools(
            messages, tools, model, max_tokens, temperature, tool_choice, **kwargs
        )
