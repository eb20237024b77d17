"""Agents that are held to budgets: nothing gets past, however many ask at once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from spending_support import CHEAP, DEAR, NOON, Clock, agent, metered

from cascadeflow import BudgetExceededError, CascadeAgent, ConfigError, ModelConfig, RateLimitError
from cascadeflow.telemetry import (
    BudgetConfig,
    CostTracker,
    EnforcementCallbacks,
    EnforcementContext,
    graceful_degradation,
    strict_budget_enforcement,
)

ASKED = "Say something about the sea please"
BUDGET = 0.01


def blocking(**options: Any) -> CostTracker:
    options.setdefault("user_budgets", {"ada": BudgetConfig(daily=BUDGET)})
    return CostTracker(enforcement_mode="block", **options)


@pytest.fixture(params=["memory", "sqlite"])
def tracker(request: pytest.FixtureRequest, tmp_path: Path) -> CostTracker:
    return blocking(store=None if request.param == "memory" else tmp_path / "ledger.db")


def judge(tracker: CostTracker, outcomes: list[Any], calls: int) -> None:
    answered = [it for it in outcomes if not isinstance(it, BaseException)]
    refused = [it for it in outcomes if isinstance(it, BudgetExceededError)]
    assert len(answered) + len(refused) == len(outcomes), outcomes
    assert 0 < len(answered) <= 10
    assert calls == len(answered)
    spent = tracker.get_user_summary("ada")["total_cost"]
    assert spent == pytest.approx(sum(result.total_cost for result in answered))
    assert 0 < spent <= BUDGET
    daily = tracker.get_user_summary("ada")["period_costs"]["daily"]
    assert daily["reserved"] == 0


class TestParallel:
    def test_two_hundred_tasks_on_a_budget_for_ten(self, tracker: CostTracker) -> None:
        provider = metered(0.002)
        asked = agent(tracker)

        async def many() -> list[Any]:
            runs = (asked.run(ASKED, user_id="ada") for _ in range(200))
            return await asyncio.gather(*runs, return_exceptions=True)

        judge(tracker, asyncio.run(many()), len(provider.calls))

    def test_two_hundred_calls_of_threads(self, tracker: CostTracker) -> None:
        provider = metered(0.002)
        asked = agent(tracker)

        def one(_: int) -> Any:
            try:
                return asked.run_sync(ASKED, user_id="ada")
            except Exception as error:
                return error

        with ThreadPoolExecutor(20) as threads:
            outcomes = list(threads.map(one, range(200)))
        judge(tracker, outcomes, len(provider.calls))

    def test_streams_and_batches_are_held_too(self, tracker: CostTracker) -> None:
        provider = metered()
        asked = agent(tracker)

        async def stream() -> Any:
            last = None
            async for event in asked.stream_events(ASKED, user_id="ada"):
                last = event
            assert last is not None
            if last.type.value == "error":
                return BudgetExceededError(last.content) if last.data["kind"] == "budget" else last
            return last.result

        async def many() -> list[Any]:
            streams = await asyncio.gather(*(stream() for _ in range(20)))
            batch = await asked.run_batch([ASKED] * 20, user_id="ada")
            refused = [error for error in batch.errors if error is not None]
            answered = [result for result in batch.results if result is not None]
            failures = [BudgetExceededError(str(error)) for error in refused]
            return [*streams, *answered, *failures]

        judge(tracker, asyncio.run(many()), len(provider.calls))


PROCESS = """
    import asyncio, sys
    sys.path.insert(0, sys.argv[2])
    from spending_support import agent, metered
    from cascadeflow import BudgetExceededError
    from cascadeflow.telemetry import BudgetConfig, CostTracker

    async def main():
        metered(0.002)
        tracker = CostTracker(
            user_budgets={"ada": BudgetConfig(daily=0.01)}, enforcement_mode="block",
            store=sys.argv[1],
        )
        asked = agent(tracker)
        runs = (asked.run("Say something about the sea please", user_id="ada") for _ in range(70))
        found = await asyncio.gather(*runs, return_exceptions=True)
        wrong = [it for it in found
                 if isinstance(it, BaseException) and not isinstance(it, BudgetExceededError)]
        assert not wrong, wrong[:2]
        tracker.flush()
        print(sum(not isinstance(it, BaseException) for it in found))

    asyncio.run(main())
"""


def test_three_processes_on_one_file(tmp_path: Path) -> None:
    store = tmp_path / "ledger.db"
    script = textwrap.dedent(PROCESS)
    command = [sys.executable, "-c", script, str(store), str(Path(__file__).parent)]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    ended = [process.communicate(timeout=100) for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], ended
    answered = sum(int(out) for out, _ in ended)
    assert 0 < answered <= 10
    tracker = blocking(store=store)
    assert tracker.total_cost == pytest.approx(answered * 0.001)
    daily = tracker.get_user_summary("ada")["period_costs"]["daily"]
    assert (daily["reserved"], daily["exceeded"]) == (0, False)


class TestRuns:
    def test_every_call_is_booked(self) -> None:
        metered()
        tracker = CostTracker()
        asked = agent(tracker, CHEAP, DEAR)
        assert asked.cost_tracker is tracker
        result = asked.run_sync(
            ASKED, user_id="ada", user_tier="pro", session_id="s1", metadata={"team": "sea"}
        )
        assert tracker.total_cost == pytest.approx(result.total_cost)
        entry = tracker.entries[0]
        assert (entry.user_id, entry.user_tier, entry.session_id) == ("ada", "pro", "s1")
        assert (entry.provider, entry.role, entry.metadata) == ("openai", "draft", {"team": "sea"})
        assert tracker.get_users_by_tier("pro") == ["ada"]

    def test_an_agent_without_a_tracker(self) -> None:
        metered()
        assert agent(None).cost_tracker is None

    def test_budgets_of_a_configuration(self) -> None:
        metered()
        config = {
            "models": [{"name": "gpt-4o", "provider": "openai", "cost": 0.005, "max_tokens": 200}],
            "budgets": {"user_budgets": {"ada": {"daily": 0.003}}, "enforcement_mode": "block"},
        }
        asked = CascadeAgent.from_config(config)
        asked.run_sync(ASKED, user_id="ada")
        with pytest.raises(BudgetExceededError):
            for _ in range(3):
                asked.run_sync(ASKED, user_id="ada")
        assert asked.cost_tracker is not None
        assert 0.001 <= asked.cost_tracker.by_user["ada"] <= 0.003
        with pytest.raises(ConfigError, match="cannot be negative"):
            CascadeAgent.from_config({**config, "budgets": {"user_budgets": {"a": {"daily": -1}}}})

    def test_what_is_no_tracker_is_refused(self) -> None:
        metered()
        with pytest.raises(ConfigError) as raised:
            agent("mine")  # type: ignore[arg-type]
        assert raised.value.field == "cost_tracker"
        with pytest.raises(ConfigError) as raised:
            agent(None, callbacks=print)  # type: ignore[arg-type]
        assert raised.value.field == "enforcement_callbacks"

    def test_the_default_mode_refuses_nothing(self) -> None:
        metered()
        budget = BudgetConfig(daily=0.0015, requests_per_day=1)
        tracker = CostTracker(user_budgets={"ada": budget})
        asked = agent(tracker)
        for _ in range(5):
            asked.run_sync(ASKED, user_id="ada")
        assert tracker.total_cost == pytest.approx(0.005)
        assert not tracker.can_afford("ada", 0.001)

    def test_the_error_tells_limit_use_and_time(self) -> None:
        metered()
        clock = Clock()
        tracker = blocking(clock=clock)
        tracker.add_cost("gpt-4o", "openai", 100, 0.0099, user_id="ada")
        with pytest.raises(BudgetExceededError) as raised:
            agent(tracker).run_sync(ASKED, user_id="ada")
        error = raised.value
        assert (error.limit, error.used, error.remaining) == (0.01, 0.0099, pytest.approx(0.0001))
        assert (error.window, error.measure) == ("day", "cost")
        assert (error.owner_kind, error.owner_id) == ("user", "ada")
        assert error.reset_time == NOON + 43200
        assert error.retry_after == 43200
        assert (error.kind, error.field) == ("budget", "daily")
        assert error.hint is not None

    def test_limits_of_requests_and_tokens(self) -> None:
        metered()
        clock = Clock()
        tracker = blocking(user_budgets={"ada": BudgetConfig(requests_per_hour=2)}, clock=clock)
        asked = agent(tracker)
        for _ in range(2):
            asked.run_sync(ASKED, user_id="ada")
        with pytest.raises(RateLimitError) as raised:
            asked.run_sync(ASKED, user_id="ada")
        assert (raised.value.limit, raised.value.used, raised.value.measure) == (2, 2, "requests")
        assert raised.value.retry_after == 3600
        clock.now += 3600
        asked.run_sync(ASKED, user_id="ada")

    def test_a_new_day_is_a_new_budget(self) -> None:
        metered()
        clock = Clock()
        tracker = blocking(clock=clock)
        asked = agent(tracker)

        def answered() -> int:
            count = 0
            while count < 50:
                try:
                    asked.run_sync(ASKED, user_id="ada")
                except BudgetExceededError:
                    return count
                count += 1
            return count

        first = answered()
        assert 0 < first <= 10
        clock.now += 43199
        assert answered() == 0
        clock.now += 1
        assert answered() == first

    def test_degrading_asks_the_cheapest_before_anything_is_refused(self) -> None:
        provider = metered()
        tracker = CostTracker(
            user_budgets={"ada": BudgetConfig(daily=1.0)}, enforcement_mode="degrade"
        )
        asked = agent(tracker, CHEAP, DEAR, enable_cascade=False)
        asked.run_sync(ASKED, user_id="ada")
        assert provider.calls == ["gpt-4o"]
        tracker.add_cost("gpt-4o", "openai", 100, 0.95, user_id="ada")
        asked.run_sync(ASKED, user_id="ada")
        assert provider.calls == ["gpt-4o", "gpt-4o-mini"]
        tracker.add_cost("gpt-4o", "openai", 100, 0.05, user_id="ada")
        with pytest.raises(BudgetExceededError):
            asked.run_sync(ASKED, user_id="ada")

    def test_a_free_model_passes_when_nothing_is_left(self) -> None:
        provider = metered()
        free = ModelConfig(name="local", provider="openai", cost=0.0, max_tokens=200)
        tracker = blocking(user_budgets={"ada": BudgetConfig(daily=0)})

        class Free(provider):  # type: ignore[misc, valid-type]
            async def _complete_impl(self, **kwargs: Any) -> Any:
                answer = await super()._complete_impl(**kwargs)
                answer.cost = 0.0
                return answer

        import cascadeflow

        cascadeflow.PROVIDER_REGISTRY["openai"] = Free
        assert agent(tracker, free).run_sync(ASKED, user_id="ada").total_cost == 0


class TestCallbacks:
    def test_a_block_counts_in_every_mode(self) -> None:
        provider = metered()

        def check(ctx: EnforcementContext) -> Any:
            return ("block", "Upgrade to Pro") if ctx.user_tier == "free" else "allow"

        callbacks = EnforcementCallbacks(on_budget_check=check)
        tracker = CostTracker(enforcement_callbacks=callbacks)
        asked = agent(tracker)
        asked.run_sync(ASKED, user_id="ada", user_tier="pro")
        with pytest.raises(BudgetExceededError, match="Upgrade to Pro"):
            asked.run_sync(ASKED, user_id="ada", user_tier="free")
        assert len(provider.calls) == 1

    def test_they_are_told_how_the_budget_stands(self) -> None:
        metered()
        told: list[EnforcementContext] = []

        def check(ctx: EnforcementContext) -> None:
            told.append(ctx)

        tracker = CostTracker(
            user_budgets={"ada": BudgetConfig(daily=1.0)},
            enforcement_callbacks=EnforcementCallbacks(on_budget_check=check),
        )
        tracker.add_cost("gpt-4o", "openai", 100, 0.25, user_id="ada")
        agent(tracker).run_sync(ASKED, user_id="ada", metadata={"plan": 7})
        [ctx] = told
        assert (ctx.user_id, ctx.budget_limit, ctx.budget_used) == ("ada", 1.0, 0.25)
        assert (ctx.budget_used_pct, ctx.budget_pct_used, ctx.period_name) == (25.0, 0.25, "daily")
        assert (ctx.model, ctx.query, ctx.metadata) == ("gpt-4o", ASKED, {"plan": 7})
        assert ctx.total_requests == 1
        assert ctx.estimated_cost > 0

    @pytest.mark.parametrize("form", ["plain", "asynchronous"])
    def test_models_are_filtered(self, form: str) -> None:
        provider = metered()

        def plain(ctx: EnforcementContext, models: list[ModelConfig]) -> list[ModelConfig]:
            return [model for model in models if model.cost is not None and model.cost < 0.001]

        async def asynchronous(ctx: EnforcementContext, models: list[ModelConfig]) -> Any:
            await asyncio.sleep(0)
            return plain(ctx, models)

        hooks: dict[str, Callable[..., Any]] = {"plain": plain, "asynchronous": asynchronous}
        callbacks = EnforcementCallbacks(on_model_filter=hooks[form])
        asked = agent(None, CHEAP, DEAR, callbacks=callbacks, enable_cascade=False)
        asyncio.run(asked.run(ASKED))
        asked.run_sync(ASKED)
        assert provider.calls == ["gpt-4o-mini"] * 2

    def test_asynchronous_ones_are_awaited_in_the_callers_task(self) -> None:
        metered()
        tasks: list[Any] = []

        async def check(ctx: EnforcementContext) -> str:
            await asyncio.sleep(0)
            tasks.append(asyncio.current_task())
            return "allow"

        asked = agent(None, callbacks=EnforcementCallbacks(on_budget_check=check))

        async def run() -> Any:
            await asked.run(ASKED)
            return asyncio.current_task()

        assert [asyncio.run(run())] == tasks

    @pytest.mark.parametrize("hook", ["on_budget_check", "on_model_filter"])
    def test_a_plain_one_that_blocks_holds_up_nobody(self, hook: str) -> None:
        metered()
        release = threading.Event()

        def stuck(*arguments: Any) -> str:
            release.wait(60)
            return "allow"

        hooks: Any = {hook: stuck}
        callbacks = EnforcementCallbacks(**hooks, time_limit=0.05, fail_open=False)
        free = agent(None)

        async def run() -> list[Any]:
            blocked = asyncio.create_task(agent(None, callbacks=callbacks).run(ASKED))
            other = await free.run(ASKED)
            return [other, *await asyncio.gather(blocked, return_exceptions=True)]

        try:
            other, blocked = asyncio.run(run())
        finally:
            release.set()
        assert other.content
        assert isinstance(blocked, BudgetExceededError)

    def test_a_plain_one_may_return_what_is_awaited(self) -> None:
        metered()

        async def no(ctx: EnforcementContext) -> tuple[str, str]:
            return "block", "no"

        callbacks = EnforcementCallbacks(on_budget_check=lambda ctx: no(ctx))
        with pytest.raises(BudgetExceededError, match="no"):
            agent(None, callbacks=callbacks).run_sync(ASKED)

    def test_those_of_tracker_and_agent_are_both_asked_once(self) -> None:
        metered()
        asked_of: list[str] = []
        own = EnforcementCallbacks(on_budget_check=lambda ctx: asked_of.append("tracker"))
        other = EnforcementCallbacks(on_budget_check=lambda ctx: asked_of.append("agent"))
        tracker = CostTracker(enforcement_callbacks=own)
        agent(tracker, callbacks=other).run_sync(ASKED)
        assert asked_of == ["tracker", "agent"]
        agent(tracker, callbacks=own).run_sync(ASKED)
        assert asked_of == ["tracker", "agent", "tracker"]

    def test_warnings_are_told_once_a_threshold(self) -> None:
        metered()
        heard: list[float] = []
        callbacks = EnforcementCallbacks(
            on_budget_warning=lambda ctx: heard.append(ctx.budget_used)
        )
        tracker = CostTracker(
            user_budgets={"ada": BudgetConfig(daily=0.005)}, enforcement_callbacks=callbacks
        )
        asked = agent(tracker)
        for _ in range(7):
            asked.run_sync(ASKED, user_id="ada")
        assert heard == [0.004, 0.005]

    def test_the_ready_made_ones(self) -> None:
        provider = metered()
        tracker = CostTracker(user_budgets={"ada": BudgetConfig(daily=1.0)})
        graceful = EnforcementCallbacks()
        graceful.register(graceful_degradation)
        asked = agent(tracker, CHEAP, DEAR, callbacks=graceful, enable_cascade=False)
        tracker.add_cost("gpt-4o", "openai", 100, 0.95, user_id="ada")
        asked.run_sync(ASKED, user_id="ada")
        assert provider.calls == ["gpt-4o-mini"]
        strict = EnforcementCallbacks()
        strict.register(strict_budget_enforcement)
        tracker.add_cost("gpt-4o", "openai", 100, 0.1, user_id="ada")
        with pytest.raises(BudgetExceededError):
            agent(tracker, callbacks=strict).run_sync(ASKED, user_id="ada")
