"""Circuit breakers: whether what is called has failed so often that calling it again is no use.

The built-in providers have one for each provider, model and key, by themselves; all of them are in
the `CircuitBreakerRegistry`, under names such as `openai/gpt-4o#1f3c09ab`, where the last part
stands for the key without telling it. Breakers of one's own watch whatever else is called.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from types import TracebackType
from typing import Any, ClassVar

from .. import _native
from ..schema.exceptions import CircuitOpenError

__all__ = [
    "CircuitBreaker",
    "CircuitBreakerConfig",
    "CircuitBreakerRegistry",
    "CircuitMetrics",
    "CircuitOpenError",
    "CircuitState",
    "get_circuit_breaker",
]


class CircuitState(Enum):
    """Whether calls are let through: all, none, or probes."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass
class CircuitBreakerConfig:
    """When a breaker opens and how it closes again. Times are in seconds.

    `failure_threshold` failures within `failure_window` open it. After `recovery_timeout` it lets
    `half_open_max_calls` probes through at a time; `success_threshold` successes close it, one
    failure opens it again. Exceptions of the classes in `excluded_exceptions` count for nothing.
    Counts of zero count as one; a negative value is refused when a breaker is made of it.
    """

    failure_threshold: int = 5
    recovery_timeout: float = 30.0
    half_open_max_calls: int = 3
    success_threshold: int = 2
    failure_window: float = 60.0
    excluded_exceptions: tuple[type[BaseException], ...] = ()

    def to_native(self) -> dict[str, Any]:
        """The settings as the engine reads them."""
        plain = asdict(self)
        del plain["excluded_exceptions"]
        return plain

    @classmethod
    def from_native(cls, plain: dict[str, Any]) -> CircuitBreakerConfig:
        """The settings that the engine has."""
        return cls(**plain)


@dataclass
class CircuitMetrics:
    """What a breaker has seen since it was made or reset.

    Times are in seconds since the Unix epoch; `None` where there was no such call.
    `state_changes` has a dict with `from`, `to` and `at` for each of the latest 100 changes.
    """

    total_calls: int = 0
    successful_calls: int = 0
    failed_calls: int = 0
    rejected_calls: int = 0
    state_changes: list[dict[str, Any]] = field(default_factory=list)
    last_failure_time: float | None = None
    last_success_time: float | None = None

    def get_summary(self) -> dict[str, Any]:
        """The counts as plain data, the rate of success as text."""
        share = self.successful_calls / self.total_calls if self.total_calls else 0.0
        return {
            "total_calls": self.total_calls,
            "successful": self.successful_calls,
            "failed": self.failed_calls,
            "rejected": self.rejected_calls,
            "success_rate": f"{share * 100:.1f}%",
            "state_changes": len(self.state_changes),
            "last_failure": self.last_failure_time,
            "last_success": self.last_success_time,
        }

    @classmethod
    def _of(cls, status: dict[str, Any]) -> CircuitMetrics:
        changes = [
            {"from": before, "to": after, "at": at} for before, after, at in status["state_changes"]
        ]
        return cls(
            status["total_calls"],
            status["successful_calls"],
            status["failed_calls"],
            status["rejected_calls"],
            changes,
            status["last_failure_time"],
            status["last_success_time"],
        )


StateListener = Callable[[CircuitState, CircuitState], None]


class CircuitBreaker:
    """Lets calls through until too many fail, then none for a while, then probes.

    `async with breaker.protect():`, or `with`, around a call does all the rest. By hand: call only
    where `can_execute()` is true, and tell `record_success()` or `record_failure()` how it went.
    Safe from any thread. Keywords replace the fields of `config` that they name; `clock` replaces
    the machine's clock, for tests.
    """

    def __init__(
        self,
        name: str = "default",
        config: CircuitBreakerConfig | None = None,
        *,
        clock: _native.ManualClock | None = None,
        **kwargs: Any,
    ) -> None:
        made = replace(config or CircuitBreakerConfig(), **kwargs)
        self._setup(_native.CircuitBreaker(name, made.to_native(), clock), made)

    def _setup(self, native: _native.CircuitBreaker, config: CircuitBreakerConfig) -> None:
        self.name = native.name
        self.config = config
        self._native = native

    @classmethod
    def _of(
        cls, native: _native.CircuitBreaker, config: CircuitBreakerConfig | None = None
    ) -> CircuitBreaker:
        """The breaker that the engine has."""
        breaker = cls.__new__(cls)
        breaker._setup(native, config or CircuitBreakerConfig.from_native(native.config))
        return breaker

    @property
    def state(self) -> CircuitState:
        """Its state now; an open one becomes half open when its time has come."""
        return CircuitState(self._native.state)

    @property
    def is_closed(self) -> bool:
        """Whether all calls are let through."""
        return self.state is CircuitState.CLOSED

    @property
    def is_open(self) -> bool:
        """Whether no call is let through."""
        return self.state is CircuitState.OPEN

    @property
    def is_half_open(self) -> bool:
        """Whether probes are let through."""
        return self.state is CircuitState.HALF_OPEN

    @property
    def metrics(self) -> CircuitMetrics:
        """What it has seen, as it is now."""
        return CircuitMetrics._of(self._native.status())

    def can_execute(self) -> bool:
        """Whether a call may go out.

        While half open this takes the place of a probe, so that its outcome must be recorded.
        """
        return self._native.can_execute()

    def record_success(self) -> None:
        """Counts a call that succeeded."""
        self._native.record_success()

    def record_failure(self, exception: BaseException | None = None) -> None:
        """Counts a call that failed, unless `exception` is excluded."""
        if exception is None or not isinstance(exception, self.config.excluded_exceptions):
            self._native.record_failure()

    def record_rejection(self) -> None:
        """Counts a call that was not let through."""
        self._native.record_rejection()

    def force_open(self) -> None:
        """Opens it, whatever was seen."""
        self._native.force_open()

    def force_close(self) -> None:
        """Closes it, whatever was seen."""
        self._native.force_close()

    def reset(self) -> None:
        """Closes it and forgets what was seen."""
        self._native.reset()

    def get_time_until_retry(self) -> float | None:
        """Seconds until a probe is let through; `None` unless it is open."""
        return self._native.time_until_retry

    def on_state_change(self, callback: StateListener) -> None:
        """Calls `callback` with the states before and after each change.

        It runs on the thread that makes the change; what it raises goes to `sys.unraisablehook`.
        """

        def tell(before: str, after: str) -> None:
            callback(CircuitState(before), CircuitState(after))

        self._native.on_state_change(tell)

    def get_metrics(self) -> dict[str, Any]:
        """State and counts as plain data."""
        status = self._native.status()
        return {
            "name": self.name,
            "state": status["state"],
            "failure_count": status["failures"],
            "failure_threshold": self.config.failure_threshold,
            **CircuitMetrics._of(status).get_summary(),
        }

    def protect(self) -> CircuitBreaker._ProtectContext:
        """A context, asynchronous or not, for one call.

        Entering raises `CircuitOpenError` where no call may go out; leaving records the outcome.
        One that is cancelled, or ends in an excluded exception, counts for nothing.
        """
        return CircuitBreaker._ProtectContext(self)

    class _ProtectContext:
        """One call under the eyes of a breaker."""

        def __init__(self, breaker: CircuitBreaker) -> None:
            self._breaker = breaker
            self._permit: _native.CircuitPermit | None = None

        def __enter__(self) -> CircuitBreaker._ProtectContext:
            breaker = self._breaker
            self._permit = breaker._native.try_acquire()
            if self._permit is None:
                raise CircuitOpenError(breaker.name, breaker.get_time_until_retry() or 0.0)
            return self

        def __exit__(
            self,
            kind: type[BaseException] | None,
            error: BaseException | None,
            traceback: TracebackType | None,
        ) -> None:
            permit, self._permit = self._permit, None
            if permit is None:
                return
            if error is None:
                permit.succeed()
            elif isinstance(error, self._breaker.config.excluded_exceptions):
                permit.release()
            elif isinstance(error, Exception):
                permit.fail()
            else:
                permit.release()

        async def __aenter__(self) -> CircuitBreaker._ProtectContext:
            return self.__enter__()

        async def __aexit__(
            self,
            kind: type[BaseException] | None,
            error: BaseException | None,
            traceback: TracebackType | None,
        ) -> None:
            self.__exit__(kind, error, traceback)

    def __repr__(self) -> str:
        status = self._native.status()
        failures = f"{status['failures']}/{self.config.failure_threshold}"
        return f"CircuitBreaker(name={self.name!r}, state={status['state']}, failures={failures})"


class CircuitBreakerRegistry:
    """The circuit breakers of the process by name; there is one registry, however often it is made.

    Those of the built-in providers appear when a provider is made. Iterating gives pairs of name
    and breaker.
    """

    _instance: ClassVar[CircuitBreakerRegistry | None] = None
    _making: ClassVar[threading.Lock] = threading.Lock()
    _engine: _native.CircuitBreakerRegistry
    _default: CircuitBreakerConfig
    _lock: threading.Lock
    _made: dict[str, CircuitBreaker]

    def __new__(cls) -> CircuitBreakerRegistry:
        with cls._making:
            if cls._instance is None:
                made = super().__new__(cls)
                made._engine = _native.CircuitBreakerRegistry()
                made._default = CircuitBreakerConfig()
                made._lock = threading.Lock()
                # What only this face knows of a breaker: its excluded exceptions.
                made._made = {}
                cls._instance = made
        return cls._instance

    def get_or_create(
        self, name: str, config: CircuitBreakerConfig | None = None
    ) -> CircuitBreaker:
        """The breaker of this name, made when there is none.

        `config` holds only then; without it the default does.
        """
        with self._lock:
            existed = self._engine.get(name)
            chosen = config or self._default
            native = existed or self._engine.get_or_create(name, chosen.to_native())
            return self._keep(native, None if existed else chosen)

    def get(self, name: str) -> CircuitBreaker | None:
        """The breaker of this name; `None` when there is none."""
        with self._lock:
            native = self._engine.get(name)
            return None if native is None else self._keep(native, None)

    def _keep(
        self, native: _native.CircuitBreaker, config: CircuitBreakerConfig | None
    ) -> CircuitBreaker:
        known = self._made.get(native.name)
        if known is None or known._native != native:
            known = CircuitBreaker._of(native, config)
            if config is not None:
                self._made[native.name] = known
        return known

    def set_default_config(self, config: CircuitBreakerConfig) -> None:
        """Sets the configuration of breakers made from now on, those of providers included."""
        self._engine.set_default_config(config.to_native())
        self._default = config

    def get_health_status(self) -> dict[str, dict[str, Any]]:
        """State of every breaker by name.

        Each has `state`, `healthy` (not open), `failures`, and `time_until_retry` in seconds
        (`None` unless open).
        """
        return {
            status["name"]: {
                "state": status["state"],
                "healthy": status["state"] != "open",
                "failures": status["failures"],
                "time_until_retry": status["time_until_retry"],
            }
            for status in self._engine.statuses()
        }

    def get_available_providers(self) -> list[str]:
        """Names of the breakers that are not open."""
        return self._engine.available()

    def reset_all(self) -> None:
        """Closes every breaker and forgets what was seen."""
        self._engine.reset_all()

    def __len__(self) -> int:
        return len(self._engine)

    def __iter__(self) -> Iterator[tuple[str, CircuitBreaker]]:
        for status in self._engine.statuses():
            breaker = self.get(status["name"])
            if breaker is not None:
                yield breaker.name, breaker


def get_circuit_breaker(
    provider: str, config: CircuitBreakerConfig | None = None
) -> CircuitBreaker:
    """The registry's breaker of this name, made when there is none."""
    return CircuitBreakerRegistry().get_or_create(provider, config)
