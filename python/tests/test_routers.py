"""Routers of users: every form they may take, and every way they may fail."""

from __future__ import annotations

import asyncio
import contextvars
from typing import Any

import pytest
from conftest import ANSWER, QUESTION, agent_of, fake

from cascadeflow import CascadeAgent, RouteRequest
from cascadeflow.schema import exceptions

VERIFIED = "The capital of France is the city of Paris."


def two_models(model: str) -> str:
    return ANSWER if model == "small" else VERIFIED


def agent_with(router: Any = None, **options: Any) -> CascadeAgent:
    return agent_of(fake(two_models), router=router, **options)


def returning(value: Any) -> Any:
    def mine(request: RouteRequest) -> Any:
        return value

    return mine


def resolving(value: Any) -> Any:
    async def mine(request: RouteRequest) -> Any:
        await asyncio.sleep(0)
        return value

    return mine


STEPS = {"steps": [{"model": "small", "gate": "open"}]}
PLANS: list[tuple[Any, str, str]] = [
    ("big", "direct", "big"),
    (["small", "big"], "cascade", "small"),
    (("big", "small"), "cascade", "big"),
    ({"model": "big", "reason": "mine"}, "direct", "big"),
    ({"models": ["small", "big"], "threshold": 0.1}, "cascade", "small"),
    (STEPS, "strategy", "small"),
]


@pytest.mark.parametrize(("plan", "route", "model"), PLANS)
@pytest.mark.parametrize("made", [returning, resolving])
def test_every_form_of_a_plan_is_followed(made: Any, plan: Any, route: str, model: str) -> None:
    agent = agent_with(made(plan))
    for result in (asyncio.run(agent.run(QUESTION)), agent.run_sync(QUESTION)):
        assert (result.routing_strategy, result.answer_model) == (route, model)
    assert result.reason == ("mine" if "reason" in plan else "decided by router `mine`")
    decided = next(step for step in result.trace if step["stage"] == "route")
    assert decided["rule"] == "custom_router"


def test_nothing_leaves_the_query_to_the_next_router_and_then_to_the_standard_one() -> None:
    asked: list[str] = []

    def first(request: RouteRequest) -> None:
        asked.append("first")

    class Second:
        name = "second"

        def route(self, request: RouteRequest) -> str | None:
            asked.append(self.name)
            return "big" if "France" in request.query else None

    agent = agent_with(first, routers=[Second()])
    assert asyncio.run(agent.run(QUESTION)).answer_model == "big"
    result = asyncio.run(agent.run("What is the capital of Italy?"))
    assert (result.answer_model, result.routing_strategy) == ("small", "cascade")
    assert asked == ["first", "second"] * 2


def test_a_router_is_given_the_query_the_models_and_the_options() -> None:
    seen: list[RouteRequest] = []
    mark: contextvars.ContextVar[str] = contextvars.ContextVar("mark", default="none")
    marks: list[str] = []

    async def mine(request: RouteRequest) -> str:
        seen.append(request)
        marks.append(mark.get())
        return "big"

    async def main() -> None:
        mark.set("caller")
        await agent_with(mine).run(
            QUESTION, complexity_hint="hard", user_tier="pro", metadata={"team": "legal"}
        )

    asyncio.run(main())
    (request,) = seen
    assert (request.query, request.complexity, request.verifier) == (QUESTION, "hard", "big")
    assert [model["name"] for model in request.models] == ["small", "big"]
    assert request.options["user_tier"] == "pro"
    assert request.options["metadata"] == {"team": "legal"}
    assert marks == ["caller"]


def test_a_strategy_of_the_call_goes_before_routers() -> None:
    strategy = {"name": "s", "steps": [{"name": "a", "models": ["small"], "validator": "none"}]}
    result = asyncio.run(agent_with(returning("big")).run(QUESTION, strategy=strategy))
    assert result.answer_model == "small"


def test_plans_streams_and_configured_agents_are_routed_too() -> None:
    plan = asyncio.run(agent_with(returning("big")).plan(QUESTION))
    assert (plan["route"], plan["steps"][0]["models"]) == ("direct", ["big"])

    async def last() -> Any:
        events = [e async for e in agent_with(returning("big")).stream_events(QUESTION)]
        return events[-1]

    assert asyncio.run(last()).result.answer_model == "big"


FAULTS: list[tuple[Any, str, str]] = [
    (True, "router", "its answer is `boolean`"),
    (7, "router", "its answer is `number`"),
    ("huge", "router.model", "unknown model: `huge`"),
    (["small", "huge"], "router.models[1]", "unknown model: `huge`"),
    ({"model": "small", "modle": "big"}, "router.modle", "unknown field"),
    ({"steps": [{"models": []}]}, "router.steps[0].models", "no models"),
    (object(), "router", "returned the wrong type: `object`"),
]


@pytest.mark.parametrize(("plan", "field", "text"), FAULTS)
@pytest.mark.parametrize("made", [returning, resolving])
def test_a_wrong_answer_is_an_error_that_names_router_and_field(
    made: Any, plan: Any, field: str, text: str
) -> None:
    with pytest.raises(exceptions.RoutingError) as caught:
        asyncio.run(agent_with(made(plan)).run(QUESTION))
    error = caught.value
    assert (error.kind, error.field) == ("routing", field)
    assert "router `mine`" in error.message and text in error.message
    assert error.hint
    assert [step["stage"] for step in error.trace] == ["analyse"]


@pytest.mark.parametrize("waits", [False, True])
def test_an_exception_is_the_cause_of_a_routing_error(waits: bool) -> None:
    raised = KeyError("tier")

    def at_once(request: RouteRequest) -> str:
        raise raised

    async def later(request: RouteRequest) -> str:
        await asyncio.sleep(0)
        raise raised

    with pytest.raises(exceptions.RoutingError, match=r"raised `KeyError`: 'tier'") as caught:
        asyncio.run(agent_with(later if waits else at_once).run(QUESTION))
    assert caught.value.__cause__ is raised
    assert caught.value.field == "router"


def test_a_router_that_hangs_is_named_at_the_deadline() -> None:
    cancelled: list[bool] = []

    async def hangs(request: RouteRequest) -> str:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(True)
        return "big"

    with pytest.raises(exceptions.TimeoutError, match="router `hangs` did not answer") as caught:
        asyncio.run(agent_with(hangs, deadline=0.05).run(QUESTION))
    assert caught.value.field == "deadline"
    assert cancelled == [True]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"router": 3}, "router"),
        ({"router": RouteRequest}, "router"),
        ({"routers": "small"}, "routers"),
        ({"routers": [returning("big"), None]}, "routers[1]"),
    ],
)
def test_what_is_no_router_is_refused(options: dict[str, Any], field: str) -> None:
    with pytest.raises(exceptions.ConfigError) as caught:
        agent_with(**options)
    assert caught.value.field == field
    assert caught.value.hint
