"""An LLM cascade: cheap models draft, drafts are judged, strong models answer when they must."""

from __future__ import annotations

# Type checkers know the name; importing `typing` for it would cost more than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from .agent import CascadeAgent as CascadeAgent
    from .core.batch import BatchProcessingError as BatchProcessingError
    from .core.batch import BatchResult as BatchResult
    from .core.batch_config import BatchConfig as BatchConfig
    from .core.batch_config import BatchStrategy as BatchStrategy
    from .core.cascade import SpeculativeResult as SpeculativeResult
    from .core.cascade import WholeResponseCascade as WholeResponseCascade
    from .integrations.otel import OpenTelemetryExporter as OpenTelemetryExporter
    from .limits.rate_limiter import RateLimiter as RateLimiter
    from .limits.rate_limiter import RateLimitState as RateLimitState
    from .pricing.estimate import estimate_cost as estimate_cost
    from .pricing.estimate import token_counter as token_counter
    from .profiles.profile_manager import UserProfileManager as UserProfileManager
    from .profiles.tier_config import TIER_PRESETS as TIER_PRESETS
    from .profiles.tier_config import TierConfig as TierConfig
    from .profiles.tier_config import TierLevel as TierLevel
    from .profiles.user_profile import UserProfile as UserProfile
    from .providers import PROVIDER_REGISTRY as PROVIDER_REGISTRY
    from .providers.base import BaseProvider as BaseProvider
    from .providers.base import ModelResponse as ModelResponse
    from .quality.checks import CheckOutcome as CheckOutcome
    from .quality.checks import Draft as Draft
    from .quality.checks import QualityCheck as QualityCheck
    from .quality.complexity import ComplexityDetector as ComplexityDetector
    from .quality.complexity import QueryComplexity as QueryComplexity
    from .quality.quality import QualityConfig as QualityConfig
    from .quality.quality import QualityValidator as QualityValidator
    from .quality.quality import ValidationResult as ValidationResult
    from .routers import RouteRequest as RouteRequest
    from .schema.config import DEFAULT_TIERS as DEFAULT_TIERS
    from .schema.config import EXAMPLE_WORKFLOWS as EXAMPLE_WORKFLOWS
    from .schema.config import CascadeConfig as CascadeConfig
    from .schema.config import LatencyProfile as LatencyProfile
    from .schema.config import ModelConfig as ModelConfig
    from .schema.config import OptimizationWeights as OptimizationWeights
    from .schema.config import UserTier as UserTier
    from .schema.config import WorkflowProfile as WorkflowProfile
    from .schema.exceptions import BudgetExceededError as BudgetExceededError
    from .schema.exceptions import CircuitOpenError as CircuitOpenError
    from .schema.exceptions import ConfigError as ConfigError
    from .schema.exceptions import ModelError as ModelError
    from .schema.exceptions import ProviderError as ProviderError
    from .schema.exceptions import QualityThresholdError as QualityThresholdError
    from .schema.exceptions import RateLimitError as RateLimitError
    from .schema.exceptions import RoutingError as RoutingError
    from .schema.exceptions import ValidationError as ValidationError
    from .schema.exceptions import cascadeflowError as cascadeflowError
    from .schema.result import CascadeResult as CascadeResult
    from .schema.usage import Usage as Usage
    from .streaming.base import StreamEvent as StreamEvent
    from .streaming.base import StreamEventType as StreamEventType
    from .telemetry.callbacks import CallbackData as CallbackData
    from .telemetry.callbacks import CallbackEvent as CallbackEvent
    from .telemetry.callbacks import CallbackManager as CallbackManager
    from .telemetry.cost_tracker import BudgetConfig as BudgetConfig
    from .telemetry.cost_tracker import CostTracker as CostTracker
    from .utils.helpers import estimate_tokens as estimate_tokens
    from .utils.helpers import format_cost as format_cost
    from .utils.helpers import setup_logging as setup_logging
    from .utils.presets import auto_agent as auto_agent
    from .utils.presets import get_balanced_agent as get_balanced_agent
    from .utils.presets import get_cost_optimized_agent as get_cost_optimized_agent
    from .utils.presets import get_development_agent as get_development_agent
    from .utils.presets import get_quality_optimized_agent as get_quality_optimized_agent
    from .utils.presets import get_speed_optimized_agent as get_speed_optimized_agent

__version__ = "2.0.0"

__all__ = [
    "PROVIDER_REGISTRY",
    "BaseProvider",
    "BudgetExceededError",
    "CascadeAgent",
    "CascadeConfig",
    "CascadeResult",
    "ModelConfig",
    "ModelResponse",
    "__version__",
    "cascadeflowError",
]

# Where each public name lives. Nothing is imported before it is used.
_NAMES: dict[str, str] = {
    "AuthenticationError": "schema.exceptions",
    "BaseProvider": "providers.base",
    "BatchConfig": "core.batch_config",
    "BatchProcessingError": "core.batch",
    "BatchResult": "core.batch",
    "BatchStrategy": "core.batch_config",
    "BudgetConfig": "telemetry.cost_tracker",
    "BudgetExceededError": "schema.exceptions",
    "CallbackData": "telemetry.callbacks",
    "CallbackEvent": "telemetry.callbacks",
    "CallbackManager": "telemetry.callbacks",
    "CascadeAgent": "agent",
    "CascadeConfig": "schema.config",
    "CascadeResult": "schema.result",
    "CheckOutcome": "quality.checks",
    "CircuitOpenError": "schema.exceptions",
    "ComplexityDetector": "quality.complexity",
    "ConfigError": "schema.exceptions",
    "CostTracker": "telemetry.cost_tracker",
    "DEFAULT_TIERS": "schema.config",
    "Draft": "quality.checks",
    "EXAMPLE_WORKFLOWS": "schema.config",
    "LatencyProfile": "schema.config",
    "ModelConfig": "schema.config",
    "ModelError": "schema.exceptions",
    "ModelResponse": "providers.base",
    "OpenTelemetryExporter": "integrations.otel",
    "OptimizationWeights": "schema.config",
    "PROVIDER_REGISTRY": "providers",
    "ProviderError": "schema.exceptions",
    "QualityCheck": "quality.checks",
    "QualityConfig": "quality.quality",
    "QualityThresholdError": "schema.exceptions",
    "QualityValidator": "quality.quality",
    "QueryComplexity": "quality.complexity",
    "RateLimitError": "schema.exceptions",
    "RateLimitState": "limits.rate_limiter",
    "RateLimiter": "limits.rate_limiter",
    "RouteRequest": "routers",
    "RoutingError": "schema.exceptions",
    "SpeculativeCascade": "core.cascade",
    "SpeculativeResult": "core.cascade",
    "StreamEvent": "streaming.base",
    "StreamEventType": "streaming.base",
    "TIER_PRESETS": "profiles.tier_config",
    "TierConfig": "profiles.tier_config",
    "TierLevel": "profiles.tier_config",
    "Usage": "schema.usage",
    "UserProfile": "profiles.user_profile",
    "UserProfileManager": "profiles.profile_manager",
    "UserTier": "schema.config",
    "ValidationError": "schema.exceptions",
    "ValidationResult": "quality.quality",
    "WholeResponseCascade": "core.cascade",
    "WorkflowProfile": "schema.config",
    "auto_agent": "utils.presets",
    "cascadeflowError": "schema.exceptions",
    "estimate_cost": "pricing.estimate",
    "estimate_tokens": "utils.helpers",
    "format_cost": "utils.helpers",
    "get_balanced_agent": "utils.presets",
    "get_cost_optimized_agent": "utils.presets",
    "get_development_agent": "utils.presets",
    "get_quality_optimized_agent": "utils.presets",
    "get_speed_optimized_agent": "utils.presets",
    "setup_logging": "utils.helpers",
    "token_counter": "pricing.estimate",
}

# Submodules that are reachable as attributes without an import of their own, as they are where the
# whole package is imported at once.
_MODULES = frozenset(
    {
        "agent",
        "cascade",
        "config",
        "core",
        "exceptions",
        "integrations",
        "limits",
        "pricing",
        "profiles",
        "providers",
        "quality",
        "resilience",
        "result",
        "routers",
        "schema",
        "speculative",
        "streaming",
        "telemetry",
        "utils",
    }
)


def __getattr__(name: str) -> object:
    from importlib import import_module

    home = _NAMES.get(name)
    if home is not None:
        value: object = getattr(import_module(f"{__name__}.{home}"), name)
        globals()[name] = value
        return value
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_NAMES, *_MODULES})
