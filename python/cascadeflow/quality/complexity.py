"""How hard a query is."""

from __future__ import annotations

from enum import Enum
from typing import Any, Literal, overload

from .. import _native


class QueryComplexity(Enum):
    """The five levels of difficulty, easiest first."""

    TRIVIAL = "trivial"
    SIMPLE = "simple"
    MODERATE = "moderate"
    HARD = "hard"
    EXPERT = "expert"


class ComplexityDetector:
    """Tells how hard a query is, and counts what it has seen."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(QueryComplexity, 0)

    @overload
    def detect(
        self,
        query: str,
        context: dict[str, Any] | None = None,
        return_metadata: Literal[False] = False,
    ) -> tuple[QueryComplexity, float]: ...

    @overload
    def detect(
        self, query: str, context: dict[str, Any] | None = None, *, return_metadata: Literal[True]
    ) -> tuple[QueryComplexity, float, dict[str, Any]]: ...

    def detect(
        self, query: str, context: dict[str, Any] | None = None, return_metadata: bool = False
    ) -> tuple[QueryComplexity, float] | tuple[QueryComplexity, float, dict[str, Any]]:
        """The level with the confidence in it, and, when asked for, what was found in the query.

        `context` is taken for the sake of older code and has no influence.
        """
        name, confidence = _native.complexity(query)
        level = QueryComplexity(name)
        self._counts[level] += 1
        if return_metadata:
            return level, confidence, _native.analyse(query)
        return level, confidence

    def get_stats(self) -> dict[str, Any]:
        """How many queries were of which level."""
        total = sum(self._counts.values())
        return {
            "total_detected": total,
            "by_complexity": dict(self._counts),
            "distribution": {
                level.value: count / total if total else 0.0
                for level, count in self._counts.items()
            },
        }
