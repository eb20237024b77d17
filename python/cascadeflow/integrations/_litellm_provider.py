"""A provider whose calls go through LiteLLM."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from .. import _native
from ..providers import PROVIDER_REGISTRY
from ..providers.base import BaseProvider, HttpConfig, ModelResponse, RetryConfig
from ..schema.exceptions import (
    AuthenticationError,
    ModelNotFoundError,
    ProviderError,
    RateLimitError,
    cascadeflowError,
)
from ._litellm_library import library

# The library's exceptions, most telling first, and the kinds that they are here.
_KINDS = {
    "ContextWindowExceededError": "context_length",
    "ContentPolicyViolationError": "content_filter",
    "AuthenticationError": "auth",
    "PermissionDeniedError": "permission",
    "NotFoundError": "not_found",
    "RateLimitError": "rate_limit",
    "BudgetExceededError": "quota",
    "Timeout": "timeout",
    "APIConnectionError": "connection",
    "ServiceUnavailableError": "overloaded",
    "InternalServerError": "overloaded",
    "BadRequestError": "invalid_request",
    "UnprocessableEntityError": "invalid_request",
    "APIError": "overloaded",
}
_CLASSES: dict[str, type[cascadeflowError]] = {
    "auth": AuthenticationError,
    "not_found": ModelNotFoundError,
    "rate_limit": RateLimitError,
    "quota": RateLimitError,
}


class LiteLLMProvider(BaseProvider):
    """Calls models through `litellm.acompletion`, under the names that LiteLLM has for them.

    Register it to use it, for example with `register_litellm_provider()`. Retries are the library's
    own and off unless `num_retries` is passed.
    """

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        retry_config: RetryConfig | None = None,
        enable_circuit_breaker: bool = True,
        http_config: HttpConfig | None = None,
    ) -> None:
        super().__init__(api_key, retry_config, enable_circuit_breaker, http_config)
        self.base_url = base_url
        self._library = library("a provider that calls through LiteLLM")

    async def _complete_impl(self, **keywords: Any) -> ModelResponse:
        model, arguments = self._arguments(keywords)
        try:
            answer = await self._library.acompletion(**arguments)
        except Exception as error:
            raise _published(error, model) from error
        message = answer.choices[0].message
        return self._response(
            model,
            message.content or "",
            answer.choices[0].finish_reason,
            getattr(answer, "usage", None),
            [_call(call) for call in message.tool_calls or []],
        )

    async def _stream_impl(self, **keywords: Any) -> AsyncIterator[str | ModelResponse]:
        model, arguments = self._arguments(keywords)
        arguments["stream_options"] = {"include_usage": True}
        text, finish, usage = "", None, None
        pieces: list[Any] = []
        try:
            stream = await self._library.acompletion(**arguments, stream=True)
            async for piece in stream:
                pieces.append(piece)
                usage = getattr(piece, "usage", None) or usage
                for choice in piece.choices:
                    finish = choice.finish_reason or finish
                    if choice.delta.content:
                        text += choice.delta.content
                        yield choice.delta.content
        except Exception as error:
            raise _published(error, model) from error
        whole = self._library.stream_chunk_builder(pieces)
        calls = whole.choices[0].message.tool_calls if whole is not None else None
        yield self._response(model, text, finish, usage, [_call(call) for call in calls or []])

    def estimate_cost(
        self,
        tokens: int,
        model: str,
        prompt_tokens: int | None = None,
        completion_tokens: int | None = None,
    ) -> float:
        """What the tokens cost in USD by cascadeflow's prices; 0 where no price is known.

        Without the two parts, `tokens` counts as three parts prompt and one part completion.
        """
        if prompt_tokens is None or completion_tokens is None:
            completion_tokens = tokens // 4
            prompt_tokens = tokens - completion_tokens
        usage = {"input_tokens": prompt_tokens, "output_tokens": completion_tokens}
        return float(_native.usage_cost(model, None, usage) or 0.0)

    def _arguments(self, keywords: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        given = {name: value for name, value in keywords.items() if value is not None}
        model = str(given.pop("model"))
        prompt = given.pop("prompt", None)
        system = given.pop("system_prompt", None)
        messages = list(given.pop("messages", None) or [{"role": "user", "content": prompt or ""}])
        if system:
            messages.insert(0, {"role": "system", "content": system})
        if not given.get("logprobs"):
            given.pop("logprobs", None)
        if not given.get("tools"):
            given.pop("tools", None)
            given.pop("tool_choice", None)
        if self.api_key is not None:
            given.setdefault("api_key", self.api_key)
        if self.base_url is not None:
            given.setdefault("api_base", self.base_url)
        given.setdefault("num_retries", 0)
        given.setdefault("max_retries", 0)
        return model, {"model": model, "messages": messages, **given}

    def _response(
        self, model: str, text: str, finish: str | None, usage: Any, calls: list[dict[str, Any]]
    ) -> ModelResponse:
        prompt = int(getattr(usage, "prompt_tokens", 0) or 0)
        completion = int(getattr(usage, "completion_tokens", 0) or 0)
        details = getattr(usage, "prompt_tokens_details", None)
        counts = {
            "input_tokens": prompt,
            "output_tokens": completion,
            "cached_input_tokens": int(getattr(details, "cached_tokens", 0) or 0),
        }
        cost = _native.usage_cost(model, None, counts) if usage is not None else None
        return ModelResponse(
            text,
            model,
            "litellm",
            cost=None if cost is None else float(cost),
            tokens_used=prompt + completion,
            metadata={"finish_reason": finish},
            tool_calls=calls or None,
            usage=counts if usage is not None else None,
            finish_reason=finish,
        )


def _call(call: Any) -> dict[str, Any]:
    function = {"name": call.function.name, "arguments": call.function.arguments}
    return {"id": call.id, "type": "function", "function": function}


def _published(error: Exception, model: str) -> cascadeflowError:
    """The exception that one of the library's stands for."""
    names = [cls.__name__ for cls in type(error).__mro__]
    kind = next((_KINDS[name] for name in names if name in _KINDS), "overloaded")
    words = str(getattr(error, "message", error))
    provider = str(getattr(error, "llm_provider", None) or "litellm")
    cls = _CLASSES.get(kind, ProviderError)
    made = cls(words)
    made.kind, made.model, made.provider = kind, model, provider
    made.original_error = error
    status = getattr(error, "status_code", None)
    made.status_code = status if isinstance(status, int) else None
    headers = getattr(error, "litellm_response_headers", None) or {}
    try:
        made.retry_after = float(headers["retry-after"])
    except (KeyError, ValueError):
        made.retry_after = None
    return made


def register_litellm_provider(name: str = "litellm") -> None:
    """Puts `LiteLLMProvider` under `name` into the registry, for models with `provider=name`.

    Raises `ImportError` with the remedy where the library is not installed.
    """
    library("a provider that calls through LiteLLM")
    PROVIDER_REGISTRY[name] = LiteLLMProvider
