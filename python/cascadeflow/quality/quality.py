"""What a draft must reach, and the judgement of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import _native

_LEVELS = ("trivial", "simple", "moderate", "hard", "expert")


def _by_level(values: tuple[float, float, float, float, float]) -> dict[str, float]:
    return dict(zip(_LEVELS, values, strict=True))


def _lengths(values: tuple[int, int, int, int, int]) -> dict[str, int]:
    return dict(zip(_LEVELS, values, strict=True))


class QualityConfig:
    """What a draft must reach.

    `confidence_thresholds` are the confidence in [0, 1] and `min_length_thresholds` the characters
    required at each complexity, by the level's name.
    """

    def __init__(
        self,
        confidence_thresholds: dict[str, float] | None = None,
        min_length_thresholds: dict[str, int] | None = None,
        require_specifics_for_complex: bool = True,
        max_hedging_ratio: float = 0.2,
        min_specificity_score: float = 0.3,
        enable_hallucination_detection: bool = True,
        enable_comparative: bool = False,
        enable_adaptive: bool = False,
        log_decisions: bool = True,
        log_details: bool = False,
    ) -> None:
        self.confidence_thresholds = (
            _by_level((0.55, 0.50, 0.45, 0.42, 0.40))
            if confidence_thresholds is None
            else dict(confidence_thresholds)
        )
        self.min_length_thresholds = (
            _lengths((1, 10, 30, 50, 100))
            if min_length_thresholds is None
            else dict(min_length_thresholds)
        )
        self.require_specifics_for_complex = require_specifics_for_complex
        self.max_hedging_ratio = max_hedging_ratio
        self.min_specificity_score = min_specificity_score
        self.enable_hallucination_detection = enable_hallucination_detection
        self.enable_comparative = enable_comparative
        self.enable_adaptive = enable_adaptive
        self.log_decisions = log_decisions
        self.log_details = log_details

    @classmethod
    def for_production(cls) -> QualityConfig:
        """Thresholds for production: .60/.68/.73/.83/.88."""
        return cls(_by_level((0.60, 0.68, 0.73, 0.83, 0.88)), enable_adaptive=True)

    @classmethod
    def for_development(cls) -> QualityConfig:
        """Thresholds for development: .50/.60/.70/.75/.80, every check logged."""
        return cls(_by_level((0.50, 0.60, 0.70, 0.75, 0.80)), log_details=True)

    @classmethod
    def strict(cls) -> QualityConfig:
        """The strictest thresholds: .70/.80/.85/.90/.95."""
        return cls(
            _by_level((0.70, 0.80, 0.85, 0.90, 0.95)),
            enable_comparative=True,
            enable_adaptive=True,
            log_details=True,
        )

    @classmethod
    def for_cascade(cls) -> QualityConfig:
        """The agent's default: .25/.40/.55/.70/.80, with more patience for short answers."""
        return cls(
            _by_level((0.25, 0.40, 0.55, 0.70, 0.80)),
            _lengths((1, 8, 20, 40, 80)),
            require_specifics_for_complex=False,
            max_hedging_ratio=0.3,
            min_specificity_score=0.2,
            enable_adaptive=True,
        )

    def to_native(self) -> dict[str, Any]:
        """The configuration as the engine reads it."""
        plain = dict(vars(self))
        for name in ("confidence_thresholds", "min_length_thresholds"):
            plain[name] = {level: plain[name].get(level) for level in _LEVELS} | {
                level: value for level, value in plain[name].items() if level not in _LEVELS
            }
        return plain

    def __eq__(self, other: object) -> bool:
        return isinstance(other, QualityConfig) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({shown})"


@dataclass
class ValidationResult:
    """The judgement of a draft."""

    passed: bool
    score: float
    reason: str
    checks: dict[str, bool]
    details: dict[str, Any]

    @property
    def failed_checks(self) -> list[str]:
        """Names of the checks that failed."""
        return [name for name, passed in self.checks.items() if not passed]


class QualityValidator:
    """Judges drafts as the engine does."""

    def __init__(self, config: QualityConfig | None = None) -> None:
        self.config = QualityConfig.for_production() if config is None else config

    def validate(
        self,
        draft_content: str,
        query: str,
        confidence: float,
        complexity: str | None = None,
        threshold_override: float | None = None,
    ) -> ValidationResult:
        """The judgement of `draft_content` as an answer to `query`.

        `confidence` is the provider's own, in [0, 1]; `complexity` is detected when left out.
        """
        verdict = _native.verdict(
            self.config.to_native(),
            {
                "query": query,
                "draft": {"content": draft_content, "confidence": confidence},
                "complexity": complexity,
                "threshold": threshold_override,
            },
        )
        checks = {check["check"]: check["passed"] for check in verdict["checks"]}
        return ValidationResult(
            passed=verdict["accepted"],
            score=verdict["score"],
            reason=verdict["reason"],
            checks=checks,
            details={
                "confidence": {
                    "value": verdict["confidence"],
                    "threshold": verdict["threshold"],
                    "complexity": verdict["complexity"],
                },
                "checks": verdict["checks"],
            },
        )


class ResponseAnalyzer:
    """Looks at one property of an answer at a time, as the engine's checks do."""

    @staticmethod
    def _check(content: str, complexity: str, *names: str) -> dict[str, Any]:
        verdict = _native.verdict(
            QualityConfig().to_native(),
            {"query": "", "draft": {"content": content}, "complexity": complexity},
        )
        found = [check for check in verdict["checks"] if check["check"] in names]
        return {
            "passed": all(check["passed"] for check in found),
            "checks": found,
        }

    @staticmethod
    def analyze_length(content: str, complexity: str) -> dict[str, Any]:
        """Whether the answer is long enough for a query of that complexity."""
        found = ResponseAnalyzer._check(content, complexity, "length", "empty")
        return {
            "word_count": len(content.split()),
            "char_count": len(content),
            "appropriate": found["passed"],
            "too_short": not found["passed"],
            "too_long": False,
        }

    @staticmethod
    def detect_hedging(content: str, is_math_content: bool = False) -> dict[str, Any]:
        """Whether the answer hedges or refuses too much. Mathematics is never taken to hedge."""
        found = ResponseAnalyzer._check(content, "simple", "hedging", "refusal")
        acceptable = is_math_content or found["passed"]
        return {"acceptable": acceptable, "severe": not acceptable, "checks": found["checks"]}

    @staticmethod
    def analyze_specificity(content: str, complexity: str) -> dict[str, Any]:
        """Whether the answer is specific enough for a query of that complexity."""
        found = ResponseAnalyzer._check(content, complexity, "specificity")
        return {
            "has_numbers": any(character.isdigit() for character in content),
            "meets_requirement": found["passed"],
            "checks": found["checks"],
        }

    @staticmethod
    def detect_hallucinations(content: str) -> dict[str, Any]:
        """Whether the answer leans on authority that it does not name."""
        found = ResponseAnalyzer._check(content, "simple", "claims")
        return {
            "risk_level": "low" if found["passed"] else "medium",
            "checks": found["checks"],
        }
