"""What will be spent."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from .. import _native
from .._defaults import DefaultFloat, chosen
from ..schema.exceptions import ValidationError
from .cost_tracker import CostTracker

__all__ = ["CostForecaster", "CostPrediction"]

# Published for budgets that last.
_FOR_EVER = 999_999

ALPHA: float = DefaultFloat(0.3)


@dataclass
class CostPrediction:
    """What will be spent over `period_days`, in USD, and between which bounds with 95 %.

    `confidence` is in [0, 1]; `trend` is `increasing`, `decreasing` or `stable`. Of `metadata`,
    `model` is the kind of smoothing that the data chose, `reasons` says why, and `days` holds each
    day with its intervals.
    """

    predicted_cost: float
    lower_bound: float
    upper_bound: float
    confidence: float
    period_days: int
    method: str = "exponential_smoothing"
    historical_average: float = 0.0
    trend: str = "stable"
    metadata: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.predicted_cost = max(0.0, self.predicted_cost)
        self.lower_bound = max(0.0, self.lower_bound)
        self.confidence = min(1.0, max(0.0, self.confidence))


class CostForecaster:
    """Forecasts the spending that a tracker keeps, by exponential smoothing.

    Trend and weekly season are used where the data show them. `alpha` is the weight of the newest
    day, above 0 and at most 1; left out, it is fitted. Nothing is forecast from fewer than
    `min_data_points` days. `tracker` is a `CostTracker`, or anything with `entries` that have
    `timestamp`, `cost` and `user_id`.
    """

    def __init__(self, tracker: Any, alpha: float = ALPHA, min_data_points: int = 7) -> None:
        self.tracker = tracker
        self.alpha = alpha
        self.min_data_points = min_data_points
        # What is out of range is told at once.
        self._ask({"series": {"first_day": 0, "totals": []}, "days": 1})

    def forecast_daily(self, days: int = 7, user_id: str | None = None) -> CostPrediction:
        """What will be spent over the next days, by everybody or by one user."""
        found = self._ask({"series": self._series(user_id, running=True), "days": days})
        if found["method"] == "insufficient_data":
            # Of a young history today counts as a day, though it goes on.
            found = self._ask({"series": self._series(user_id, running=False), "days": days})
        if found["method"] == "insufficient_data":
            metadata = {
                "error": "insufficient_data",
                "data_points": found["data_points"],
                "required": found["required_data_points"],
            }
            return CostPrediction(0.0, 0.0, 0.0, 0.0, days, metadata=metadata)
        bounds = found["intervals"][-1]
        return CostPrediction(
            predicted_cost=found["predicted_cost"],
            lower_bound=bounds["lower"],
            upper_bound=bounds["upper"],
            confidence=found["confidence"],
            period_days=found["period_days"],
            historical_average=found["historical_average"],
            trend=found["trend"],
            metadata={
                "base_daily_cost": found["days"][0]["cost"],
                "trend_strength": found["weekly_change"],
                "data_points": found["data_points"],
                "smoothing_alpha": found["alpha"],
                "model": found["method"],
                "reasons": found["reasons"],
                "intervals": found["intervals"],
                "days": found["days"],
            },
        )

    def forecast_user(self, user_id: str, days: int = 7) -> CostPrediction:
        """What a user will spend over the next days."""
        return self.forecast_daily(days, user_id)

    def calculate_budget_runway(
        self, budget_remaining: float, user_id: str | None = None
    ) -> tuple[int, float]:
        """How many whole days so many USD last, and the confidence; 999999 when they last."""
        if math.isnan(budget_remaining):
            error = ValidationError("`budget_remaining` is not a number (hint: give USD)")
            error.field = "budget_remaining"
            raise error
        # Whole days from tomorrow on.
        series = self._series(user_id, running=False)
        budget = {"limit": max(0.0, budget_remaining), "used": 0.0}
        found = _native.budget_outlook(
            {"series": series, "budget": budget, "options": self._options()}
        )
        days = found["days_left"]
        return (_FOR_EVER if days is None else days), found["confidence"]

    def budget_outlook(
        self,
        limit: float,
        used: float = 0.0,
        *,
        user_id: str | None = None,
        period_end: date | str | None = None,
        level: float = 0.8,
    ) -> dict[str, Any]:
        """When a budget of `limit` USD, of which `used` is used, is exhausted.

        `expected_day`, and, with the probability `level`, not before `earliest_day` and not after
        `latest_day`; `None` when it lasts until `period_end`, or for a year. `probability` is that
        of its end before then.
        """
        budget: dict[str, Any] = {"limit": limit, "used": used, "level": level}
        if period_end is not None:
            budget["period_end"] = str(period_end)
        request = {"budget": budget, "options": self._options()}
        found = _native.budget_outlook({"series": self._series(user_id, running=True), **request})
        if found["days_left"] is None and not found["exhausted"] and not found["confidence"]:
            found = _native.budget_outlook(
                {"series": self._series(user_id, running=False), **request}
            )
        outlook: dict[str, Any] = found
        return outlook

    def _options(self) -> dict[str, Any]:
        return {
            "alpha": chosen(self.alpha),
            "min_data_points": self.min_data_points,
            "levels": [0.8, 0.95],
        }

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = _native.forecast({**request, "options": self._options()})
        return found

    def _series(self, user_id: str | None, *, running: bool) -> dict[str, Any]:
        if isinstance(self.tracker, CostTracker):
            now = self.tracker.now() if running else None
            own: dict[str, Any] = self.tracker.native.daily_series(user_id, utc_offset(), now)
            return own
        now = time.time() if running else None
        entries = spend_entries(_entries_of(self.tracker, user_id))
        series: dict[str, Any] = _native.daily_series(entries, utc_offset(), now)
        return series


def utc_offset() -> int:
    """Seconds that local clocks are ahead of UTC."""
    offset = datetime.now().astimezone().utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def _entries_of(tracker: Any, user_id: str | None) -> Iterable[Any]:
    if user_id is None:
        found: Iterable[Any] = tracker.entries
        return found
    own: Iterable[Any] = tracker.user_entries.get(user_id, ())
    return own


def spend_entries(entries: Iterable[Any]) -> list[dict[str, Any]]:
    """Entries in the form that the engine reads."""
    return [
        {
            "timestamp": entry.timestamp.timestamp()
            if isinstance(entry.timestamp, datetime)
            else entry.timestamp,
            "cost": entry.cost,
            "user_id": getattr(entry, "user_id", None),
        }
        for entry in entries
    ]
