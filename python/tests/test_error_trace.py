"""An exception of a run tells what was decided before it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from conftest import QUESTION, agent_of, fake

from cascadeflow.schema import exceptions
from cascadeflow.telemetry import BudgetConfig, CostTracker


def failing(model: str) -> Any:
    return "" if model == "small" else exceptions.cascadeflowError("down")


def test_a_failed_run_tells_every_decision_in_the_form_of_a_result() -> None:
    agent = agent_of(fake(failing))
    with pytest.raises(exceptions.cascadeflowError) as caught:
        asyncio.run(agent.run(QUESTION))
    stages = [step["stage"] for step in caught.value.trace]
    assert stages == ["analyse", "route", "call", "judge", "escalate", "call"]
    result = asyncio.run(agent_of(fake()).run(QUESTION))
    assert set(caught.value.trace[0]) == set(result.trace[0])

    async def last() -> Any:
        return [event async for event in agent.stream_events(QUESTION)][-1]

    told = asyncio.run(last()).data["trace"]
    assert [step["decision"] for step in told] == [s["decision"] for s in caught.value.trace]


def test_a_refused_budget_tells_who_refused() -> None:
    budgets = {"ada": BudgetConfig(daily=1e-9)}
    tracker = CostTracker(user_budgets=budgets, enforcement_mode="block")
    agent = agent_of(fake(), cost_tracker=tracker)
    with pytest.raises(exceptions.BudgetExceededError) as caught:
        asyncio.run(agent.run(QUESTION, user_id="ada"))
    assert (caught.value.trace[-1]["stage"], caught.value.trace[-1]["decision"]) == (
        "budget",
        "block",
    )


def test_an_exception_from_before_a_run_tells_nothing() -> None:
    with pytest.raises(exceptions.ValidationError) as caught:
        asyncio.run(agent_of(fake()).run(""))
    assert caught.value.trace == ()
