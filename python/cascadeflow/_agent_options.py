"""What an agent's methods are given, in the forms that the engine takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from ._defaults import chosen
from .quality.quality import QualityConfig
from .schema.config import ModelConfig
from .schema.exceptions import ConfigError, ValidationError, cascadeflowError
from .streaming.base import StreamEvent, StreamEventType

if TYPE_CHECKING:
    from ._native import CallbackBridge, EnforcementChain, TelemetryExporter
    from ._native import CostTracker as NativeTracker
    from .agent import CascadeAgent
    from .telemetry.cost_tracker import CostTracker

Messages: TypeAlias = "list[dict[str, Any]]"
Listener: TypeAlias = "Callable[[dict[str, Any]], object]"

# Parameters that are kept for the sake of older code, with the values that ask for nothing.
KEPT: dict[str, Any] = {
    "domain_configs": None,
    "enable_domain_detection": False,
    "use_semantic_domains": True,
    "use_hybrid": False,
    "enable_tool_complexity_routing": True,
    "enable_factual_risk_routing": False,
    "rule_engine": None,
    "tenant_rules": None,
    "channel_models": None,
    "channel_failover": None,
    "channel_strategies": None,
}


def quality_config_of(config: QualityConfig | None, plain: dict[str, Any] | None) -> QualityConfig:
    made = QualityConfig.for_cascade() if config is None else config
    if not plain:
        return made
    values = dict(vars(made))
    if "threshold" in plain:
        levels = values["confidence_thresholds"]
        values["confidence_thresholds"] = dict.fromkeys(levels, plain["threshold"])
    values.update({name: value for name, value in plain.items() if name in values})
    return QualityConfig(**values)


def model_of(model: Any, at: int) -> ModelConfig:
    if isinstance(model, ModelConfig):
        return model
    if isinstance(model, Mapping):
        return ModelConfig(**model)
    error = ConfigError(
        f"`models[{at}]` is no model: `{type(model).__name__}` (hint: give a `ModelConfig`)"
    )
    error.field = f"models[{at}]"
    error.hint = "give a `ModelConfig`"
    raise error


def check_threshold(threshold: float) -> None:
    if not 0 <= threshold <= 1:
        error = ValidationError(
            f"threshold is out of range: `{threshold}` (hint: give a number from 0 to 1)"
        )
        error.field = "threshold"
        raise error


def executor_of(executor: Any) -> Any:
    """What the engine calls for a tool: the executor, or its `execute`."""
    if executor is None or callable(executor):
        return executor
    execute = getattr(executor, "execute", None)
    if callable(execute):
        return execute
    error = ConfigError(
        f"`tool_executor` cannot be called: `{type(executor).__name__}` (hint: give a callable "
        "that takes the call as a dict)"
    )
    error.field = "tool_executor"
    raise error


def exporter_of(exporter: Any) -> TelemetryExporter | None:
    """What the engine exports telemetry with, or nothing."""
    if exporter is None:
        return None
    from .integrations.otel import native_exporter

    return native_exporter(exporter)


def tracker_of(budgets: Any) -> CostTracker | None:
    """The tracker that the budgets of a configuration mean; `None` without any."""
    if not isinstance(budgets, Mapping):
        return None
    from .telemetry.cost_tracker import CostTracker

    return CostTracker.from_config(budgets)


def bridge_of(callbacks: Any) -> CallbackBridge | None:
    """What tells the listeners of a manager."""
    if callbacks is None:
        return None
    bridge = getattr(callbacks, "bridge", None)
    if bridge is None:
        hint = "give a `CallbackManager`"
        error = ConfigError(f"`callbacks` is none: `{type(callbacks).__name__}` (hint: {hint})")
        error.field = "callbacks"
        error.hint = hint
        raise error
    found: CallbackBridge = bridge
    return found


def control_of(
    cost_tracker: Any, enforcement_callbacks: Any
) -> tuple[NativeTracker | None, EnforcementChain | None]:
    """What the engine holds runs to."""
    if cost_tracker is None and enforcement_callbacks is None:
        return None, None
    from .telemetry.cost_tracker import CostTracker
    from .telemetry.enforcement import EnforcementCallbacks

    given = (
        ("cost_tracker", cost_tracker, CostTracker),
        ("enforcement_callbacks", enforcement_callbacks, EnforcementCallbacks),
    )
    for name, value, expected in given:
        if value is not None and not isinstance(value, expected):
            hint = f"give a `{expected.__name__}`"
            error = ConfigError(f"`{name}` is none: `{type(value).__name__}` (hint: {hint})")
            error.field = name
            error.hint = hint
            raise error
    tracker = None if cost_tracker is None else cost_tracker.native
    chain = None if enforcement_callbacks is None else enforcement_callbacks.native
    return tracker, chain


def listener_of(on_event: Any) -> Listener | None:
    """What the engine tells of events, or nothing."""
    import inspect

    if on_event is None:
        return None
    call = getattr(on_event, "__call__", None)  # noqa: B004
    if inspect.iscoroutinefunction(on_event) or inspect.iscoroutinefunction(call):
        what, hint = "is asynchronous", "give a plain function; it may start a task"
    elif callable(on_event):
        listener: Listener = on_event
        return listener
    else:
        what, hint = "cannot be called", "give a function that takes an event as a dict"
    error = ConfigError(f"`on_event` {what}: `{type(on_event).__name__}` (hint: {hint})")
    error.field = "on_event"
    error.hint = hint
    raise error


def further(keywords: dict[str, Any], kpi_flags: dict[str, Any] | None) -> dict[str, Any] | None:
    if kpi_flags:
        metadata = {**(keywords.get("metadata") or {}), "kpi_flags": kpi_flags}
        return {**keywords, "metadata": metadata}
    return keywords or None


_NAMES = (
    "max_tokens",
    "temperature",
    "complexity_hint",
    "force_direct",
    "tools",
    "tool_choice",
    "max_steps",
    "user_tier",
    "workflow",
    "domain_hint",
    "domain_confidence_hint",
    "tenant_id",
    "channel",
)


def arguments_of(
    options: dict[str, Any],
) -> tuple[tuple[Any, ...], Messages | None, dict[str, Any] | None]:
    """The options in the order that the engine takes them, the messages, and the rest."""
    left = dict(options)
    arguments = tuple(chosen(left.pop(name, None)) for name in _NAMES)
    messages = left.pop("messages", None)
    return arguments, messages, further(left, left.pop("kpi_flags", None))


def error_event(error: cascadeflowError) -> StreamEvent:
    cause = error.__cause__ or error
    return StreamEvent(
        StreamEventType.ERROR,
        str(error),
        {
            "error": str(error),
            "type": type(cause).__name__,
            "kind": error.kind,
            "hint": error.hint,
            "provider": error.provider,
            "model": error.model,
            "attempts": list(error.attempts),
            "trace": list(error.trace),
        },
    )


def warn_of_unused(kept: dict[str, Any]) -> None:
    asked = [name for name, value in kept.items() if value != KEPT[name] and value]
    if asked:
        import warnings

        warnings.warn(
            f"kept, but without influence in this version: {', '.join(asked)}",
            UserWarning,
            stacklevel=3,
        )


def snapshot(agent: CascadeAgent) -> dict[str, Any]:
    """What an agent is made of, in short."""
    return {
        "models": [{"name": m.name, "provider": m.provider, "cost": m.cost} for m in agent.models],
        "enable_cascade": agent.enable_cascade,
        "enable_domain_detection": agent.enable_domain_detection,
        "use_semantic_domains": agent.use_semantic_domains,
        "domain_configs": dict(agent.domain_configs),
        "quality_threshold": agent.quality_config.confidence_thresholds.get("simple"),
        "verbose": agent.verbose,
    }
