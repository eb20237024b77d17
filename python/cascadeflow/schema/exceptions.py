"""The exceptions that cascadeflow raises.

Every one carries what is known about the failure: `kind` (a stable code), `hint` (the remedy),
`field`, `provider`, `model`, `status_code`, `retry_after` (seconds), `request_id`, and of a run
`attempts` (the calls made before it) and `trace` (the decisions taken before it, in the form of a
result's), both plain data. What is not known is `None`.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "AuthenticationError",
    "BudgetExceededError",
    "CircuitOpenError",
    "ConfigError",
    "HarnessStopError",
    "MissingKeyError",
    "ModelError",
    "ModelNotFoundError",
    "ProviderError",
    "QualityThresholdError",
    "RateLimitError",
    "RoutingError",
    "TimeoutError",
    "ToolExecutionError",
    "ValidationError",
    "cascadeflowError",
]


class cascadeflowError(Exception):
    """Base of every exception of the package."""

    kind: str = "internal"
    hint: str | None = None
    field: str | None = None
    provider: str | None = None
    model: str | None = None
    status_code: int | None = None
    retry_after: float | None = None
    request_id: str | None = None
    env_var_name: str | None = None
    original_error: BaseException | None = None
    attempts: list[dict[str, Any]] | tuple[()] = ()
    trace: list[dict[str, Any]] | tuple[()] = ()

    @property
    def message(self) -> str:
        """What went wrong, without the hint."""
        stored = self.__dict__.get("message")
        if stored is not None:
            return str(stored)
        return str(self.args[0]) if self.args else ""

    @message.setter
    def message(self, value: str) -> None:
        self.__dict__["message"] = value


class ConfigError(cascadeflowError):
    """A configuration value is missing or out of range."""

    kind = "config"


class ValidationError(cascadeflowError, ValueError):
    """An argument is missing, malformed or out of range."""

    kind = "validation"

    def errors(self) -> list[dict[str, Any]]:
        """The failure as a list with one entry, in the form that pydantic's errors have."""
        location = tuple(self.field.split(".")) if self.field else ()
        return [{"type": "value_error", "loc": location, "msg": str(self)}]

    def error_count(self) -> int:
        """How many failures there are; always one, the first that was found."""
        return 1


class ProviderError(cascadeflowError):
    """A provider failed."""

    kind = "overloaded"

    def __init__(
        self,
        message: str,
        provider: str | None = None,
        original_error: BaseException | None = None,
        status_code: int | None = None,
    ) -> None:
        super().__init__(message)
        self.provider = provider
        self.original_error = original_error
        self.status_code = status_code


class AuthenticationError(ProviderError):
    """A provider refused the credentials, or there were none."""

    kind = "auth"

    def __init__(
        self,
        message: str,
        provider: str | None = None,
        env_var_name: str | None = None,
        original_error: BaseException | None = None,
    ) -> None:
        super().__init__(message, provider, original_error)
        self.env_var_name = env_var_name


class MissingKeyError(AuthenticationError, ValueError):
    """A provider needs a key and none was given; `env_var_name` is where it is looked for."""


class TimeoutError(ProviderError):  # noqa: A001 - the published name
    """A deadline passed: connect, first token, between chunks, or the whole chain."""

    kind = "timeout"

    def __init__(
        self,
        message: str,
        provider: str | None = None,
        timeout_ms: int | None = None,
        original_error: BaseException | None = None,
    ) -> None:
        super().__init__(message, provider, original_error)
        self.timeout_ms = timeout_ms


class CircuitOpenError(ProviderError):
    """A call was not made because its circuit breaker is open.

    `time_until_retry` is in seconds, as is `retry_after`.
    """

    def __init__(self, provider: str, time_until_retry: float) -> None:
        seconds = f"{time_until_retry:.1f} s"
        super().__init__(f"circuit breaker is open for `{provider}`: retry in {seconds}", provider)
        self.time_until_retry = time_until_retry
        self.retry_after = time_until_retry
        self.hint = "wait until the circuit breaker lets a probe through, or reset it"


class ModelError(cascadeflowError):
    """A model failed or cannot be used."""

    kind = "not_found"

    def __init__(self, message: str, model: str | None = None, provider: str | None = None) -> None:
        super().__init__(message)
        self.model = model
        self.provider = provider


class ModelNotFoundError(ModelError, ProviderError):
    """The provider does not know the model or the endpoint."""

    def __init__(self, message: str, model: str | None = None, provider: str | None = None) -> None:
        ProviderError.__init__(self, message, provider)
        self.model = model


class _LimitReached(cascadeflowError):
    """A limit that refused: of whom, over which time, and how it stands.

    `limit`, `used`, `reserved` (set aside for runs under way) and `remaining` are in the unit of
    `measure`: USD for `cost`, else `requests` or `tokens`. `window` is `minute`, `hour`, `day`,
    `week`, `month` or `lifetime`, `owner_kind` is `user`, `tier`, `key`, `session`, `tenant` or
    `global`. `reset_time` is in seconds since the Unix epoch. What is not known is `None`.
    """

    limit: float | None = None
    used: float | None = None
    reserved: float | None = None
    remaining: float | None = None
    measure: str | None = None
    window: str | None = None
    owner_kind: str | None = None
    owner_id: str | None = None
    reset_time: float | None = None


class BudgetExceededError(_LimitReached):
    """A budget does not allow the request."""

    kind = "budget"

    def __init__(self, message: str, remaining: float = 0.0) -> None:
        super().__init__(message)
        self.remaining: float | None = remaining


class RateLimitError(_LimitReached):
    """Too many requests, or a quota that is used up."""

    kind = "rate_limit"

    def __init__(self, message: str, retry_after: float = 3600) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class QualityThresholdError(cascadeflowError):
    """No answer met the required quality."""

    kind = "quality"


class RoutingError(cascadeflowError):
    """No plan can be made for the request."""

    kind = "routing"


class HarnessStopError(cascadeflowError):
    """A run was stopped by the harness."""

    kind = "cancelled"

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class ToolExecutionError(cascadeflowError):
    """A tool's code failed."""

    kind = "tool"

    def __init__(
        self, message: str, tool_name: str | None = None, cause: BaseException | None = None
    ) -> None:
        super().__init__(message)
        self.tool_name = tool_name
        self.cause = cause
