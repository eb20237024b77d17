"""Configuration of models, cascades, tiers and workflows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from .. import _native
from .._defaults import DefaultFloat, DefaultInt, is_default
from ._record import Field, Record, invalid
from .exceptions import ValidationError

if TYPE_CHECKING:
    from ..providers.base import HttpConfig

__all__ = [
    "DEFAULT_TIERS",
    "EXAMPLE_WORKFLOWS",
    "CascadeConfig",
    "LatencyProfile",
    "ModelConfig",
    "OptimizationWeights",
    "UserTier",
    "WorkflowProfile",
]

_MISSING: Any = object()


class ModelConfig(Record):
    """A model and how the cascade sees it.

    `cost` is USD per 1,000 tokens. Without it, the price comes from the catalogue; a cost of 0
    given on purpose declares the model free. Further keywords are kept as attributes.
    """

    name: str
    provider: str
    cost: float
    keywords: list[str]
    domains: list[str]
    max_tokens: int
    system_prompt: str | None
    temperature: float
    api_key: str | None
    base_url: str | None
    extra: dict[str, Any]
    speed_ms: int
    quality_score: float
    supports_tools: bool
    http_config: HttpConfig | None

    _extra_allowed = True
    _fields: ClassVar[dict[str, Field]] = {
        "name": Field(str, required=True),
        "provider": Field(str, required=True),
        "cost": Field(float, DefaultFloat(0.0)),
        "keywords": Field(list, factory=list),
        "domains": Field(list, factory=list),
        "max_tokens": Field(int, DefaultInt(4096)),
        "system_prompt": Field(str, optional=True),
        "temperature": Field(float, DefaultFloat(0.7)),
        "api_key": Field(str, optional=True),
        "base_url": Field(str, optional=True),
        "extra": Field(dict, factory=dict),
        "speed_ms": Field(int, DefaultInt(1000)),
        "quality_score": Field(float, DefaultFloat(0.7)),
        "supports_tools": Field(bool, True),
        "http_config": Field(object, optional=True),
    }

    def __init__(
        self,
        name: str = _MISSING,
        *,
        provider: str = _MISSING,
        cost: float | str | Decimal | None = _MISSING,
        keywords: list[str] = _MISSING,
        domains: list[str] = _MISSING,
        max_tokens: int = _MISSING,
        system_prompt: str | None = None,
        temperature: float = _MISSING,
        api_key: str | None = None,
        base_url: str | None = None,
        extra: dict[str, Any] = _MISSING,
        speed_ms: int = _MISSING,
        quality_score: float = _MISSING,
        supports_tools: bool = True,
        http_config: HttpConfig | None = None,
        **kwargs: Any,
    ) -> None:
        if provider is _MISSING and name is not _MISSING:
            known = _native.infer_provider(name)
            if known is not None:
                provider = known
        values = {
            "name": name,
            "provider": provider,
            "cost": _MISSING if cost is None else cost,
            "keywords": keywords,
            "domains": domains,
            "max_tokens": max_tokens,
            "system_prompt": system_prompt,
            "temperature": temperature,
            "api_key": api_key,
            "base_url": base_url,
            "extra": extra,
            "speed_ms": speed_ms,
            "quality_score": quality_score,
            "supports_tools": supports_tools,
            "http_config": http_config,
            **kwargs,
        }
        super().__init__(**{n: v for n, v in values.items() if v is not _MISSING})
        if isinstance(cost, (str, Decimal)):
            # A decimal may have more digits than a float keeps.
            self.__dict__["_exact_cost"] = cost

    def _check(self) -> None:
        from ..providers import PROVIDER_REGISTRY

        self.__dict__["provider"] = self.provider.strip().lower()
        # `custom` is the published name for whatever is registered under it later.
        _native.check_model(self.to_native(), ["custom", *PROVIDER_REGISTRY])

    def to_native(self) -> dict[str, Any]:
        """The configuration as the engine reads it: what was chosen, without the defaults."""
        plain: dict[str, Any] = {"name": self.name, "provider": self.provider}
        for name in ("max_tokens", "temperature", "speed_ms", "quality_score"):
            value = getattr(self, name)
            if value is not None and not is_default(value):
                plain[name] = value
        if self.cost is not None and not is_default(self.cost):
            exact = self.__dict__.get("_exact_cost")
            same = exact is not None and float(exact) == self.cost
            plain["cost"] = str(exact) if same else repr(float(self.cost))
        for name in ("system_prompt", "api_key", "base_url"):
            value = getattr(self, name)
            if value:
                plain[name] = value
        if self.http_config is not None:
            plain["http"] = self.http_config.to_native()
        for name in ("keywords", "domains"):
            plain[name] = list(getattr(self, name))
        plain["supports_tools"] = bool(self.supports_tools)
        plain["extra"] = dict(self.extra)
        for name in ("quality_threshold", "max_retries"):
            value = self.__dict__.get(name)
            if value is not None:
                plain[name] = value
        return plain


class CascadeConfig(Record):
    """Settings of a cascade as a whole."""

    quality_threshold: float
    require_minimum_tokens: int
    max_budget: float
    track_costs: bool
    max_retries: int
    timeout: int
    routing_strategy: str
    use_speculative: bool
    deferral_strategy: str
    comparative_delta: float
    verbose: bool
    log_level: str
    track_metrics: bool

    ROUTING_STRATEGIES: ClassVar[tuple[str, ...]] = (
        "adaptive",
        "cost_first",
        "quality_first",
        "speed_first",
        "semantic",
    )

    _fields: ClassVar[dict[str, Field]] = {
        "quality_threshold": Field(float, 0.7),
        "require_minimum_tokens": Field(int, 10),
        "max_budget": Field(float, 1.0),
        "track_costs": Field(bool, True),
        "max_retries": Field(int, 2),
        "timeout": Field(int, 30),
        "routing_strategy": Field(str, "adaptive"),
        "use_speculative": Field(bool, True),
        "deferral_strategy": Field(str, "comparative"),
        "comparative_delta": Field(float, 0.2),
        "verbose": Field(bool, False),
        "log_level": Field(str, "INFO"),
        "track_metrics": Field(bool, True),
    }

    def _check(self) -> None:
        owner = "CascadeConfig"
        if not 0 <= self.quality_threshold <= 1:
            raise invalid(
                owner, "quality_threshold", self.quality_threshold, "give a number from 0 to 1"
            )
        if self.max_budget < 0:
            raise invalid(owner, "max_budget", self.max_budget, "give USD, zero or more")
        if self.timeout <= 0:
            raise invalid(owner, "timeout", self.timeout, "give seconds above zero")
        if self.routing_strategy not in self.ROUTING_STRATEGIES:
            raise invalid(
                owner,
                "routing_strategy",
                self.routing_strategy,
                f"use one of {', '.join(self.ROUTING_STRATEGIES)}",
            )


@dataclass
class OptimizationWeights:
    """What counts how much when models are compared; the weights sum to 1."""

    cost: float
    speed: float
    quality: float

    def __post_init__(self) -> None:
        total = self.cost + self.speed + self.quality
        if not 0.99 <= total <= 1.01:
            error = ValidationError(f"weights do not sum to 1: `{total}` (hint: give shares of 1)")
            error.field = "cost, speed, quality"
            error.hint = "give shares of 1"
            raise error


@dataclass
class LatencyProfile:
    """How long an answer may take."""

    max_total_ms: int
    max_per_model_ms: int
    prefer_parallel: bool
    skip_cascade_threshold: int


class UserTier(Record):
    """What the users of a tier may have."""

    name: str
    latency: LatencyProfile
    optimization: OptimizationWeights
    max_budget: float
    preferred_budget: float | None
    daily_budget: float | None
    monthly_budget: float | None
    quality_threshold: float
    target_quality: float | None
    require_minimum_tokens: int
    timeout: int
    max_retries: int
    allowed_models: list[str]
    preferred_models: list[str]
    exclude_models: list[str]
    excluded_models: list[str]
    optimize_simple_queries: bool
    prefer_local_models: bool
    local_only: bool
    enable_parallel: bool
    enable_speculative: bool
    parallel_race_count: int
    use_speculative: bool
    enable_streaming: bool
    enable_caching: bool
    cache_ttl: int
    rate_limit_per_hour: int | None
    daily_request_limit: int | None
    rate_limit: int | None
    priority: bool
    features: list[str]

    _fields: ClassVar[dict[str, Field]] = {
        "name": Field(str, required=True),
        "latency": Field(LatencyProfile, required=True),
        "optimization": Field(OptimizationWeights, required=True),
        "max_budget": Field(float, required=True),
        "preferred_budget": Field(float, optional=True),
        "daily_budget": Field(float, optional=True),
        "monthly_budget": Field(float, optional=True),
        "quality_threshold": Field(float, 0.7),
        "target_quality": Field(float, optional=True),
        "require_minimum_tokens": Field(int, 10),
        "timeout": Field(int, 30),
        "max_retries": Field(int, 2),
        "allowed_models": Field(list, factory=lambda: ["*"]),
        "preferred_models": Field(list, factory=list),
        "exclude_models": Field(list, factory=list),
        "excluded_models": Field(list, factory=list),
        "optimize_simple_queries": Field(bool, True),
        "prefer_local_models": Field(bool, False),
        "local_only": Field(bool, False),
        "enable_parallel": Field(bool, False),
        "enable_speculative": Field(bool, True),
        "parallel_race_count": Field(int, 2),
        "use_speculative": Field(bool, True),
        "enable_streaming": Field(bool, False),
        "enable_caching": Field(bool, False),
        "cache_ttl": Field(int, 3600),
        "rate_limit_per_hour": Field(int, optional=True),
        "daily_request_limit": Field(int, optional=True),
        "rate_limit": Field(int, optional=True),
        "priority": Field(bool, False),
        "features": Field(list, factory=lambda: ["basic"]),
    }

    def _check(self) -> None:
        if not 0 <= self.quality_threshold <= 1:
            raise invalid(
                self.name, "quality_threshold", self.quality_threshold, "give a number from 0 to 1"
            )

    def allows_model(self, model_name: str) -> bool:
        """Whether users of the tier may use the model."""
        if model_name in self.exclude_models or model_name in self.excluded_models:
            return False
        return "*" in self.allowed_models or model_name in self.allowed_models

    def to_cascade_config(self) -> dict[str, Any]:
        """The settings that a cascade takes from the tier."""
        return {
            "max_budget": self.max_budget,
            "quality_threshold": self.quality_threshold,
            "timeout": self.timeout,
            "max_retries": self.max_retries,
            "use_speculative": self.use_speculative,
        }

    def to_dict(self) -> dict[str, Any]:
        """The tier in short."""
        return {
            "name": self.name,
            "optimization": {
                "cost": self.optimization.cost,
                "speed": self.optimization.speed,
                "quality": self.optimization.quality,
            },
            "latency": {
                "max_total_ms": self.latency.max_total_ms,
                "max_per_model_ms": self.latency.max_per_model_ms,
            },
            "max_budget": self.max_budget,
            "quality_threshold": self.quality_threshold,
        }


class WorkflowProfile(Record):
    """What a workflow changes of its users' tiers."""

    name: str
    latency_override: LatencyProfile | None
    optimization_override: OptimizationWeights | None
    max_budget_override: float | None
    quality_threshold_override: float | None
    force_models: list[str] | None
    preferred_models: list[str]
    exclude_models: list[str]
    enable_caching: bool | None
    enable_parallel: bool | None
    enable_speculative: bool | None
    enable_streaming: bool | None
    description: str | None
    metadata: dict[str, Any]

    _fields: ClassVar[dict[str, Field]] = {
        "name": Field(str, required=True),
        "latency_override": Field(LatencyProfile, optional=True),
        "optimization_override": Field(OptimizationWeights, optional=True),
        "max_budget_override": Field(float, optional=True),
        "quality_threshold_override": Field(float, optional=True),
        "force_models": Field(list, optional=True),
        "preferred_models": Field(list, factory=list),
        "exclude_models": Field(list, factory=list),
        "enable_caching": Field(bool, optional=True),
        "enable_parallel": Field(bool, optional=True),
        "enable_speculative": Field(bool, optional=True),
        "enable_streaming": Field(bool, optional=True),
        "description": Field(str, optional=True),
        "metadata": Field(dict, factory=dict),
    }


def _tier(
    name: str,
    latency: tuple[int, int, bool, int],
    weights: tuple[float, float, float],
    **values: Any,
) -> UserTier:
    return UserTier(
        name=name,
        latency=LatencyProfile(*latency),
        optimization=OptimizationWeights(*weights),
        **values,
    )


DEFAULT_TIERS: dict[str, UserTier] = {
    "free": _tier(
        "free",
        (15000, 10000, False, 0),
        (0.7, 0.15, 0.15),
        max_budget=0.001,
        quality_threshold=0.65,
    ),
    "standard": _tier(
        "standard",
        (8000, 5000, False, 2000),
        (0.4, 0.3, 0.3),
        max_budget=0.01,
        preferred_budget=0.005,
        target_quality=0.8,
        enable_caching=True,
        cache_ttl=1800,
    ),
    "premium": _tier(
        "premium",
        (3000, 2000, True, 1500),
        (0.2, 0.5, 0.3),
        max_budget=0.05,
        preferred_budget=0.02,
        quality_threshold=0.75,
        target_quality=0.85,
        enable_parallel=True,
        enable_streaming=True,
        enable_caching=True,
    ),
    "enterprise": _tier(
        "enterprise",
        (1500, 1000, True, 1000),
        (0.1, 0.6, 0.3),
        max_budget=0.2,
        preferred_budget=0.05,
        target_quality=0.9,
        enable_parallel=True,
        parallel_race_count=3,
        enable_streaming=True,
        enable_caching=True,
        cache_ttl=7200,
    ),
}

EXAMPLE_WORKFLOWS: dict[str, WorkflowProfile] = {
    "draft_mode": WorkflowProfile(
        name="draft_mode",
        optimization_override=OptimizationWeights(0.8, 0.15, 0.05),
        max_budget_override=0.0001,
        quality_threshold_override=0.5,
        preferred_models=["llama3:8b"],
        description="Quick drafts at the lowest cost",
    ),
    "production": WorkflowProfile(
        name="production",
        quality_threshold_override=0.85,
        enable_caching=True,
        description="Production traffic, balanced",
    ),
    "critical": WorkflowProfile(
        name="critical",
        optimization_override=OptimizationWeights(0.1, 0.3, 0.6),
        quality_threshold_override=0.9,
        force_models=["gpt-4", "claude-3-opus"],
        description="Critical queries, quality first",
    ),
    "realtime": WorkflowProfile(
        name="realtime",
        latency_override=LatencyProfile(800, 600, True, 700),
        optimization_override=OptimizationWeights(0.15, 0.7, 0.15),
        preferred_models=["gpt-3.5-turbo", "claude-3-haiku"],
        description="Answers in real time",
    ),
    "batch_processing": WorkflowProfile(
        name="batch_processing",
        latency_override=LatencyProfile(30000, 20000, False, 0),
        optimization_override=OptimizationWeights(0.7, 0.1, 0.2),
        enable_caching=True,
        description="Batches, cost first",
    ),
}
