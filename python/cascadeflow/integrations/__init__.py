"""Bridges to other libraries; none of them is imported before it is used."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .litellm import SUPPORTED_PROVIDERS as SUPPORTED_PROVIDERS
    from .litellm import LiteLLMBudgetTracker as LiteLLMBudgetTracker
    from .litellm import LiteLLMCostProvider as LiteLLMCostProvider
    from .litellm import ProviderInfo as ProviderInfo
    from .litellm import calculate_cost as calculate_cost
    from .litellm import cascadeflowLiteLLMCallback as cascadeflowLiteLLMCallback
    from .litellm import get_model_cost as get_model_cost
    from .litellm import get_provider_info as get_provider_info
    from .litellm import setup_litellm_callbacks as setup_litellm_callbacks
    from .litellm import validate_provider as validate_provider
    from .otel import OPENTELEMETRY_AVAILABLE as OPENTELEMETRY_AVAILABLE
    from .otel import MetricDimensions as MetricDimensions
    from .otel import OpenTelemetryExporter as OpenTelemetryExporter
    from .otel import cascadeflowMetrics as cascadeflowMetrics
    from .otel import create_exporter_from_env as create_exporter_from_env

# Where each name lives.
_NAMES: dict[str, str] = {
    "LiteLLMBudgetTracker": "litellm",
    "LiteLLMCostProvider": "litellm",
    "MetricDimensions": "otel",
    "OPENTELEMETRY_AVAILABLE": "otel",
    "OpenTelemetryExporter": "otel",
    "ProviderInfo": "litellm",
    "SUPPORTED_PROVIDERS": "litellm",
    "calculate_cost": "litellm",
    "cascadeflowLiteLLMCallback": "litellm",
    "cascadeflowMetrics": "otel",
    "create_exporter_from_env": "otel",
    "get_model_cost": "litellm",
    "get_provider_info": "litellm",
    "setup_litellm_callbacks": "litellm",
    "validate_provider": "litellm",
}

__all__ = [
    "OPENTELEMETRY_AVAILABLE",
    "SUPPORTED_PROVIDERS",
    "LiteLLMBudgetTracker",
    "LiteLLMCostProvider",
    "MetricDimensions",
    "OpenTelemetryExporter",
    "ProviderInfo",
    "calculate_cost",
    "cascadeflowLiteLLMCallback",
    "cascadeflowMetrics",
    "create_exporter_from_env",
    "get_model_cost",
    "get_provider_info",
    "setup_litellm_callbacks",
    "validate_provider",
]


def __getattr__(name: str) -> object:
    from importlib import import_module

    home = _NAMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_NAMES})
