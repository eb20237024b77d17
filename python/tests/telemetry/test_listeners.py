"""Listeners to what happens in a run."""

from __future__ import annotations

import asyncio
import logging

import pytest
from spending_support import CHEAP, DEAR, agent, metered

from cascadeflow import ConfigError
from cascadeflow.telemetry import CallbackManager, get_telemetry_info
from cascadeflow.telemetry.callbacks import CallbackData, CallbackEvent


def test_a_listener_hears_its_event_only() -> None:
    manager = CallbackManager()
    heard: list[CallbackData] = []
    manager.register(CallbackEvent.QUERY_START, heard.append)
    manager.register("cache_hit", heard.append)
    manager.trigger(CallbackEvent.QUERY_START, "hi", {"a": 1}, user_tier="pro", workflow="w")
    manager.trigger(CallbackEvent.QUERY_ERROR, "hi", {})
    assert [(d.event, d.query, d.user_tier, d.workflow, d.data) for d in heard] == [
        (CallbackEvent.QUERY_START, "hi", "pro", "w", {"a": 1})
    ]
    stats = manager.get_stats()
    assert (stats["total_triggers"], stats["by_event"][CallbackEvent.QUERY_ERROR]) == (2, 1)
    assert stats["registered_events"] == ["query_start", "cache_hit"]
    manager.unregister("cache_hit", heard.append)
    manager.clear(CallbackEvent.QUERY_START)
    manager.trigger(CallbackEvent.QUERY_START, "hi", {})
    assert len(heard) == 1


def test_one_that_raises_keeps_nobody_from_hearing(caplog: pytest.LogCaptureFixture) -> None:
    manager = CallbackManager()
    heard: list[CallbackData] = []

    def broken(data: CallbackData) -> None:
        raise RuntimeError("deaf")

    manager.register("query_start", broken)
    manager.register("query_start", heard.append)
    with caplog.at_level(logging.ERROR):
        manager.trigger("query_start", "hi", {})
    assert len(heard) == 1
    assert "Callback error for query_start: deaf" in caplog.text
    assert manager.get_stats()["callback_errors"] == 1
    manager.reset_stats()
    assert manager.get_stats()["callback_errors"] == 0


def test_asynchronous_listeners_are_run() -> None:
    manager = CallbackManager()
    heard: list[str] = []

    async def listen(data: CallbackData) -> None:
        await asyncio.sleep(0)
        heard.append(data.query)

    manager.register("query_start", listen)
    manager.trigger("query_start", "without a loop", {})

    async def within() -> None:
        manager.trigger("query_start", "within one", {})
        await asyncio.sleep(0.01)

    asyncio.run(within())
    assert heard == ["without a loop", "within one"]


def test_an_unknown_event_is_refused() -> None:
    with pytest.raises(ValueError, match="lunch"):
        CallbackManager().register("lunch", print)


def test_the_printed_counts(capsys: pytest.CaptureFixture[str]) -> None:
    manager = CallbackManager()
    manager.register("query_start", lambda data: None)
    manager.trigger("query_start", "hi", {})
    manager.print_stats()
    lines = capsys.readouterr().out.splitlines()
    assert "  query_start                   :      1" in lines
    assert "  query_start                   :   1 callback(s)" in lines


def test_what_there_is() -> None:
    info = get_telemetry_info()
    assert set(info) == {"version", "components", "capabilities"}
    capabilities = info["capabilities"]
    assert isinstance(capabilities, dict)
    assert len(capabilities) == 8
    assert all(capabilities.values())


def test_runs_of_an_agent_are_told_of() -> None:
    metered()
    manager = CallbackManager()
    heard: list[CallbackData] = []
    for event in CallbackEvent:
        manager.register(event, heard.append)
    asked = agent(None, CHEAP, DEAR, callbacks_of_runs=manager)
    asked.run_sync("Say something about the sea please", user_tier="pro")
    events = [data.event for data in heard]
    assert events[0] is CallbackEvent.QUERY_START
    assert events[-1] is CallbackEvent.QUERY_COMPLETE
    assert CallbackEvent.MODEL_CALL_COMPLETE in events
    assert CallbackEvent.CASCADE_DECISION in events
    assert {data.user_tier for data in heard} == {"pro"}
    assert heard[-1].query == "Say something about the sea please"
    manager.clear()
    asked.run_sync("And about the shore?")
    assert len(heard) == len(events)


def test_what_is_no_manager_is_refused() -> None:
    metered()
    with pytest.raises(ConfigError) as raised:
        agent(None, callbacks_of_runs=print)
    assert raised.value.field == "callbacks"
