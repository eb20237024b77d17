"""Callbacks that decide whether a request may spend."""

from __future__ import annotations

import asyncio
import logging
import math
import threading
from typing import Any

import pytest

from cascadeflow import ConfigError
from cascadeflow.telemetry import (
    CostTracker,
    EnforcementAction,
    EnforcementCallbacks,
    EnforcementContext,
    graceful_degradation,
    strict_budget_enforcement,
    tier_based_enforcement,
)

ALLOW, WARN = EnforcementAction.ALLOW, EnforcementAction.WARN
DEGRADE, BLOCK = EnforcementAction.DEGRADE, EnforcementAction.BLOCK


def context(
    percent: float = 0.0, exceeded: bool = False, tier: str | None = None
) -> EnforcementContext:
    return EnforcementContext(
        "ada",
        user_tier=tier,
        budget_limit=1.0,
        total_cost=percent / 100,
        budget_used_pct=percent,
        budget_exceeded=exceeded,
    )


class TestContext:
    def test_the_published_form_gives_the_designs_fields(self) -> None:
        ctx = EnforcementContext("ada", total_cost=0.4, budget_limit=2.0, budget_used_pct=20.0)
        assert (ctx.budget_used, ctx.budget_remaining, ctx.budget_pct_used) == (0.4, 1.6, 0.2)

    def test_the_designs_form_gives_the_published_fields(self) -> None:
        ctx = EnforcementContext(
            user_id="ada",
            budget_limit=10.0,
            budget_remaining=2.0,
            budget_used=8.0,
            budget_pct_used=0.8,
            current_cost=0.1,
            total_requests=7,
        )
        assert ctx.budget_used_pct == 80.0
        assert f"{ctx.budget_pct_used:.0%}" == "80%"

    def test_without_a_limit_there_is_always_something_left(self) -> None:
        assert EnforcementContext("ada").budget_remaining == math.inf

    def test_how_it_shows(self) -> None:
        ctx = EnforcementContext(
            "u", "pro", current_cost=0.5, budget_limit=2, budget_used_pct=25, budget_exceeded=True
        )
        assert (
            repr(ctx) == "EnforcementContext(user=u:pro, cost=$0.5000/2, used=25.0%, exceeded=True)"
        )
        assert repr(EnforcementContext("u")) == (
            "EnforcementContext(user=u:None, cost=$0.0000/unlimited, used=0.0%, exceeded=False)"
        )


class TestReadyMade:
    @pytest.mark.parametrize(
        ("percent", "exceeded", "strict", "graceful"),
        [
            (79.9, False, ALLOW, ALLOW),
            (80.0, False, WARN, WARN),
            (89.9, False, WARN, WARN),
            (90.0, False, WARN, DEGRADE),
            (100.0, False, WARN, DEGRADE),
            (100.0, True, BLOCK, BLOCK),
            (50.0, True, BLOCK, BLOCK),
        ],
    )
    def test_by_share(
        self, percent: float, exceeded: bool, strict: EnforcementAction, graceful: EnforcementAction
    ) -> None:
        ctx = context(percent, exceeded)
        assert (strict_budget_enforcement(ctx), graceful_degradation(ctx)) == (strict, graceful)

    @pytest.mark.parametrize(
        ("tier", "at_80", "at_90", "exceeded"),
        [
            ("free", WARN, WARN, BLOCK),
            ("pro", ALLOW, WARN, DEGRADE),
            ("enterprise", ALLOW, WARN, WARN),
            ("starter", ALLOW, ALLOW, ALLOW),
            (None, ALLOW, ALLOW, ALLOW),
        ],
    )
    def test_by_tier(
        self,
        tier: str | None,
        at_80: EnforcementAction,
        at_90: EnforcementAction,
        exceeded: EnforcementAction,
    ) -> None:
        asked = (context(80, tier=tier), context(90, tier=tier), context(100, True, tier))
        assert tuple(map(tier_based_enforcement, asked)) == (at_80, at_90, exceeded)


def recorder(seen: list[Any], answer: Any) -> Any:
    def callback(ctx: EnforcementContext) -> Any:
        seen.append(answer)
        return answer

    return callback


class TestCallbacks:
    def test_the_first_answer_other_than_allow_counts(self) -> None:
        seen: list[Any] = []
        callbacks = EnforcementCallbacks()
        made = [recorder(seen, action) for action in (ALLOW, WARN, BLOCK)]
        for callback in made:
            callbacks.register(callback)
        assert callbacks.check(context()) is WARN
        assert seen == [ALLOW, WARN]
        callbacks.unregister(made[1])
        callbacks.unregister(made[1])
        assert callbacks.check(context()) is BLOCK
        assert callbacks.get_stats() == {
            "registered_callbacks": 2,
            "total_checks": 2,
            "failures": 0,
        }
        callbacks.clear()
        assert callbacks.check(context(100, True)) is ALLOW
        assert callbacks.callbacks == []

    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            (BLOCK, (BLOCK, None)),
            ("block", (BLOCK, None)),
            (("block", "no money"), (BLOCK, "no money")),
            ((DEGRADE, "cheaper"), (DEGRADE, "cheaper")),
            (("allow", None), (ALLOW, None)),
            ({"action": "block", "message": "no money"}, (BLOCK, "no money")),
            (None, (ALLOW, None)),
        ],
    )
    def test_forms_of_an_answer(self, answer: Any, expected: tuple[Any, str | None]) -> None:
        callbacks = EnforcementCallbacks(on_budget_check=lambda ctx: answer)
        action, message = callbacks.check_budget(context())
        assert action is expected[0]
        if expected[1] is not None:
            assert message == expected[1]

    def test_actions_are_their_names(self) -> None:
        action, message = EnforcementCallbacks(
            on_budget_check=lambda ctx: ("block", "Upgrade to Pro")
        ).check_budget(context())
        assert (action == "block", message) == (True, "Upgrade to Pro")

    def test_without_callbacks_the_budget_decides(self) -> None:
        callbacks = EnforcementCallbacks()
        assert callbacks.check_budget(context(50)) == (ALLOW, None)
        action, message = callbacks.check_budget(context(95))
        assert action is WARN
        assert message is not None
        assert "95%" in message
        assert callbacks.check_budget(context(100, True))[0] is BLOCK

    def test_asynchronous_callbacks(self) -> None:
        async def decide(ctx: EnforcementContext) -> str:
            await asyncio.sleep(0)
            return "degrade"

        callbacks = EnforcementCallbacks()
        callbacks.register(decide)
        assert callbacks.check(context()) is DEGRADE

        async def inside() -> tuple[EnforcementAction, EnforcementAction]:
            return callbacks.check(context()), (await callbacks.check_async(context()))[0]

        assert asyncio.run(inside()) == (DEGRADE, DEGRADE)

    def test_one_that_raises_is_logged_and_passed_over(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        def broken(ctx: EnforcementContext) -> str:
            raise RuntimeError("the billing service is down")

        callbacks = EnforcementCallbacks()
        callbacks.register(broken)
        callbacks.register(lambda ctx: "warn")
        with caplog.at_level(logging.ERROR, "cascadeflow.telemetry.enforcement"):
            assert callbacks.check(context()) is WARN
        assert "the billing service is down" in caplog.text
        assert callbacks.get_stats()["failures"] == 1

    def test_one_that_raises_blocks_where_that_was_chosen(self) -> None:
        def broken(ctx: EnforcementContext) -> str:
            raise RuntimeError("down")

        callbacks = EnforcementCallbacks(on_budget_check=broken, fail_open=False)
        assert callbacks.check(context()) is BLOCK

    @pytest.mark.parametrize("answer", [5, "refuse", ("block", 7), object(), {"do": "block"}])
    def test_an_answer_that_is_none_is_a_failure(
        self, answer: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        assert EnforcementCallbacks(on_budget_check=lambda ctx: answer).check(context()) is ALLOW
        closed = EnforcementCallbacks(on_budget_check=lambda ctx: answer, fail_open=False)
        assert closed.check(context()) is BLOCK
        assert "Enforcement callback failed" in caplog.text

    def test_one_that_takes_too_long_is_a_failure(self) -> None:
        async def slow(ctx: EnforcementContext) -> str:
            await asyncio.sleep(60)
            return "allow"

        callbacks = EnforcementCallbacks(on_budget_check=slow, time_limit=0.05, fail_open=False)
        assert callbacks.check(context()) is BLOCK
        assert callbacks.get_stats()["failures"] == 1

    def test_checks_call_plain_ones_on_the_callers_thread(self) -> None:
        threads: list[Any] = []
        callbacks = EnforcementCallbacks(lambda ctx: threads.append(threading.get_ident()))

        async def check() -> None:
            callbacks.check(context())
            CostTracker(enforcement_callbacks=callbacks).can_afford("ada", 1.0)

        callbacks.check(context())
        asyncio.run(check())
        assert threads == [threading.get_ident()] * 3

    def test_the_first_parameter_may_be_verbose(self) -> None:
        callbacks = EnforcementCallbacks(True)
        assert (callbacks.verbose, callbacks.on_budget_check) == (True, None)

    def test_what_cannot_be_called_is_refused(self) -> None:
        callbacks = EnforcementCallbacks()
        with pytest.raises(ConfigError, match="cannot be called"):
            callbacks.register(5)  # type: ignore[arg-type]
        with pytest.raises(ConfigError) as raised:
            EnforcementCallbacks(on_model_filter="cheap")  # type: ignore[arg-type]
        assert raised.value.field == "on_model_filter"
