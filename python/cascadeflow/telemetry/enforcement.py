"""Callbacks that decide whether a request may spend."""

from __future__ import annotations

import asyncio
import inspect
import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

from .. import _blocking, _native, _threads
from ..schema.config import ModelConfig
from ..schema.exceptions import ConfigError

__all__ = [
    "EnforcementAction",
    "EnforcementCallback",
    "EnforcementCallbacks",
    "EnforcementContext",
    "graceful_degradation",
    "strict_budget_enforcement",
    "tier_based_enforcement",
]

logger = logging.getLogger(__name__)

# Whether callbacks are asked by somebody who waits on this thread.
_AT_ONCE: ContextVar[bool] = ContextVar("cascadeflow_enforcement_at_once", default=False)

# The published names of the windows.
_PERIODS = {
    "minute": "minute",
    "hour": "hourly",
    "day": "daily",
    "week": "weekly",
    "month": "monthly",
    "lifetime": "total",
}


class EnforcementAction(str, Enum):
    """What a callback decides."""

    ALLOW = "allow"
    WARN = "warn"
    BLOCK = "block"
    DEGRADE = "degrade"


@dataclass(repr=False)
class EnforcementContext:
    """What a callback is told. Money is in USD, of the window of the tightest budget.

    `budget_limit` is `None` and `budget_remaining` infinite when no budget applies.
    `budget_pct_used` is a share, 1 at the limit; `budget_used_pct` the same in percent. What is
    left out is worked out from the rest. `resets_at` is in seconds since the Unix epoch, `None`
    when the window never ends.
    """

    user_id: str
    user_tier: str | None = None
    current_cost: float = 0.0
    estimated_cost: float = 0.0
    total_cost: float = 0.0
    budget_limit: float | None = None
    budget_used_pct: float = 0.0
    budget_exceeded: bool = False
    period_name: str = "total"
    model: str | None = None
    provider: str | None = None
    query: str | None = None
    tokens: int | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    budget_remaining: float | None = None
    budget_used: float | None = None
    budget_pct_used: float | None = None
    total_requests: int = 0
    resets_at: float | None = None

    def __post_init__(self) -> None:
        if self.budget_used is None:
            self.budget_used = self.current_cost or self.total_cost
        limit = self.budget_limit
        if self.budget_pct_used is not None and not self.budget_used_pct:
            self.budget_used_pct = 100 * self.budget_pct_used
        elif self.budget_pct_used is None:
            if not self.budget_used_pct and limit:
                self.budget_used_pct = 100 * self.budget_used / limit
            self.budget_pct_used = self.budget_used_pct / 100
        if self.budget_remaining is None:
            left = math.inf if limit is None else max(0.0, limit - self.budget_used)
            self.budget_remaining = left

    def __repr__(self) -> str:
        limit = "unlimited" if self.budget_limit is None else self.budget_limit
        return (
            f"EnforcementContext(user={self.user_id}:{self.user_tier}, "
            f"cost=${self.current_cost:.4f}/{limit}, used={self.budget_used_pct:.1f}%, "
            f"exceeded={self.budget_exceeded})"
        )

    @classmethod
    def from_native(cls, plain: Mapping[str, Any]) -> EnforcementContext:
        """The context that the engine tells of."""
        limit, remaining = plain["budget_limit"], plain["budget_remaining"]
        used = float(plain["budget_used"])
        return cls(
            user_id=plain["user_id"],
            user_tier=plain["user_tier"],
            current_cost=used,
            estimated_cost=float(plain["estimated_cost"]),
            total_cost=used,
            budget_limit=None if limit is None else float(limit),
            budget_used_pct=100 * plain["budget_share"],
            budget_exceeded=plain["budget_exceeded"],
            period_name=str(_PERIODS.get(plain["period"], plain["period"])),
            model=plain["model"],
            provider=plain["provider"],
            query=plain["query"],
            tokens=plain["tokens"],
            metadata=plain["metadata"],
            budget_remaining=math.inf if remaining is None else float(remaining),
            budget_used=used,
            budget_pct_used=plain["budget_share"],
            total_requests=plain["total_requests"],
            resets_at=plain["resets_at"],
        )

    def to_native(self) -> dict[str, Any]:
        """The context as the engine reads it."""
        remaining = self.budget_remaining
        limited = remaining is not None and math.isfinite(remaining)
        windows = {published: name for name, published in _PERIODS.items()}
        return {
            "user_id": self.user_id,
            "user_tier": self.user_tier,
            "estimated_cost": self.estimated_cost,
            "budget_used": self.budget_used or 0.0,
            "budget_limit": self.budget_limit,
            "budget_remaining": remaining if limited else None,
            "budget_share": self.budget_used_pct / 100,
            "budget_exceeded": self.budget_exceeded,
            "period": windows.get(self.period_name, self.period_name),
            "total_requests": self.total_requests,
            "resets_at": self.resets_at,
            "model": self.model,
            "provider": self.provider,
            "query": self.query,
            "tokens": self.tokens,
            "metadata": self.metadata,
        }


Decision: TypeAlias = "EnforcementAction | str | tuple[EnforcementAction | str, str | None] | None"
EnforcementCallback: TypeAlias = "Callable[[EnforcementContext], Decision | Awaitable[Decision]]"
"""Takes a context and gives an action, its name, or `(action, message)`; may be asynchronous."""

Kept: TypeAlias = "list[ModelConfig] | list[str]"
ModelFilter: TypeAlias = "Callable[[EnforcementContext, list[ModelConfig]], Kept | Awaitable[Kept]]"
Warned: TypeAlias = "Callable[[EnforcementContext], object]"


class EnforcementCallbacks:
    """Callbacks that are asked before a request spends, in the order they were registered.

    The first answer other than allow counts. `on_budget_check` is the first of them;
    `on_model_filter` gets the agent's models too, and gives those that may be used, or their names;
    `on_budget_warning` hears of each threshold that a budget passes. All may be asynchronous. Each
    has `time_limit` seconds. One that raises, takes longer or answers something else is logged, and
    passed over, or, with `fail_open=False`, taken for a block. Runs call plain ones on threads, so
    that one that blocks holds up no other run; `check` and `can_afford` call them right here, and
    wait for them as long as they take.
    """

    def __init__(
        self,
        on_budget_check: EnforcementCallback | bool | None = None,
        on_model_filter: ModelFilter | None = None,
        on_budget_warning: Warned | None = None,
        *,
        verbose: bool = False,
        time_limit: float = 5.0,
        fail_open: bool = True,
    ) -> None:
        if isinstance(on_budget_check, bool):
            # `EnforcementCallbacks(True)`: the first parameter used to be `verbose`.
            verbose = on_budget_check
            on_budget_check = None
        self.verbose = verbose
        self.callbacks: list[EnforcementCallback] = []
        self.on_budget_check: EnforcementCallback | None = _callable(
            "on_budget_check", on_budget_check
        )
        self.on_model_filter: ModelFilter | None = _callable("on_model_filter", on_model_filter)
        self.on_budget_warning: Warned | None = _callable("on_budget_warning", on_budget_warning)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._own: list[EnforcementCallback | None] = []
        self.native = _native.EnforcementChain(time_limit, fail_open, _report)
        self._register_hooks()

    def _register_hooks(self) -> None:
        if self.on_budget_check is not None:
            self._add(self.on_budget_check)
        if self.on_model_filter is not None or self.on_budget_warning is not None:
            self._own.append(None)
            self.native.register(
                "on_model_filter",
                None,
                None
                if self.on_model_filter is None
                else _beside(self._filter, self.on_model_filter),
                None if self.on_budget_warning is None else self._warn,
            )

    def _add(self, callback: EnforcementCallback) -> None:
        name = getattr(callback, "__name__", type(callback).__name__)
        self._own.append(callback)
        self.native.register(name, _beside(callback, callback))

    def register(self, callback: EnforcementCallback) -> None:
        """Adds a callback at the end.

        Raises:
            ConfigError: when it cannot be called.
        """
        self._add(_callable("callback", callback))
        self.callbacks.append(callback)
        if self.verbose:
            logger.info("Registered enforcement callback: %r", callback)

    def unregister(self, callback: EnforcementCallback) -> None:
        """Takes a callback out; one that is not registered is passed over."""
        if callback in self.callbacks:
            self.callbacks.remove(callback)
            position = self._own.index(callback)
            del self._own[position]
            self.native.remove(position)

    def clear(self) -> None:
        """Takes out what was registered; the hooks of the constructor stay."""
        for callback in tuple(self.callbacks):
            self.unregister(callback)

    def check(self, context: EnforcementContext) -> EnforcementAction:
        """What the callbacks decide; allow without any.

        An asynchronous callback is run to its end; inside a running loop, on a thread of its own.
        """
        return self._decide(context)[0]

    async def check_async(
        self, context: EnforcementContext
    ) -> tuple[EnforcementAction, str | None]:
        """What the callbacks decide, with the message."""
        action, message = await self.native.decide(context.to_native())
        return EnforcementAction(action), message

    def check_budget(self, ctx: EnforcementContext) -> tuple[EnforcementAction, str | None]:
        """What the callbacks decide, with the message.

        Without any, a budget that is used up blocks, and one used to 90 % warns.
        """
        if any(callback is not None for callback in self._own):
            return self._decide(ctx)
        return _built_in("default", ctx)

    def _decide(self, context: EnforcementContext) -> tuple[EnforcementAction, str | None]:
        plain = context.to_native()
        if self.is_asynchronous:
            action, message = _blocking.run(self._awaited(plain))
        else:
            action, message = at_once(self.native.decide(plain))
        if self.verbose and action != "allow":
            logger.info("Enforcement decided %s for %r", action, context)
        return EnforcementAction(action), message

    @property
    def is_asynchronous(self) -> bool:
        """Whether a callback has to be awaited."""
        return any(_is_asynchronous(callback) for callback in self._own)

    async def _awaited(self, plain: dict[str, Any]) -> tuple[str, str | None]:
        decision: tuple[str, str | None] = await self.native.decide(plain)
        return decision

    def _filter(self, context: EnforcementContext, models: list[dict[str, Any]]) -> Any:
        assert self.on_model_filter is not None
        names = [model["name"] for model in models]
        offered = [_model_of(model) for model in models]
        kept = self.on_model_filter(context, offered)
        if inspect.isawaitable(kept):
            return _names_later(kept, names)
        return _names(kept)

    def _warn(self, context: EnforcementContext, warning: str) -> None:
        assert self.on_budget_warning is not None
        context.metadata = {**context.metadata, "warning": warning}
        told = self.on_budget_warning(context)
        if not inspect.iscoroutine(told):
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            _blocking.run(told)
            return
        task = loop.create_task(told)
        # The loop keeps no hold of its tasks.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def get_stats(self) -> dict[str, Any]:
        """How many callbacks there are, how often they were asked, and how often one failed."""
        return {
            "registered_callbacks": sum(callback is not None for callback in self._own),
            "total_checks": self.native.checks,
            "failures": self.native.failures,
        }


def at_once(awaitable: Any) -> Any:
    """The value of an awaitable that asks plain callbacks, which are called on this thread."""
    token = _AT_ONCE.set(True)
    try:
        return _blocking.value(awaitable)
    finally:
        _AT_ONCE.reset(token)


def _beside(call: Callable[..., Any], hook: Any) -> Callable[..., Any]:
    """`call`, which calls `hook`: on a thread where that is plain code, which may block a loop."""
    is_own = str(getattr(hook, "__module__", "")).startswith("cascadeflow.")
    if is_own or _is_asynchronous(hook):
        return call

    async def on_thread(*args: Any) -> Any:
        returned = await _threads.call(call, *args)
        return await returned if inspect.isawaitable(returned) else returned

    def ask(*args: Any) -> Any:
        return call(*args) if _AT_ONCE.get() else on_thread(*args)

    return ask


def _callable(field_name: str, hook: Any) -> Any:
    if hook is None or callable(hook):
        return hook
    error = ConfigError(
        f"`{field_name}` cannot be called: `{type(hook).__name__}` (hint: give a function that "
        "takes an `EnforcementContext`)"
    )
    error.field = field_name
    raise error


def _is_asynchronous(callback: Any) -> bool:
    call = getattr(callback, "__call__", None)  # noqa: B004
    return inspect.iscoroutinefunction(callback) or inspect.iscoroutinefunction(call)


def _model_of(plain: dict[str, Any]) -> ModelConfig:
    known = ("name", "provider", "max_tokens", "quality_score", "speed_ms", "domains", "keywords")
    fields: dict[str, Any] = {n: plain[n] for n in known if plain.get(n) is not None}
    cost = plain.get("cost")
    if cost is not None:
        fields["cost"] = float(cost)
    return ModelConfig(**fields)


def _names(models: Any) -> Any:
    if not isinstance(models, (list, tuple)):
        return models
    return [getattr(model, "name", model) for model in models]


async def _names_later(models: Awaitable[Any], offered: list[str]) -> Any:
    return _names(await models)


def _report(error: BaseException) -> None:
    logger.error("Enforcement callback failed: %s", error, exc_info=error.__cause__)


def _built_in(name: str, context: EnforcementContext) -> tuple[EnforcementAction, str | None]:
    action, message = _native.built_in_enforcement(name, context.to_native())
    return EnforcementAction(action), message


def strict_budget_enforcement(context: EnforcementContext) -> EnforcementAction:
    """Blocks when the budget is used up, warns from 80 % on."""
    return _built_in("strict", context)[0]


def graceful_degradation(context: EnforcementContext) -> EnforcementAction:
    """Blocks when the budget is used up, degrades from 90 % on, warns from 80 % on."""
    return _built_in("graceful", context)[0]


def tier_based_enforcement(context: EnforcementContext) -> EnforcementAction:
    """By the tier.

    `free` is warned from 80 % on and blocked, `pro` warned from 90 % on and degraded, `enterprise`
    warned from 90 % on. Other tiers, and people without one, are allowed everything.
    """
    return _built_in("tier_based", context)[0]
