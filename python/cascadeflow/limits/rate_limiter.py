"""Limits of requests, tokens and money within sliding times."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .. import _native
from ..schema.exceptions import RateLimitError as _RateLimitError

if TYPE_CHECKING:
    from ..profiles.user_profile import UserProfile

__all__ = ["RateLimitError", "RateLimitState", "RateLimiter"]

_HOUR = 3600.0
_DAY = 86400.0


class RateLimitError(_RateLimitError):
    """A person asked too often or for too much.

    `limit` and `used` are in requests, tokens or USD as `measure` says (`requests`, `tokens`,
    `cost`, `burst`), over `window` (`minute`, `hour`, `day`). `retry_after` is in seconds,
    `reset_time` in seconds since the Unix epoch; both are `None` where waiting does not help.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass
class RateLimitState:
    """What one person asked for: the times of requests in seconds since the Unix epoch, and USD.

    A record for callers that keep their own; `RateLimiter` counts in a bounded form.
    """

    user_id: str
    hourly_requests: list[float] = field(default_factory=list)
    daily_requests: list[float] = field(default_factory=list)
    daily_cost: float = 0.0
    cost_reset_time: float = field(default_factory=time.time)

    def clean_old_requests(self, current_time: float) -> None:
        """Forgets requests older than an hour and a day, and cost older than a day."""
        self.hourly_requests = [at for at in self.hourly_requests if at > current_time - _HOUR]
        self.daily_requests = [at for at in self.daily_requests if at > current_time - _DAY]
        if current_time - self.cost_reset_time >= _DAY:
            self.daily_cost = 0.0
            self.cost_reset_time = current_time


class RateLimiter:
    """Holds people to the limits of their profiles, in the memory of this process.

    At most `max_users` are remembered; those unused for longest are forgotten first. `clock` tells
    the seconds since the Unix epoch; `None` takes the system's.
    """

    def __init__(
        self, *, max_users: int = 100_000, clock: Callable[[], float] | None = None
    ) -> None:
        self._native = _native.RateLimiter(max_users, clock)
        self._clock = time.time if clock is None else clock

    async def check_rate_limit(
        self, profile: UserProfile, cost: float = 0.0, *, tokens: int = 0
    ) -> tuple[bool, str | None]:
        """Whether a request of `cost` USD and `tokens` may be made, with the reason why not.

        Counts nothing: of requests that come at once, more may pass than the limits allow; see
        `acquire`.
        """
        refusal = self._native.check(profile.user_id, profile.rate_limits(), cost, tokens)
        return (True, None) if refusal is None else (False, _text(refusal))

    async def record_request(
        self, profile: UserProfile, cost: float = 0.0, *, tokens: int = 0
    ) -> None:
        """Counts a request that was made."""
        self._native.record(profile.user_id, profile.rate_limits(), cost, tokens)

    async def acquire(self, profile: UserProfile, cost: float = 0.0, *, tokens: int = 0) -> None:
        """Counts a request when it may be made, in one step.

        Raises:
            RateLimitError: when a limit refuses it.
        """
        limits = profile.rate_limits()
        refusal = self._native.check(profile.user_id, limits, cost, tokens, True)
        if refusal is not None:
            raise self._error(refusal)

    def _error(self, refusal: dict[str, Any]) -> RateLimitError:
        wait = refusal["retry_after_ms"]
        error = RateLimitError(_text(refusal), None if wait is None else wait / 1000)
        error.limit = float(refusal["limit"])
        error.used = float(refusal["used"])
        error.measure = refusal["measure"]
        error.window = refusal["window"]
        error.reset_time = None if wait is None else self._clock() + wait / 1000
        return error

    async def get_usage_stats(self, profile: UserProfile) -> dict[str, Any]:
        """What the person used within the last hour and day, with the limits and what is left."""
        used = self._native.usage(profile.user_id)
        limits = profile.rate_limits()
        cost = float(used["daily_cost"])
        budget = limits["daily_budget"]
        stats: dict[str, Any] = {
            "hourly_requests": used["requests_last_hour"],
            "daily_requests": used["requests_last_day"],
            "daily_cost": cost,
            "hourly_limit": limits["requests_per_hour"],
            "daily_limit": limits["requests_per_day"],
            "daily_budget": None if budget is None else float(budget),
        }
        left = (
            ("hourly_remaining", "hourly_limit", "hourly_requests"),
            ("daily_remaining", "daily_limit", "daily_requests"),
            ("budget_remaining", "daily_budget", "daily_cost"),
        )
        for name, limit, taken in left:
            most = stats[limit]
            stats[name] = None if most is None else max(0, most - stats[taken])
        return stats

    async def reset_user_limits(self, user_id: str) -> None:
        """Forgets what `user_id` used."""
        self._native.reset(user_id)

    async def cleanup_old_states(self, max_age_hours: int = 24) -> int:
        """Forgets the people who asked for nothing for so many hours; how many they were."""
        return self._native.forget_idle(max_age_hours * _HOUR)


def _text(refusal: dict[str, Any]) -> str:
    limit = refusal["limit"]
    if refusal["measure"] == "cost":
        left = max(0.0, float(limit) - float(refusal["used"]))
        return f"Daily budget exceeded (${float(limit):.2f}/day). Remaining: ${left:.4f}"
    name = {"minute": "Minute", "hour": "Hourly", "day": "Daily"}[refusal["window"]]
    unit = {"minute": "min", "hour": "hour", "day": "day"}[refusal["window"]]
    what = {"tokens": ("token", "tokens"), "burst": ("burst", "req")}
    kind, counted = what.get(refusal["measure"], ("rate", "req"))
    wait = refusal["retry_after_ms"]
    after = "It can never pass" if wait is None else f"Retry after {-(-wait // 1000)}s"
    return f"{name} {kind} limit exceeded ({limit} {counted}/{unit}). {after}"
