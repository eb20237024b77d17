"""Listeners of users hear every run, on the caller's thread, and break none."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import sys
import threading
from decimal import Decimal
from typing import Any

import pytest
from conftest import ANSWER, QUESTION, agent_of, fake

from cascadeflow import CascadeAgent, CascadeResult, cascadeflowError
from cascadeflow.schema import exceptions

REFUSAL = "I'm sorry, but I can't help with that."


def heard_by(provider: Any = None, **options: Any) -> tuple[CascadeAgent, list[dict[str, Any]]]:
    events: list[dict[str, Any]] = []
    return agent_of(provider, on_event=events.append, **options), events


def types(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


def test_what_a_run_tells() -> None:
    agent, events = heard_by(fake(lambda model: REFUSAL if model == "small" else ANSWER))
    result = agent.run_sync(QUESTION)
    assert types(events) == ["planned", "attempt", "attempt", "completed"]
    planned, first, second, completed = events
    assert len({event["run_id"] for event in events}) == 1
    assert planned["plan"] == asyncio.run(agent.plan(QUESTION))
    assert [step["models"] for step in planned["plan"]["steps"]] == [["small"], ["big"]]
    assert [first["attempt"]["outcome"], second["attempt"]["outcome"]] == ["rejected", "accepted"]
    assert [first["attempt"], second["attempt"]] == result.attempts
    costs = [Decimal(event["attempt"]["cost"]) for event in (first, second)]
    assert sum(costs) == result.total_cost_exact
    assert isinstance(completed["result"], CascadeResult)
    assert completed["result"].record() == result.record()


def test_a_failure_is_told() -> None:
    agent, events = heard_by(fake(lambda model: RuntimeError("broken")))
    with pytest.raises(cascadeflowError) as caught:
        agent.run_sync(QUESTION)
    assert types(events)[-1] == "failed"
    assert events[-1] == {
        "run_id": events[0]["run_id"],
        "type": "failed",
        "kind": caught.value.kind,
        "message": caught.value.message,
    }
    assert {event["attempt"]["outcome"] for event in events if "attempt" in event} == {"failed"}


def test_streams_and_batches_are_told() -> None:
    agent, events = heard_by()

    async def main() -> None:
        async for _ in agent.stream_events(QUESTION):
            pass
        assert types(events) == ["planned", "attempt", "completed"]
        events.clear()
        await agent.run_batch([QUESTION, f"{QUESTION} Say it."])

    asyncio.run(main())
    assert sorted(types(events)) == sorted(["planned", "attempt", "completed"] * 2)
    runs = {event["run_id"] for event in events}
    assert len(runs) == 2
    assert all(len(run) == 32 for run in runs)
    events.clear()
    list(agent.stream_sync(QUESTION))
    assert types(events) == ["planned", "attempt", "completed"]


def test_a_cancelled_run_is_told() -> None:
    started = asyncio.Event()

    async def hang(self: Any, **kwargs: Any) -> Any:
        started.set()
        await asyncio.sleep(60)

    agent, events = heard_by(type("Hangs", (fake(),), {"_complete_impl": hang}))

    async def main() -> None:
        task = asyncio.create_task(agent.run(QUESTION))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    gc.collect()
    assert types(events) == ["planned", "attempt", "failed"]
    assert events[1]["attempt"]["error_kind"] == "cancelled"
    assert events[2]["kind"] == "cancelled"


def test_a_stream_that_is_left_is_told() -> None:
    agent, events = heard_by()
    stream = agent.stream_sync(QUESTION)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert types(events)[-1] == "failed"


def test_the_callers_thread_task_and_context() -> None:
    token: contextvars.ContextVar[str] = contextvars.ContextVar("token", default="unset")
    seen: set[Any] = set()

    def hear(event: dict[str, Any]) -> None:
        seen.add((threading.get_ident(), asyncio.current_task(), token.get()))

    async def main() -> None:
        token.set("caller's")
        await agent_of(on_event=hear).run(QUESTION)
        assert seen == {(threading.get_ident(), asyncio.current_task(), "caller's")}

    asyncio.run(main())


def test_native_providers_and_their_threads(loopback: Any) -> None:
    import cascadeflow
    from cascadeflow import ModelConfig

    seen: list[tuple[str, int]] = []
    agent = CascadeAgent(
        [
            ModelConfig("gpt-4o-mini", provider="openai", api_key="k", base_url=loopback.url),
            ModelConfig("gpt-4o", provider="openai", api_key="k", base_url=loopback.url),
        ],
        on_event=lambda event: seen.append((event["type"], threading.get_ident())),
    )
    assert cascadeflow.PROVIDER_REGISTRY["openai"]
    agent.run_sync(QUESTION)
    asyncio.run(agent.run(QUESTION))
    here = threading.get_ident()
    assert seen == [("planned", here), ("attempt", here), ("completed", here)] * 2


class Loud:
    """A listener that raises at every event."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __call__(self, event: dict[str, Any]) -> None:
        raise self.error


@pytest.mark.parametrize("error", [ValueError("loud"), KeyboardInterrupt("loud")])
def test_exceptions_are_reported_and_break_nothing(
    error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda shown: reported.append(shown.exc_value))
    agent = agent_of(on_event=Loud(error))
    assert agent.run_sync(QUESTION).content == ANSWER
    assert reported == [error] * 3
    assert asyncio.run(agent.run(QUESTION)).content == ANSWER
    assert len(list(agent.stream_sync(QUESTION))) > 2
    batch = asyncio.run(agent.run_batch([QUESTION]))
    assert batch.results[0].content == ANSWER
    assert agent.get_stats()["total_queries"] == 4
    assert reported == [error] * 12


def test_a_listener_may_call_the_agent() -> None:
    seen: list[Any] = []
    agent: CascadeAgent

    def hear(event: dict[str, Any]) -> None:
        if event["type"] == "completed" and not seen:
            seen.append(agent.stats["total_queries"])
            seen.append(agent.run_sync(QUESTION).content)

    agent = agent_of(on_event=hear)
    agent.run_sync(QUESTION)
    assert seen == [1, ANSWER]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_wrong_listeners(asynchronous: bool) -> None:
    async def hear(event: dict[str, Any]) -> None:
        pass

    with pytest.raises(exceptions.ConfigError) as caught:
        agent_of(on_event=hear if asynchronous else "hear")
    assert caught.value.field == "on_event"
    assert caught.value.hint


def test_a_listener_of_an_agent_made_from_data() -> None:
    events: list[dict[str, Any]] = []
    agent_of()
    config = {"models": [{"name": "small", "provider": "openai", "cost": "0.001"}]}
    agent = CascadeAgent.from_config(config, on_event=events.append)
    assert agent.run_sync(QUESTION).content == ANSWER
    assert types(events) == ["planned", "attempt", "completed"]
