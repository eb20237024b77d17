"""Providers whose work is done by the engine's own drivers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, ClassVar

from .. import _native
from .base import BaseProvider, HttpConfig, ModelResponse, RetryConfig


class BuiltinProvider(BaseProvider):
    """A built-in provider. Used as it is, the engine calls its driver without entering Python."""

    provider_name: ClassVar[str] = ""

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        retry_config: RetryConfig | None = None,
        http_config: HttpConfig | None = None,
        *,
        enable_circuit_breaker: bool = True,
    ) -> None:
        super().__init__(api_key, retry_config, enable_circuit_breaker, http_config)
        self.base_url = base_url
        retries = None if retry_config is None else max(retry_config.max_attempts - 1, 0)
        http = None if http_config is None else http_config.to_native()
        self._native = _native.NativeProvider(
            self.provider_name, self.api_key, base_url, retries, http
        )

    def _complete_impl(
        self,
        prompt: str | None = None,
        model: str = "",
        max_tokens: int | None = 4096,
        temperature: float | None = 0.7,
        system_prompt: str | None = None,
        messages: list[dict[str, Any]] | None = None,
        tools: list[Any] | None = None,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """Answers in one piece; the value to await is a `ModelResponse`."""
        arguments = (max_tokens, temperature, None, False, tools or None, tool_choice)
        if system_prompt is not None:
            kwargs["system_prompt"] = system_prompt
        kwargs.setdefault("logprobs", self.should_request_logprobs())
        return self._native.complete(prompt or "", model, messages, arguments, kwargs)

    async def _stream_impl(
        self,
        prompt: str | None = None,
        model: str = "",
        max_tokens: int | None = 4096,
        temperature: float | None = 0.7,
        system_prompt: str | None = None,
        messages: list[dict[str, Any]] | None = None,
        tools: list[Any] | None = None,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[str | ModelResponse]:
        """Yields pieces of text, then the whole answer as a `ModelResponse`."""
        arguments = (max_tokens, temperature, None, False, tools or None, tool_choice)
        if system_prompt is not None:
            kwargs["system_prompt"] = system_prompt
        stream = self._native.stream(prompt or "", model, messages, arguments, kwargs)
        try:
            while (piece := await stream.next()) is not None:
                yield piece
        finally:
            stream.close()

    def estimate_cost(
        self,
        tokens: int,
        model: str,
        prompt_tokens: int | None = None,
        completion_tokens: int | None = None,
    ) -> float:
        """What the tokens cost in USD by the price catalogue; 0 where no price is known.

        Without the two parts, `tokens` counts as three parts prompt and one part completion.
        """
        if prompt_tokens is None or completion_tokens is None:
            completion_tokens = tokens // 4
            prompt_tokens = tokens - completion_tokens
        cost = _native.catalogue_cost(self.provider_name, model, prompt_tokens, completion_tokens)
        return 0.0 if cost is None else float(cost)

    def calculate_accurate_cost(
        self,
        model: str,
        prompt_tokens: int = 0,
        completion_tokens: int = 0,
        total_tokens: int | None = None,
    ) -> float:
        """What the tokens cost in USD by the price catalogue; 0 where no price is known."""
        if prompt_tokens or completion_tokens:
            return self.estimate_cost(0, model, prompt_tokens, completion_tokens)
        return self.estimate_cost(total_tokens or 0, model)

    def supports_logprobs(self) -> bool:
        """Whether answers can carry token log-probabilities."""
        return self._native.supports_logprobs

    def supports_tools(self) -> bool:
        """Whether the provider can call tools."""
        return True

    def supports_streaming(self) -> bool:
        """Whether the provider streams."""
        return True
