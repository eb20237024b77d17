"""What was spent, what may be, and what will be."""

from __future__ import annotations

# Type checkers know the name; importing `typing` for it would cost more than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from .anomaly import Anomaly as Anomaly
    from .anomaly import AnomalyDetector as AnomalyDetector
    from .anomaly import AnomalySeverity as AnomalySeverity
    from .anomaly import create_anomaly_alerts as create_anomaly_alerts
    from .callbacks import CallbackData as CallbackData
    from .callbacks import CallbackEvent as CallbackEvent
    from .callbacks import CallbackManager as CallbackManager
    from .collector import MetricsCollector as MetricsCollector
    from .collector import MetricsSnapshot as MetricsSnapshot
    from .cost_calculator import CostBreakdown as CostBreakdown
    from .cost_calculator import CostCalculator as CostCalculator
    from .cost_tracker import BudgetConfig as BudgetConfig
    from .cost_tracker import CostEntry as CostEntry
    from .cost_tracker import CostTracker as CostTracker
    from .degradation import DEFAULT_DEGRADATION_MAP as DEFAULT_DEGRADATION_MAP
    from .degradation import estimate_cost_savings as estimate_cost_savings
    from .degradation import get_cheaper_model as get_cheaper_model
    from .degradation import get_cheaper_models as get_cheaper_models
    from .degradation import get_degradation_chain as get_degradation_chain
    from .enforcement import EnforcementAction as EnforcementAction
    from .enforcement import EnforcementCallback as EnforcementCallback
    from .enforcement import EnforcementCallbacks as EnforcementCallbacks
    from .enforcement import EnforcementContext as EnforcementContext
    from .enforcement import graceful_degradation as graceful_degradation
    from .enforcement import strict_budget_enforcement as strict_budget_enforcement
    from .enforcement import tier_based_enforcement as tier_based_enforcement
    from .forecasting import CostForecaster as CostForecaster
    from .forecasting import CostPrediction as CostPrediction

__all__ = [
    "DEFAULT_DEGRADATION_MAP",
    "Anomaly",
    "AnomalyDetector",
    "AnomalySeverity",
    "BudgetConfig",
    "CallbackData",
    "CallbackEvent",
    "CallbackManager",
    "CostBreakdown",
    "CostCalculator",
    "CostEntry",
    "CostForecaster",
    "CostPrediction",
    "CostTracker",
    "EnforcementAction",
    "EnforcementCallback",
    "EnforcementCallbacks",
    "EnforcementContext",
    "MetricsCollector",
    "MetricsSnapshot",
    "create_anomaly_alerts",
    "estimate_cost_savings",
    "get_cheaper_model",
    "get_cheaper_models",
    "get_degradation_chain",
    "graceful_degradation",
    "strict_budget_enforcement",
    "tier_based_enforcement",
]

METRICS_AVAILABLE = True
COST_CALCULATOR_AVAILABLE = True
COST_TRACKER_AVAILABLE = True
ENFORCEMENT_AVAILABLE = True
DEGRADATION_AVAILABLE = True
CALLBACKS_AVAILABLE = True
FORECASTING_AVAILABLE = True
ANOMALY_AVAILABLE = True

TELEMETRY_CAPABILITIES: dict[str, bool] = {
    "metrics_collection": METRICS_AVAILABLE,
    "cost_calculation": COST_CALCULATOR_AVAILABLE,
    "cost_tracking": COST_TRACKER_AVAILABLE,
    "enforcement": ENFORCEMENT_AVAILABLE,
    "degradation": DEGRADATION_AVAILABLE,
    "callbacks": CALLBACKS_AVAILABLE,
    "forecasting": FORECASTING_AVAILABLE,
    "anomaly_detection": ANOMALY_AVAILABLE,
}

# Where each public name lives. Nothing is imported before it is used.
_HOMES: dict[str, tuple[str, ...]] = {
    "anomaly": ("Anomaly", "AnomalyDetector", "AnomalySeverity", "create_anomaly_alerts"),
    "callbacks": ("CallbackData", "CallbackEvent", "CallbackManager"),
    "collector": ("MetricsCollector", "MetricsSnapshot"),
    "cost_calculator": ("CostBreakdown", "CostCalculator"),
    "cost_tracker": ("BudgetConfig", "CostEntry", "CostTracker"),
    "degradation": (
        "DEFAULT_DEGRADATION_MAP",
        "estimate_cost_savings",
        "get_cheaper_model",
        "get_cheaper_models",
        "get_degradation_chain",
    ),
    "enforcement": (
        "EnforcementAction",
        "EnforcementCallback",
        "EnforcementCallbacks",
        "EnforcementContext",
        "graceful_degradation",
        "strict_budget_enforcement",
        "tier_based_enforcement",
    ),
    "forecasting": ("CostForecaster", "CostPrediction"),
}
_NAMES = {name: home for home, names in _HOMES.items() for name in names}


def get_telemetry_info() -> dict[str, object]:
    """The version, what there is to import, and what it can do."""
    from .. import __version__

    return {
        "version": __version__,
        "components": list(__all__),
        "capabilities": dict(TELEMETRY_CAPABILITIES),
    }


def __getattr__(name: str) -> object:
    from importlib import import_module

    home = _NAMES.get(name)
    if home is not None:
        value: object = getattr(import_module(f"{__name__}.{home}"), name)
        globals()[name] = value
        return value
    if name in _HOMES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_NAMES, *_HOMES})
