"""Checks of users: every form they may take, and every way they may fail."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import threading
from collections.abc import Callable
from typing import Any

import pytest
from conftest import ANSWER, QUESTION, agent_of, fake

from cascadeflow import CascadeAgent, CheckOutcome, Draft
from cascadeflow.schema import exceptions

VERIFIED = "The capital of France is the city of Paris."
OTHER = "What is the capital of Italy?"


def two_models(model: str) -> str:
    return ANSWER if model == "small" else VERIFIED


def agent_with(*checks: Any, **options: Any) -> CascadeAgent:
    """An agent whose drafts pass the judge's own checks."""
    return agent_of(fake(two_models), quality_checks=checks, **options)


def returning(value: Any) -> Callable[[Draft], Any]:
    def mine(draft: Draft) -> Any:
        return value

    return mine


def resolving(value: Any) -> Callable[[Draft], Any]:
    async def mine(draft: Draft) -> Any:
        await asyncio.sleep(0)
        return value

    return mine


def verdict_of(result: Any) -> dict[str, Any]:
    """The judgement of the first attempt."""
    verdict: dict[str, Any] = result.attempts[0]["verdict"]
    return verdict


def finding(result: Any, name: str = "mine") -> dict[str, Any]:
    """What the check `name` said of the first attempt."""
    return next(check for check in verdict_of(result)["checks"] if check["check"] == name)


OUTCOMES: list[tuple[Any, bool, float | None, str]] = [
    (True, True, None, ""),
    (False, False, None, "check `mine` did not pass"),
    (0.25, True, 0.25, ""),
    (1, True, 1.0, ""),
    (0.2, False, 0.2, "score 0.20 of check `mine` is below 0.25"),
    ((True, None), True, None, ""),
    ((False, "no source"), False, None, "no source"),
    ((0.1, "no source"), False, 0.1, "no source"),
    ({"passed": False, "reason": "no source"}, False, None, "no source"),
    ({"passed": True, "score": 0.75}, True, 0.75, ""),
    (CheckOutcome(True), True, None, ""),
    (CheckOutcome(False, 0.2, "no source"), False, 0.2, "no source"),
]


@pytest.mark.parametrize("make", [returning, resolving])
@pytest.mark.parametrize(("value", "passed", "score", "reason"), OUTCOMES)
def test_outcomes(make: Any, value: Any, passed: bool, score: float | None, reason: str) -> None:
    agent = agent_with(make(value))
    results = [asyncio.run(agent.run(QUESTION)), agent.run_sync(QUESTION)]
    for result in results:
        found = finding(result)
        assert found == {"check": "mine", "passed": passed} | (
            {} if score is None else {"score": score}
        ) | ({"reason": reason} if reason else {})
        assert result.draft_accepted is passed
        assert result.content == (ANSWER if passed else VERIFIED)
        assert ("mine" in verdict_of(result)["reason"]) is not passed
        # Rejected or not, the draft is paid for.
        assert len(result.attempts) == (1 if passed else 2)


@pytest.mark.parametrize("make", [returning, resolving])
@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "returned the wrong type: `null`"),
        ("yes", "returned the wrong type: `string`"),
        (object(), "returned the wrong type: `object`"),
        ((True,), "returned a list of 1 instead of two"),
        ((True, 5), "returned a reason of the wrong type"),
        ({"score": 0.5}, "returned an object whose `passed` is no boolean"),
        (1.5, "returned a score out of range: `1.5`"),
        (-0.1, "returned a score out of range: `-0.1`"),
        (float("nan"), "returned the wrong type"),
        (CheckOutcome(passed=None), "returned an object whose `passed` is no boolean"),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_outcome_is_a_failed_check(make: Any, value: Any, told: str) -> None:
    result = asyncio.run(agent_with(make(value)).run(QUESTION))
    assert finding(result)["reason"].startswith(f"check `mine` {told}")
    assert not result.draft_accepted
    assert result.content == VERIFIED


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize(
    "error", [KeyError("source"), exceptions.ValidationError("broken"), ZeroDivisionError()]
)
def test_an_exception_is_a_failed_check(asynchronous: bool, error: Exception) -> None:
    async def later(draft: Draft) -> bool:
        await asyncio.sleep(0)
        raise error

    def now(draft: Draft) -> bool:
        raise error

    later.__name__ = now.__name__ = "mine"
    agent = agent_with(later if asynchronous else now)
    for result in (asyncio.run(agent.run(QUESTION)), agent.run_sync(QUESTION)):
        reason = finding(result)["reason"]
        assert reason.startswith(f"check `mine` raised `{type(error).__name__}`")
        assert str(error) in reason
        assert result.content == VERIFIED


def test_a_cancellation_ends_the_run() -> None:
    started = asyncio.Event()
    ended: list[str] = []

    async def mine(draft: Draft) -> bool:
        started.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("check")
        return True

    async def main() -> None:
        task = asyncio.create_task(agent_with(mine).run(QUESTION))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert ended == ["check"]


def test_a_deadline_ends_a_check() -> None:
    async def mine(draft: Draft) -> bool:
        await asyncio.sleep(60)
        return True

    with pytest.raises(exceptions.TimeoutError):
        asyncio.run(agent_with(mine, deadline=0.05).run(QUESTION))


def test_what_a_check_is_given() -> None:
    seen: list[Draft] = []

    def mine(draft: Draft) -> bool:
        seen.append(draft)
        return True

    agent = agent_with(mine)
    agent.run_sync(QUESTION, quality_threshold=0.3, complexity_hint="simple")
    assert seen == [Draft(QUESTION, ANSWER, "simple", "small", (), None, 0.3)]
    with pytest.raises(AttributeError):
        seen[0].content = "changed"  # type: ignore[misc]
    # What is required in the end, here by the agent's configuration.
    agent.run_sync(QUESTION)
    assert seen[1].threshold == 0.25
    # Nothing is required of a step without a threshold.
    agent.run_sync(QUESTION, strategy=strategy())
    assert seen[2].threshold is None


def test_tool_calls_are_shown() -> None:
    from cascadeflow import ModelResponse

    seen: list[Draft] = []

    def mine(draft: Draft) -> bool:
        seen.append(draft)
        return True

    tools = [{"name": "weather", "description": "", "parameters": {"type": "object"}}]
    call = {"id": "1", "name": "weather", "arguments": {"city": "Paris"}}
    provider = fake(
        lambda model: ModelResponse("", model, tool_calls=[call], finish_reason="tool_calls")
    )
    agent = agent_of(provider, quality_checks=[mine])
    agent.run_sync("What is the weather in Paris?", tools=tools)
    assert seen[0].tool_calls[0]["name"] == "weather"
    assert seen[0].tool_calls[0]["arguments"] == {"city": "Paris"}
    assert seen[0].finish_reason == "tool_calls"


def test_checks_run_in_the_callers_task() -> None:
    token: contextvars.ContextVar[str] = contextvars.ContextVar("token")
    seen: list[Any] = []

    async def waits(draft: Draft) -> bool:
        await asyncio.sleep(0.001)
        seen.append((asyncio.current_task(), token.get(), threading.get_ident()))
        return True

    def plain(draft: Draft) -> bool:
        seen.append((asyncio.current_task(), token.get(), threading.get_ident()))
        return True

    async def main() -> None:
        token.set("caller's")
        await agent_with(waits, plain).run(QUESTION)
        assert seen == [(asyncio.current_task(), "caller's", threading.get_ident())] * 2

    asyncio.run(main())


class Named:
    """A check as an object."""

    name = "cites-a-source"

    def __init__(self, passes: Any) -> None:
        self.passes = passes
        self.asked = 0

    def check(self, draft: Draft) -> Any:
        self.asked += 1
        return self.passes


class Called:
    """An object that is called."""

    name = "called"

    async def __call__(self, draft: Draft) -> bool:
        return "Paris" in draft.content


def test_objects_and_several_checks() -> None:
    first, second = Named(True), Named(False)
    second.name = "second"
    result = agent_with(first, second, Called()).run_sync(QUESTION)
    names = [check["check"] for check in verdict_of(result)["checks"]]
    assert names[-3:] == ["cites-a-source", "second", "called"]
    assert finding(result, "called")["passed"]
    assert verdict_of(result)["reason"] == "Failed checks: second (complexity: trivial)"
    # Each once: the verifier's answer is not judged.
    assert (first.asked, second.asked) == (1, 1)


class NoName:
    def check(self, draft: Draft) -> bool:
        return True


@pytest.mark.parametrize(
    ("checks", "field", "told"),
    [
        ([5], "quality_checks[0]", "no check: `int`"),
        ([returning(True), lambda draft: True], "quality_checks[1]", "without a name"),
        ([functools.partial(returning, True)], "quality_checks[0]", "without a name"),
        ([NoName()], "quality_checks[0]", "without a name"),
        ([Named], "quality_checks[0]", "a class: `Named`"),
        (5, "quality_checks", "no list of checks"),
        ({"mine": True}, "quality_checks", "no list of checks"),
        ([returning(True), returning(True)], "quality_checks", "two quality checks have one name"),
    ],
)
def test_wrong_checks(checks: Any, field: str, told: str) -> None:
    with pytest.raises(exceptions.ConfigError) as caught:
        agent_of(quality_checks=checks)
    assert caught.value.field == field
    assert told in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("name", ["quality", "none"])
def test_names_that_mean_something_else(name: str) -> None:
    check = Named(True)
    check.name = name
    with pytest.raises(exceptions.ConfigError, match=name) as caught:
        agent_of(quality_checks=[check])
    assert caught.value.field == "quality_checks"


def strategy(**step: Any) -> dict[str, Any]:
    first = {"name": "first", "models": ["small"], "validator": "mine", **step}
    return {
        "name": "careful",
        "steps": [first, {"name": "last", "models": ["big"], "validator": "none"}],
    }


@pytest.mark.parametrize("make", [returning, resolving])
@pytest.mark.parametrize(
    ("value", "step", "reason"),
    [
        (True, {}, None),
        (0.5, {}, None),
        (0.4, {}, "score 0.40 of check `mine` is below 0.50"),
        (0.7, {"threshold": 0.6}, None),
        (0.7, {"threshold": 0.8}, "score 0.70 of check `mine` is below 0.80"),
        ((False, "no source"), {}, "no source"),
        (False, {}, "check `mine` did not pass"),
        ("yes", {}, "the judge failed: check `mine` returned the wrong type: `string`"),
    ],
)
def test_as_the_validator_of_a_step(
    make: Any, value: Any, step: dict[str, Any], reason: str | None
) -> None:
    result = asyncio.run(agent_with(make(value)).run(QUESTION, strategy=strategy(**step)))
    assert [attempt["step"] for attempt in result.attempts] == (
        ["first"] if reason is None else ["first", "last"]
    )
    assert result.content == (ANSWER if reason is None else VERIFIED)
    if reason is not None:
        assert verdict_of(result)["reason"] == reason


def test_a_step_that_names_no_check() -> None:
    with pytest.raises(exceptions.RoutingError, match="unknown validator: `other`"):
        agent_with(returning(True)).run_sync(QUESTION, strategy=strategy(validator="other"))


def test_a_draft_set_is_checked_one_by_one() -> None:
    seen: list[str] = []

    async def mine(draft: Draft) -> bool:
        await asyncio.sleep(0)
        seen.append(draft.model)
        return draft.model == "big"

    result = agent_with(mine).run_sync(
        QUESTION, strategy=strategy(models=["small", "big"], validator="quality")
    )
    assert sorted(seen) == ["big", "small"]
    assert result.content == VERIFIED
    assert [attempt["outcome"] for attempt in result.attempts] == ["rejected", "accepted"]


@pytest.mark.parametrize("make", [returning, resolving])
@pytest.mark.parametrize("passes", [True, False])
@pytest.mark.parametrize("policy", ["buffer", "optimistic"])
def test_streams_give_what_runs_give(make: Any, passes: bool, policy: str) -> None:
    agent = agent_with(make(passes), stream_policy=policy)

    async def stream() -> list[Any]:
        return [event async for event in agent.stream_events(QUESTION)]

    for events in (asyncio.run(stream()), list(agent.stream_sync(QUESTION))):
        decision = next(event for event in events if event.type.value == "draft_decision")
        assert decision.data["checks"]["mine"] is passes
        assert decision.data["accepted"] is passes
        assert events[-1].result.content.strip() == (ANSWER if passes else VERIFIED)
        assert ("switch" in [event.type.value for event in events]) is not passes


@pytest.mark.parametrize("asynchronous", [False, True])
def test_batches(asynchronous: bool) -> None:
    def body(draft: Draft) -> bool:
        if draft.query == OTHER:
            raise ValueError("not this one")
        return True

    async def later(draft: Draft) -> bool:
        await asyncio.sleep(0.001)
        return body(draft)

    body.__name__ = later.__name__ = "mine"
    agent = agent_with(later if asynchronous else body)
    batch = asyncio.run(agent.run_batch([QUESTION, OTHER, QUESTION]))
    assert [result.draft_accepted for result in batch.results] == [True, False, True]
    assert "raised `ValueError`: not this one" in finding(batch.results[1])["reason"]


def test_checks_of_an_agent_made_from_data_and_after_a_change() -> None:
    agent_of(fake(two_models))
    config = {
        "models": [
            {"name": "small", "provider": "openai", "cost": "0.001"},
            {"name": "big", "provider": "openai", "cost": "0.01"},
        ]
    }
    agent = CascadeAgent.from_config(config, quality_checks=iter([returning(False)]))
    assert not agent.run_sync(QUESTION).draft_accepted
    agent.update_quality_threshold(0.1)
    assert not agent.run_sync(QUESTION).draft_accepted
