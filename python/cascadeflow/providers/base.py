"""What every provider has in common, and what a user's own provider must implement."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any

from .. import _native
from ..schema.usage import Usage
from .http_config import HttpConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..resilience.circuit_breaker import CircuitBreaker


class ErrorType(Enum):
    """Kinds of failures that retries tell apart."""

    RATE_LIMIT = "rate_limit"
    TIMEOUT = "timeout"
    SERVER_ERROR = "server_error"
    AUTH_ERROR = "auth_error"
    NOT_FOUND = "not_found"
    BAD_REQUEST = "bad_request"
    NETWORK_ERROR = "network_error"
    UNKNOWN = "unknown"


def _retryable() -> list[ErrorType]:
    return [
        ErrorType.RATE_LIMIT,
        ErrorType.TIMEOUT,
        ErrorType.SERVER_ERROR,
        ErrorType.NETWORK_ERROR,
    ]


@dataclass
class RetryConfig:
    """How temporary failures are retried. Delays are in seconds.

    The built-in providers take `max_attempts`, and keep their own delays: exponential with full
    jitter, or as long as the provider asks.
    """

    max_attempts: int = 3
    initial_delay: float = 1.0
    max_delay: float = 60.0
    exponential_base: float = 2.0
    jitter: bool = True
    rate_limit_backoff: float = 30.0
    retryable_errors: list[ErrorType] = field(default_factory=_retryable)


@dataclass
class RetryMetrics:
    """Counts of a provider's attempts. `total_retry_delay` is in seconds."""

    total_attempts: int = 0
    successful_attempts: int = 0
    failed_attempts: int = 0
    retries_by_error: dict[str, int] = field(default_factory=dict)
    total_retry_delay: float = 0.0

    def get_summary(self) -> dict[str, Any]:
        """The counts as plain data."""
        share = self.successful_attempts / self.total_attempts if self.total_attempts else 0.0
        return {
            "total_attempts": self.total_attempts,
            "successful": self.successful_attempts,
            "failed": self.failed_attempts,
            "success_rate": f"{share * 100:.1f}%",
            "total_retry_delay_sec": self.total_retry_delay,
            "retries_by_error": dict(self.retries_by_error),
        }


@dataclass
class EmbeddingResponse:
    """Vectors of texts, in their order and all of one length.

    `cost` is in USD, by the price catalogue; `None` where no price or no usage is known.
    """

    vectors: list[list[float]]
    model: str = ""
    provider: str = ""
    usage: Usage | None = None
    cost: float | None = None

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def dimensions(self) -> int:
        """How long each vector is; 0 when there is none."""
        return len(self.vectors[0]) if self.vectors else 0


@dataclass
class ModelResponse:
    """The answer of one model.

    `confidence` is in [0, 1], or `None` when the provider has none of its own. `cost` in USD counts
    only for models without a price of their own, `reported_cost` always. Tokens are taken from
    `usage`, else from `prompt_tokens` and `completion_tokens` in `metadata`; what is left out is
    estimated.
    `finish_reason` may be `stop`, `length`, `tool_calls`, `content_filter` or `refusal`, here or in
    `metadata`.
    """

    content: str
    model: str = ""
    provider: str = ""
    cost: float | None = 0.0
    tokens_used: int = 0
    confidence: float | None = None
    latency_ms: float = 0.0
    metadata: dict[str, Any] | None = None
    tokens: list[str] | None = None
    logprobs: list[float] | None = None
    top_logprobs: list[dict[str, float]] | None = None
    tool_calls: list[dict[str, Any]] | None = None
    usage: Usage | dict[str, Any] | None = field(default=None, repr=False, kw_only=True)
    finish_reason: str | None = field(default=None, repr=False, kw_only=True)
    reported_cost: Decimal | str | float | None = field(default=None, repr=False, kw_only=True)

    def __post_init__(self) -> None:
        if self.metadata is None:
            self.metadata = {}

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data."""
        plain: dict[str, Any] = {
            "content": self.content,
            "model": self.model,
            "provider": self.provider,
            "cost": self.cost,
            "tokens_used": self.tokens_used,
            "confidence": self.confidence,
            "latency_ms": self.latency_ms,
            "metadata": self.metadata,
        }
        for name in ("tokens", "logprobs", "top_logprobs", "tool_calls"):
            value = getattr(self, name)
            if value:
                plain[name] = value
        return plain


class BaseProvider(ABC):
    """A service that answers prompts.

    Subclass it, implement `_complete_impl`, `_stream_impl` and `estimate_cost`, and put the class
    into `cascadeflow.PROVIDER_REGISTRY` before making an agent. The methods may be `async` or not;
    `_stream_impl` is a generator of either kind. They get as keywords what their signatures accept:
    `prompt`, `model`, `max_tokens`, `temperature`, `system_prompt`, `messages`, `tools`,
    `logprobs`, and whatever else the call was given. Synchronous methods run on threads of their
    own, so that one that blocks holds up nobody else.

    Calls of `complete` and `stream` are watched by a circuit breaker named for the class, unless
    `enable_circuit_breaker` is off. Agents call the methods above directly and have their own way
    with failures: the next model answers.
    """

    def __init__(
        self,
        api_key: str | None = None,
        retry_config: RetryConfig | None = None,
        enable_circuit_breaker: bool = True,
        http_config: HttpConfig | None = None,
    ) -> None:
        self.api_key = api_key or self._load_api_key()
        self.retry_config = retry_config or RetryConfig()
        self.retry_metrics = RetryMetrics()
        self.http_config = http_config
        self._enable_circuit_breaker = enable_circuit_breaker

    def _load_api_key(self) -> str | None:
        """The key to use when none was given; `None` by default."""
        return None

    # Deliberately loose: a subclass may be synchronous, and take what it needs of the keywords.
    @abstractmethod
    def _complete_impl(self, *args: Any, **kwargs: Any) -> Any:
        """Answers a prompt with a `ModelResponse`."""

    @abstractmethod
    def _stream_impl(self, *args: Any, **kwargs: Any) -> Any:
        """Yields the answer piece by piece as `str`."""

    @abstractmethod
    def estimate_cost(self, tokens: int, model: str) -> float:
        """What `tokens` tokens of `model` cost in USD."""

    @property
    def circuit_breaker(self) -> CircuitBreaker | None:
        """The circuit breaker, shared by the instances of the class; `None` where it is off."""
        if not getattr(self, "_enable_circuit_breaker", False):
            return None
        from ..resilience.circuit_breaker import get_circuit_breaker

        name = type(self).__name__
        return get_circuit_breaker((name.removesuffix("Provider") or name).lower())

    def is_available(self) -> bool:
        """Whether the provider can be asked now: its circuit breaker is not open."""
        breaker = self.circuit_breaker
        return breaker is None or not breaker.is_open

    def get_circuit_state(self) -> str | None:
        """State of the circuit breaker, `closed`, `open` or `half_open`; `None` where it is off."""
        breaker = self.circuit_breaker
        return None if breaker is None else breaker.state.value

    def _protected(self) -> AbstractContextManager[Any]:
        """What watches one call."""
        breaker = self.circuit_breaker
        return nullcontext() if breaker is None else breaker.protect()

    def get_retry_metrics(self) -> dict[str, Any]:
        """Counts of the attempts so far."""
        return self.retry_metrics.get_summary()

    async def complete(
        self,
        prompt: str | None = None,
        model: str = "",
        max_tokens: int = 4096,
        temperature: float = 0.7,
        system_prompt: str | None = None,
        messages: list[dict[str, Any]] | None = None,
        tools: list[Any] | None = None,
        tool_choice: str = "auto",
        **kwargs: Any,
    ) -> ModelResponse:
        """Answers a prompt or a list of messages."""
        given = self._keywords(messages, tools, tool_choice, kwargs)
        self.retry_metrics.total_attempts += 1
        try:
            with self._protected():
                answer = self._complete_impl(
                    prompt=prompt,
                    model=model,
                    max_tokens=max_tokens,
                    temperature=temperature,
                    system_prompt=system_prompt,
                    **given,
                )
                if hasattr(answer, "__await__"):
                    answer = await answer
        except Exception as error:
            self.retry_metrics.failed_attempts += 1
            name = str(getattr(error, "kind", "unknown"))
            counts = self.retry_metrics.retries_by_error
            counts[name] = counts.get(name, 0) + 1
            raise
        self.retry_metrics.successful_attempts += 1
        response: ModelResponse = answer
        return response

    async def stream(
        self,
        prompt: str,
        model: str,
        max_tokens: int = 4096,
        temperature: float = 0.7,
        system_prompt: str | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[str]:
        """Yields the answer piece by piece."""
        with self._protected():
            pieces = self._stream_impl(
                prompt=prompt,
                model=model,
                max_tokens=max_tokens,
                temperature=temperature,
                system_prompt=system_prompt,
                **kwargs,
            )
            if hasattr(pieces, "__await__"):
                pieces = await pieces
            if hasattr(pieces, "__aiter__"):
                async for piece in pieces:
                    if isinstance(piece, str):
                        yield piece
            else:
                for piece in pieces:
                    if isinstance(piece, str):
                        yield piece

    def _keywords(
        self,
        messages: list[dict[str, Any]] | None,
        tools: list[Any] | None,
        tool_choice: str,
        further: dict[str, Any],
    ) -> dict[str, Any]:
        given = dict(further)
        if messages is not None:
            given["messages"] = messages
        if tools:
            given["tools"] = tools
            given["tool_choice"] = tool_choice
        return given

    def calculate_accurate_cost(
        self,
        model: str,
        prompt_tokens: int = 0,
        completion_tokens: int = 0,
        total_tokens: int | None = None,
    ) -> float:
        """What the tokens cost in USD; `total_tokens` replaces the sum of the other two."""
        total = prompt_tokens + completion_tokens if total_tokens is None else total_tokens
        return self.estimate_cost(total, model)

    @staticmethod
    def estimate_tokens_from_text(text: str) -> int:
        """Estimated tokens of `text`."""
        return _native.estimate_tokens(text)

    def estimate_cost_from_text(self, text: str, model: str) -> float:
        """What the estimated tokens of `text` cost in USD."""
        return self.estimate_cost(self.estimate_tokens_from_text(text), model)

    def should_request_logprobs(self, **kwargs: Any) -> bool:
        """Whether token log-probabilities are worth asking for."""
        return self.supports_logprobs()

    def supports_logprobs(self) -> bool:
        """Whether answers can carry token log-probabilities."""
        return False

    def supports_tools(self) -> bool:
        """Whether the provider can call tools."""
        return False

    def supports_streaming(self) -> bool:
        """Whether the provider streams."""
        return False

    @staticmethod
    def simple_tokenize(text: str) -> list[str]:
        """Words and punctuation marks of `text`."""
        return re.findall(r"\w+|[^\w\s]", text)

    @staticmethod
    def estimate_logprobs_from_temperature(
        tokens: list[str], temperature: float, base_confidence: float = 0.7
    ) -> tuple[list[float], float]:
        """A stand-in for log-probabilities: the same one for each token, lower when hotter.

        It says nothing about the answer. The engine never uses it.
        """
        import math

        share = min(max(temperature, 0.0), 2.0)
        confidence = 0.95 - 0.6 * share if share <= 1 else 0.35 / share
        confidence = min(max(confidence * base_confidence / 0.7, 0.01), 0.99)
        return [math.log(confidence)] * len(tokens), confidence

    def add_logprobs_fallback(
        self, response: ModelResponse, temperature: float = 0.7, base_confidence: float = 0.7
    ) -> ModelResponse:
        """Fills in `estimate_logprobs_from_temperature` where there are no log-probabilities."""
        if response.logprobs:
            return response
        tokens = self.simple_tokenize(response.content)
        logprobs, _ = self.estimate_logprobs_from_temperature(tokens, temperature, base_confidence)
        response.tokens = tokens
        response.logprobs = logprobs
        response.top_logprobs = [{} for _ in tokens]
        metadata = response.metadata if response.metadata is not None else {}
        metadata.update(
            has_logprobs=True,
            estimated=True,
            logprobs_info={"type": "estimated", "method": "temperature_based"},
        )
        response.metadata = metadata
        return response

    def calculate_confidence(self, response: str, metadata: dict[str, Any] | None = None) -> float:
        """The engine's confidence in an answer, in [0, 1], as far as text and metadata tell."""
        known = metadata or {}
        draft: dict[str, Any] = {"content": response}
        if known.get("finish_reason") in ("stop", "length"):
            draft["finish_reason"] = known["finish_reason"]
        logprobs = known.get("logprobs")
        if logprobs:
            tokens = known.get("tokens") or [""] * len(logprobs)
            draft["logprobs"] = [
                {"token": token, "logprob": value}
                for token, value in zip(tokens, logprobs, strict=False)
            ]
        verdict = _native.verdict({}, {"query": str(known.get("query", "")), "draft": draft})
        confidence: float = verdict["confidence"]
        return confidence


# What the API of each built-in provider takes.
PROVIDER_CAPABILITIES: dict[str, dict[str, Any]] = _native.provider_capabilities()


def get_provider_capabilities(provider_name: str) -> dict[str, Any]:
    """What a provider can do; nothing for an unknown name."""
    unknown = {name: type(value)() for name, value in PROVIDER_CAPABILITIES["openai"].items()}
    return dict(PROVIDER_CAPABILITIES.get(provider_name, unknown))


Factory = Callable[..., Any]

__all__ = [
    "PROVIDER_CAPABILITIES",
    "BaseProvider",
    "EmbeddingResponse",
    "ErrorType",
    "HttpConfig",
    "ModelResponse",
    "RetryConfig",
    "RetryMetrics",
    "get_provider_capabilities",
]
