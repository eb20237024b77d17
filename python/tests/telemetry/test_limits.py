"""Rate limits of people, by a clock that is moved by hand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

import cascadeflow
from cascadeflow import ValidationError
from cascadeflow.limits import RateLimiter, RateLimitError, RateLimitState
from cascadeflow.profiles import TierConfig, UserProfile

T = TypeVar("T")


def wait(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def person(**limits: Any) -> UserProfile:
    return UserProfile("ada", tier=TierConfig("own", **limits))


def test_requests_within_an_hour() -> None:
    clock = Clock()
    limiter, ada = RateLimiter(clock=clock), person(requests_per_hour=2)
    for _ in range(2):
        assert wait(limiter.check_rate_limit(ada)) == (True, None)
        wait(limiter.record_request(ada))
        clock.now += 600
    assert wait(limiter.check_rate_limit(ada)) == (
        False,
        "Hourly rate limit exceeded (2 req/hour). Retry after 2400s",
    )
    clock.now += 2400
    assert wait(limiter.check_rate_limit(ada)) == (True, None)


def test_requests_within_a_day() -> None:
    clock = Clock()
    limiter, ada = RateLimiter(clock=clock), person(requests_per_day=1)
    wait(limiter.record_request(ada))
    allowed, reason = wait(limiter.check_rate_limit(ada))
    assert (allowed, reason) == (False, "Daily rate limit exceeded (1 req/day). Retry after 86400s")


def test_tokens_within_a_minute() -> None:
    clock = Clock()
    limiter, ada = RateLimiter(clock=clock), person(tokens_per_minute=1000)
    wait(limiter.record_request(ada, tokens=900))
    assert wait(limiter.check_rate_limit(ada, tokens=100))[0]
    allowed, reason = wait(limiter.check_rate_limit(ada, tokens=101))
    assert (allowed, reason) == (
        False,
        "Minute token limit exceeded (1000 tokens/min). Retry after 60s",
    )
    clock.now += 60
    assert wait(limiter.check_rate_limit(ada, tokens=1000))[0]


def test_money_within_a_day() -> None:
    clock = Clock()
    limiter, ada = RateLimiter(clock=clock), person(daily_budget=0.1)
    wait(limiter.record_request(ada, 0.05))
    assert wait(limiter.check_rate_limit(ada, 0.05)) == (True, None)
    assert wait(limiter.check_rate_limit(ada, 0.06)) == (
        False,
        "Daily budget exceeded ($0.10/day). Remaining: $0.0500",
    )
    clock.now += 86400
    assert wait(limiter.check_rate_limit(ada, 0.1)) == (True, None)


def test_a_limit_of_zero_lets_nothing_through() -> None:
    limiter = RateLimiter()
    allowed, reason = wait(limiter.check_rate_limit(person(requests_per_hour=0)))
    assert not allowed
    assert reason is not None
    assert "never pass" in reason


def test_usage() -> None:
    limiter, ada = RateLimiter(), person(requests_per_hour=2, requests_per_day=3, daily_budget=0.1)
    wait(limiter.record_request(ada, 0.03))
    assert wait(limiter.get_usage_stats(ada)) == {
        "hourly_requests": 1,
        "daily_requests": 1,
        "daily_cost": 0.03,
        "hourly_limit": 2,
        "daily_limit": 3,
        "daily_budget": 0.1,
        "hourly_remaining": 1,
        "daily_remaining": 2,
        "budget_remaining": pytest.approx(0.07),
    }
    nobody = UserProfile("eve", tier=TierConfig("none"))
    stats = wait(limiter.get_usage_stats(nobody))
    assert (stats["hourly_requests"], stats["hourly_limit"]) == (0, None)


def test_of_many_at_once_no_more_pass_than_the_limit_lets() -> None:
    limiter, ada = RateLimiter(), person(requests_per_hour=10)

    async def one() -> bool:
        try:
            await limiter.acquire(ada)
        except RateLimitError:
            return False
        return True

    async def many() -> int:
        return sum(await asyncio.gather(*(one() for _ in range(100))))

    assert wait(many()) == 10
    limiter = RateLimiter()
    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(lambda _: wait(one()), range(100))) == 10


def test_the_error_tells_limit_use_and_time() -> None:
    clock = Clock()
    limiter, ada = RateLimiter(clock=clock), person(requests_per_hour=1)
    wait(limiter.acquire(ada))
    clock.now += 600
    with pytest.raises(cascadeflow.RateLimitError) as raised:
        wait(limiter.acquire(ada))
    error = raised.value
    assert isinstance(error, RateLimitError)
    assert (error.limit, error.used, error.measure, error.window) == (1, 1, "requests", "hour")
    assert (error.retry_after, error.reset_time) == (3000, clock.now + 3000)


def test_forgetting() -> None:
    clock = Clock()
    limiter, ada = RateLimiter(clock=clock), person(requests_per_hour=1)
    wait(limiter.record_request(ada))
    wait(limiter.reset_user_limits("nobody"))
    assert not wait(limiter.check_rate_limit(ada))[0]
    wait(limiter.reset_user_limits("ada"))
    assert wait(limiter.check_rate_limit(ada))[0]
    wait(limiter.record_request(ada))
    assert wait(limiter.cleanup_old_states()) == 0
    clock.now += 86400
    assert wait(limiter.cleanup_old_states()) == 1


def test_unknown_people_take_no_more_than_so_much_room() -> None:
    limiter = RateLimiter(max_users=100)

    async def flood() -> None:
        tier = TierConfig("own", requests_per_hour=5)
        for at in range(1000):
            await limiter.record_request(UserProfile(f"user{at}", tier=tier))

    wait(flood())
    assert len(limiter._native) <= 100


@pytest.mark.parametrize("cost", [-1.0, float("nan"), float("inf")])
def test_a_cost_that_is_none_is_refused(cost: float) -> None:
    with pytest.raises(ValidationError) as raised:
        wait(RateLimiter().record_request(person(), cost))
    assert raised.value.field == "cost"


def test_the_record_of_times_forgets_the_old() -> None:
    now = time.time()
    state = RateLimitState("ada", [now - 4000, now - 10], [now - 90000, now - 10], 5.0, now - 90000)
    state.clean_old_requests(now)
    assert state == RateLimitState("ada", [now - 10], [now - 10], 0.0, now)


def test_a_bare_error() -> None:
    error = RateLimitError("too fast", 5.0)
    assert (str(error), error.retry_after, RateLimitError("x").retry_after) == (
        "too fast",
        5.0,
        None,
    )
