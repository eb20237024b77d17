"""Judging drafts and the difficulty of queries."""

from __future__ import annotations

from .checks import CheckOutcome, Draft, QualityCheck
from .complexity import ComplexityDetector, QueryComplexity
from .quality import QualityConfig, QualityValidator, ResponseAnalyzer, ValidationResult

__all__ = [
    "CheckOutcome",
    "ComplexityDetector",
    "Draft",
    "QualityCheck",
    "QualityConfig",
    "QualityValidator",
    "QueryComplexity",
    "ResponseAnalyzer",
    "ValidationResult",
]
