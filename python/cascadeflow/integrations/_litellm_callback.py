"""What LiteLLM calls cost, told to cascadeflow's telemetry."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from .. import _native
from ._litellm_library import REMEDY, is_installed, library

logger = logging.getLogger("cascadeflow.integrations.litellm")

# Calls that are remembered, so as to take each once.
_REMEMBERED = 10_000


class cascadeflowLiteLLMCallback:
    """Feeds calls made through LiteLLM to a cost tracker, a metrics collector, callbacks.

    The cost is by cascadeflow's prices; where these do not know the model, LiteLLM's own; where
    neither does, nothing is recorded and it is logged.
    """

    def __init__(
        self, cost_tracker: Any = None, metrics_collector: Any = None, callback_manager: Any = None
    ) -> None:
        self.cost_tracker = cost_tracker
        self.metrics_collector = metrics_collector
        self.callback_manager = callback_manager
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def log_success(
        self, kwargs: dict[str, Any], response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        """Takes a call that succeeded; the pieces of a stream are left for its end."""
        answer = kwargs.get("complete_streaming_response") or response_obj
        usage = _item(answer, "usage")
        if usage is None or self._is_known(kwargs.get("litellm_call_id")):
            return
        model = str(kwargs.get("model") or _item(answer, "model") or "")
        provider = _provider_of(kwargs)
        counts = _counts(usage)
        cost = _cost(model, provider, counts, kwargs.get("response_cost"))
        details = {"latency_ms": _milliseconds(start_time, end_time), "source": "litellm"}
        if self.cost_tracker is not None and cost is not None:
            self.cost_tracker.add_cost(
                model=model,
                provider=provider or "litellm",
                tokens=counts["input_tokens"] + counts["output_tokens"],
                cost=cost,
                query_id=_item(answer, "id"),
                metadata={**details, **counts},
                user_id=_user_of(kwargs),
            )
        if self.metrics_collector is not None:
            result = SimpleNamespace(
                content=_text_of(answer),
                model_used=model,
                total_cost=cost or 0.0,
                latency_ms=details["latency_ms"],
            )
            self.metrics_collector.record(result, routing_strategy="litellm", complexity="unknown")
        self._trigger("MODEL_CALL_COMPLETE", kwargs, {"model": model, "cost": cost, **details})

    def log_failure(
        self, kwargs: dict[str, Any], response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        """Takes a call that failed; it costs nothing."""
        failure = kwargs.get("exception") or response_obj
        data = {
            "model": kwargs.get("model"),
            "error": type(failure).__name__,
            "latency_ms": _milliseconds(start_time, end_time),
            "source": "litellm",
        }
        self._trigger("MODEL_CALL_ERROR", kwargs, data)

    def _is_known(self, call_id: Any) -> bool:
        """Whether a call was taken before: the library reports the end of some streams twice."""
        if not call_id:
            return False
        with self._lock:
            if str(call_id) in self._seen:
                return True
            self._seen[str(call_id)] = None
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        return False

    def _trigger(self, event: str, kwargs: dict[str, Any], data: dict[str, Any]) -> None:
        if self.callback_manager is not None:
            # Whoever has a manager has the events of its module.
            events: Any = import_module(type(self.callback_manager).__module__)
            kind = events.CallbackEvent[event]
            self.callback_manager.trigger(kind, _query_of(kwargs), data)


def setup_litellm_callbacks(
    cost_tracker: Any = None, metrics_collector: Any = None, callback_manager: Any = None
) -> bool:
    """Has LiteLLM report all its calls, synchronous or not, to the given telemetry.

    Gives whether it does: without the library there are no calls, which is logged with the remedy.
    The same telemetry is not registered twice.
    """
    if not is_installed():
        logger.warning("callbacks of `litellm` cannot be set up without it: %s", REMEDY)
        return False
    litellm = library("callbacks")
    wanted = (cost_tracker, metrics_collector, callback_manager)
    for registered in litellm.success_callback:
        own = getattr(registered, "__self__", None)
        if isinstance(own, cascadeflowLiteLLMCallback):
            known = (own.cost_tracker, own.metrics_collector, own.callback_manager)
            if all(one is other for one, other in zip(known, wanted, strict=False)):
                return True
    callback = cascadeflowLiteLLMCallback(*wanted)
    litellm.success_callback.append(callback.log_success)
    litellm.failure_callback.append(callback.log_failure)
    return True


def _item(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return value.get(name)
    return getattr(value, name, None)


def _provider_of(kwargs: dict[str, Any]) -> str | None:
    parameters = kwargs.get("litellm_params") or {}
    name = kwargs.get("custom_llm_provider") or parameters.get("custom_llm_provider")
    return str(name) if name else None


def _user_of(kwargs: dict[str, Any]) -> str | None:
    parameters = kwargs.get("litellm_params") or {}
    metadata = parameters.get("metadata") or {}
    user = kwargs.get("user") or metadata.get("user_id")
    return str(user) if user else None


def _counts(usage: Any) -> dict[str, int]:
    """The engine's counts of a LiteLLM usage."""
    prompt = _item(usage, "prompt_tokens_details")
    completion = _item(usage, "completion_tokens_details")
    given = {
        "input_tokens": _item(usage, "prompt_tokens"),
        "output_tokens": _item(usage, "completion_tokens"),
        "cached_input_tokens": _item(prompt, "cached_tokens"),
        "cache_write_5m_tokens": _item(usage, "cache_creation_input_tokens"),
        "reasoning_tokens": _item(completion, "reasoning_tokens"),
    }
    return {name: int(count or 0) for name, count in given.items()}


def _cost(model: str, provider: str | None, counts: dict[str, int], reported: Any) -> float | None:
    cost = _native.usage_cost(model, provider, counts) or _native.usage_cost(model, None, counts)
    if cost is not None:
        return float(cost)
    if isinstance(reported, (int, float)):
        return float(reported)
    logger.warning("no price is known for the model `%s`: its call is not recorded", model)
    return None


def _milliseconds(start: Any, end: Any) -> float:
    took = end - start
    seconds = took.total_seconds() if hasattr(took, "total_seconds") else float(took)
    return max(seconds * 1000.0, 0.0)


def _text_of(answer: Any) -> str:
    choices = _item(answer, "choices") or []
    message = _item(choices[0], "message") if choices else None
    return str(_item(message, "content") or "")


def _query_of(kwargs: dict[str, Any]) -> str:
    messages = kwargs.get("messages") or []
    content = _item(messages[-1], "content") if messages else ""
    return content if isinstance(content, str) else ""
