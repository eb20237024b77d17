"""What a run gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._native import ResultBase

if TYPE_CHECKING:
    from decimal import Decimal

    from .usage import Usage

__all__ = ["CascadeResult"]

_OPTIONAL = (
    "tool_calls",
    "has_tool_calls",
    "quality_score",
    "quality_threshold",
    "quality_check_passed",
    "rejection_reason",
    "draft_response",
    "verifier_response",
    "response_length",
    "response_word_count",
    "complexity_detection_ms",
    "draft_generation_ms",
    "quality_verification_ms",
    "verifier_generation_ms",
    "cascade_overhead_ms",
    "draft_cost",
    "verifier_cost",
    "cost_saved",
    "draft_model",
    "draft_latency_ms",
    "draft_confidence",
    "verifier_model",
    "verifier_latency_ms",
    "verifier_confidence",
    "metadata",
)
_REQUIRED = (
    "content",
    "model_used",
    "total_cost",
    "latency_ms",
    "complexity",
    "cascaded",
    "draft_accepted",
    "routing_strategy",
    "reason",
)
_FIELDS = _REQUIRED + _OPTIONAL


class CascadeResult(ResultBase):
    """The answer of a run with its cost and how it came about.

    Money is in USD; the `…_exact` attributes are decimals without rounding. Times are milliseconds.
    `None` means that a stage did not happen. `attempts` and `trace` hold every call and decision.
    """

    content: str
    model_used: str
    total_cost: float
    latency_ms: float
    complexity: str
    cascaded: bool
    draft_accepted: bool
    routing_strategy: str
    reason: str
    tool_calls: list[dict[str, Any]] | None
    has_tool_calls: bool
    quality_score: float | None
    quality_threshold: float | None
    quality_check_passed: bool | None
    rejection_reason: str | None
    draft_response: str | None
    verifier_response: str | None
    response_length: int | None
    response_word_count: int | None
    complexity_detection_ms: float | None
    draft_generation_ms: float | None
    quality_verification_ms: float | None
    verifier_generation_ms: float | None
    cascade_overhead_ms: float | None
    draft_cost: float | None
    verifier_cost: float | None
    cost_saved: float | None
    draft_model: str | None
    draft_latency_ms: float | None
    draft_confidence: float | None
    verifier_model: str | None
    verifier_latency_ms: float | None
    verifier_confidence: float | None
    metadata: dict[str, Any]

    if TYPE_CHECKING:
        # What only a result of the engine has.
        answer_model: str
        answer_provider: str
        complexity_confidence: float
        escalated: bool
        cache_hit: bool
        unpriced: bool
        finish_reason: str | None
        domain: str | None
        domain_confidence: float | None
        thinking: list[dict[str, Any]]
        usage: Usage
        attempts: list[dict[str, Any]]
        trace: list[dict[str, Any]]
        total_cost_exact: Decimal
        draft_cost_exact: Decimal
        verifier_cost_exact: Decimal
        cost_saved_exact: Decimal
        baseline_cost_exact: Decimal

    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        content: str,
        model_used: str,
        total_cost: float,
        latency_ms: float,
        complexity: str,
        cascaded: bool,
        draft_accepted: bool,
        routing_strategy: str,
        reason: str,
        tool_calls: list[dict[str, Any]] | None = None,
        has_tool_calls: bool = False,
        quality_score: float | None = None,
        quality_threshold: float | None = None,
        quality_check_passed: bool | None = None,
        rejection_reason: str | None = None,
        draft_response: str | None = None,
        verifier_response: str | None = None,
        response_length: int | None = None,
        response_word_count: int | None = None,
        complexity_detection_ms: float | None = None,
        draft_generation_ms: float | None = None,
        quality_verification_ms: float | None = None,
        verifier_generation_ms: float | None = None,
        cascade_overhead_ms: float | None = None,
        draft_cost: float | None = None,
        verifier_cost: float | None = None,
        cost_saved: float | None = None,
        draft_model: str | None = None,
        draft_latency_ms: float | None = None,
        draft_confidence: float | None = None,
        verifier_model: str | None = None,
        verifier_latency_ms: float | None = None,
        verifier_confidence: float | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        given = locals()
        for name in _FIELDS:
            self.__dict__[name] = given[name]
        if metadata is None:
            self.metadata = {}

    @property
    def text(self) -> str:
        """The answer; the same as `content`."""
        return self.content

    @property
    def baseline_cost(self) -> float | None:
        """What the strong model alone would have cost, in USD."""
        if self.cost_saved is None:
            return None
        exact = getattr(self, "baseline_cost_exact", None)
        return self.total_cost + self.cost_saved if exact is None else float(exact)

    @property
    def cost_saved_percentage(self) -> float:
        """`cost_saved` as a share of `baseline_cost`, in percent; 0 when the baseline is zero."""
        baseline = self.baseline_cost
        if not baseline or self.cost_saved is None:
            return 0.0
        return self.cost_saved / baseline * 100

    @property
    def savings_percentage(self) -> float:
        """The same as `cost_saved_percentage`."""
        return self.cost_saved_percentage

    def to_dict(self) -> dict[str, Any]:
        """The result as plain data."""
        plain = {name: getattr(self, name) for name in _REQUIRED}
        for name in (
            "tool_calls",
            "has_tool_calls",
            "quality_score",
            "quality_threshold",
            "quality_check_passed",
            "rejection_reason",
            "response_length",
            "response_word_count",
        ):
            plain[name] = getattr(self, name)
        plain["timing_breakdown"] = {
            name: getattr(self, name)
            for name in (
                "complexity_detection_ms",
                "draft_generation_ms",
                "quality_verification_ms",
                "verifier_generation_ms",
                "cascade_overhead_ms",
            )
        }
        plain["cost_breakdown"] = {
            name: getattr(self, name) for name in ("draft_cost", "verifier_cost", "cost_saved")
        }
        plain["metadata"] = self.metadata
        return plain

    def _values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _FIELDS}

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self._values().items())
        return f"{type(self).__name__}({shown})"

    def __copy__(self) -> CascadeResult:
        return type(self)(**self._values())

    def __reduce__(self) -> tuple[Any, ...]:
        return (_restore, (type(self), self._values()))


def _restore(cls: type[CascadeResult], values: dict[str, Any]) -> CascadeResult:
    return cls(**values)
