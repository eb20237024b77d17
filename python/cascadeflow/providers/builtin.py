"""Providers whose work is done by the engine's own drivers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

from .. import _native
from .base import BaseProvider, EmbeddingResponse, HttpConfig, ModelResponse, RetryConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self

    from ..resilience.circuit_breaker import CircuitBreaker


class BuiltinProvider(BaseProvider):
    """A built-in provider. Used as it is, the engine calls its driver without entering Python.

    `api_key` is taken from the environment where it is left out, `base_url` is the provider's own.
    `settings` are the driver's, such as `vertex_project`; `docs/reference/environment.md` has them.
    """

    provider_name: ClassVar[str] = ""

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        retry_config: RetryConfig | None = None,
        http_config: HttpConfig | None = None,
        *,
        enable_circuit_breaker: bool = True,
        settings: dict[str, Any] | None = None,
    ) -> None:
        second: Any = base_url
        if isinstance(second, RetryConfig):
            # Some of the published classes take no address: what follows the key comes earlier.
            third: Any = http_config or retry_config
            base_url, retry_config, http_config = None, second, third
        super().__init__(api_key, retry_config, enable_circuit_breaker, http_config)
        self.base_url = base_url
        self._asked: dict[str, None] = {}
        retries = None if retry_config is None else max(retry_config.max_attempts - 1, 0)
        http = None if http_config is None else http_config.to_native()
        self._native = _native.NativeProvider(
            self.provider_name,
            self.api_key,
            base_url,
            retries,
            http,
            settings,
            enable_circuit_breaker,
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
        self._asked[model] = None
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
        self._asked[model] = None
        stream = self._native.stream(prompt or "", model, messages, arguments, kwargs)
        try:
            while (piece := await stream.next()) is not None:
                yield piece
        finally:
            stream.close()

    async def list_models(self) -> list[str]:
        """Ids of the models that the provider says it serves."""
        return [model["id"] for model in await self._native.list_models()]

    async def embed(
        self, texts: str | Sequence[str], model: str, **extra: Any
    ) -> EmbeddingResponse:
        """Vectors of texts, in their order; further keywords, such as `dimensions`, are passed on.

        More texts than one request holds go in several. Raises a `ValidationError` where the
        provider makes no vectors.
        """
        given = [texts] if isinstance(texts, str) else list(texts)
        self._asked[model] = None
        response: EmbeddingResponse = await self._native.embed(model, given, extra)
        return response

    async def complete_with_tools(
        self,
        messages: list[dict[str, Any]],
        tools: list[dict[str, Any]] | None = None,
        model: str = "",
        max_tokens: int = 4096,
        temperature: float = 0.7,
        tool_choice: Any = None,
        **kwargs: Any,
    ) -> ModelResponse:
        """Answers a conversation, with calls of `tools` where the model wants them."""
        choice = "auto" if tool_choice is None else tool_choice
        return await self.complete(
            None, model, max_tokens, temperature, None, messages, tools, choice, **kwargs
        )

    async def close(self) -> None:
        """Does nothing: connections are shared by all providers of the process."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def circuit_breakers(self) -> dict[str, CircuitBreaker]:
        """The breaker of each model that this instance was asked for; none where they are off.

        Instances with one key and address share them.
        """
        from ..resilience.circuit_breaker import CircuitBreaker

        found = {model: self._native.circuit_breaker(model) for model in list(self._asked)}
        return {model: CircuitBreaker._of(native) for model, native in found.items() if native}

    @property
    def circuit_breaker(self) -> CircuitBreaker | None:
        """The breaker that is worst off among those of the models asked for.

        Before the first call, the registry's of the provider's name; `None` where they are off.
        """
        if not self._enable_circuit_breaker:
            return None
        from ..resilience.circuit_breaker import CircuitState, get_circuit_breaker

        order = [CircuitState.OPEN, CircuitState.HALF_OPEN, CircuitState.CLOSED]
        breakers = sorted(
            self.circuit_breakers().values(), key=lambda breaker: order.index(breaker.state)
        )
        return breakers[0] if breakers else get_circuit_breaker(self.provider_name)

    def _protected(self) -> AbstractContextManager[Any]:
        """Nothing: the driver watches each call itself."""
        return nullcontext()

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
