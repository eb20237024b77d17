"""Listeners to what happens in a run."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

from .. import _native

__all__ = ["CallbackData", "CallbackEvent", "CallbackManager"]

logger = logging.getLogger(__name__)

_RULE = "=" * 60


class CallbackEvent(Enum):
    """Something that happens in a run."""

    QUERY_START = "query_start"
    COMPLEXITY_DETECTED = "complexity_detected"
    MODELS_SCORED = "models_scored"
    STRATEGY_SELECTED = "strategy_selected"
    MODEL_CALL_START = "model_call_start"
    MODEL_CALL_COMPLETE = "model_call_complete"
    MODEL_CALL_ERROR = "model_call_error"
    CASCADE_DECISION = "cascade_decision"
    CACHE_HIT = "cache_hit"
    CACHE_MISS = "cache_miss"
    QUERY_COMPLETE = "query_complete"
    QUERY_ERROR = "query_error"


@dataclass
class CallbackData:
    """What a listener is told. `timestamp` is in seconds since the Unix epoch."""

    event: CallbackEvent
    query: str
    user_tier: str | None
    workflow: str | None
    data: dict[str, Any]
    timestamp: float


Callback: TypeAlias = "Callable[[CallbackData], Coroutine[Any, Any, object] | object]"


class CallbackManager:
    """Listeners by event, of agents that are given the manager as `callbacks`, and of `trigger`.

    A run is told of on the thread that runs it, with what belongs to the event in `data`.
    A listener may be asynchronous: it becomes a task of the running loop, or is run to its end
    where none runs. What a listener raises is logged and counted, and changes nothing.
    """

    def __init__(self, verbose: bool = False) -> None:
        self.verbose = verbose
        self.callbacks: dict[CallbackEvent, list[Callback]] = {e: [] for e in CallbackEvent}
        self.stats: dict[str, Any] = {}
        self._tasks: set[asyncio.Task[object]] = set()
        self.bridge = _native.CallbackBridge(self._hear)
        self.reset_stats()

    def register(self, event: CallbackEvent | str, callback: Callback) -> None:
        """Has `callback` hear of `event`.

        Raises:
            ValueError: when there is no such event.
        """
        self.callbacks[CallbackEvent(event)].append(callback)
        self._listen()
        if self.verbose:
            logger.info("Registered callback for %s", CallbackEvent(event).value)

    def unregister(self, event: CallbackEvent | str, callback: Callback) -> None:
        """Has `callback` no longer hear of `event`; one that never did is passed over."""
        listeners = self.callbacks[CallbackEvent(event)]
        if callback in listeners:
            listeners.remove(callback)
            self._listen()

    def trigger(
        self,
        event: CallbackEvent | str,
        query: str,
        data: dict[str, Any],
        user_tier: str | None = None,
        workflow: str | None = None,
    ) -> None:
        """Tells the listeners of an event, in the order they were registered."""
        kind = CallbackEvent(event)
        self._deliver(CallbackData(kind, query, user_tier, workflow, data, time.time()))

    def _deliver(self, told: CallbackData) -> None:
        kind = told.event
        self.stats["total_triggers"] += 1
        self.stats["by_event"][kind] += 1
        for callback in tuple(self.callbacks[kind]):
            try:
                self._call(kind, callback, told)
            except Exception as error:
                self._failed(kind, error)

    def _call(self, event: CallbackEvent, callback: Callback, told: CallbackData) -> None:
        returned = callback(told)
        if not asyncio.iscoroutine(returned):
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            asyncio.run(returned)
            return
        task = loop.create_task(returned)
        # The loop keeps no hold of its tasks.
        self._tasks.add(task)
        task.add_done_callback(lambda ended: self._ended(event, ended))

    def _ended(self, event: CallbackEvent, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(event, error)

    def _failed(self, event: CallbackEvent, error: BaseException) -> None:
        self.stats["callback_errors"] += 1
        logger.error("Callback error for %s: %s", event.value, error, exc_info=error)

    def clear(self, event: CallbackEvent | str | None = None) -> None:
        """Forgets the listeners of `event`, or of all."""
        for kind in CallbackEvent if event is None else (CallbackEvent(event),):
            self.callbacks[kind].clear()
        self._listen()

    def _listen(self) -> None:
        self.bridge.listen([event.value for event, heard in self.callbacks.items() if heard])

    def _hear(self, plain: dict[str, Any]) -> None:
        """Tells of what happened in a run of an agent."""
        self._deliver(CallbackData(**{**plain, "event": CallbackEvent(plain["event"])}))

    def get_stats(self) -> dict[str, Any]:
        """How often events came, by event, with the errors of listeners."""
        return {
            "total_triggers": self.stats["total_triggers"],
            "by_event": dict(self.stats["by_event"]),
            "callback_errors": self.stats["callback_errors"],
            "registered_events": [e.value for e in CallbackEvent if self.callbacks[e]],
        }

    def reset_stats(self) -> None:
        """Counts from zero again."""
        self.stats = {
            "total_triggers": 0,
            "by_event": dict.fromkeys(CallbackEvent, 0),
            "callback_errors": 0,
        }

    def print_stats(self) -> None:
        """Writes the counts to standard output."""
        stats = self.get_stats()
        lines = [
            "",
            _RULE,
            "CALLBACK MANAGER STATISTICS",
            _RULE,
            f"Total Triggers:    {stats['total_triggers']}",
            f"Callback Errors:   {stats['callback_errors']}",
        ]
        counted = [(e, n) for e, n in stats["by_event"].items() if n]
        if counted:
            lines += ["", "TRIGGERS BY EVENT:"]
            lines += [f"  {event.value:30s}: {count:6d}" for event, count in counted]
        heard = [(e, len(c)) for e, c in self.callbacks.items() if c]
        if heard:
            lines += ["", "REGISTERED CALLBACKS:"]
            lines += [f"  {event.value:30s}: {count:3d} callback(s)" for event, count in heard]
        sys.stdout.write("\n".join([*lines, _RULE, ""]) + "\n")
