"""Judging drafts and the difficulty of queries."""

from __future__ import annotations

from .complexity import ComplexityDetector, QueryComplexity
from .quality import QualityConfig, QualityValidator, ResponseAnalyzer, ValidationResult

__all__ = [
    "ComplexityDetector",
    "QualityConfig",
    "QualityValidator",
    "QueryComplexity",
    "ResponseAnalyzer",
    "ValidationResult",
]
