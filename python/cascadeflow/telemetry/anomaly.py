"""Spending that stands out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from .. import _native
from .._defaults import DefaultFloat, chosen
from .cost_tracker import CostTracker
from .forecasting import spend_entries, utc_offset

__all__ = ["Anomaly", "AnomalyDetector", "AnomalySeverity", "create_anomaly_alerts"]

SENSITIVITY: float = DefaultFloat(2.5)


class AnomalySeverity(Enum):
    """How far out of the ordinary something is, in standard deviations."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass
class Anomaly:
    """An amount in USD that stands out, `z_score` standard deviations from what was expected."""

    timestamp: datetime
    value: float
    expected: float
    z_score: float
    severity: AnomalySeverity
    metric: str = "cost"
    user_id: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def deviation_percent(self) -> float:
        """The distance in percent of what was expected; 0 where nothing was."""
        if not self.expected:
            return 0.0
        return abs(self.value - self.expected) / self.expected * 100

    def __str__(self) -> str:
        whose = f" (user: {self.user_id})" if self.user_id else ""
        return (
            f"{self.severity.value.upper()}: {self.metric} anomaly{whose} - observed "
            f"${self.value:.4f}, expected ${self.expected:.4f} (z-score: {self.z_score:.2f}, "
            f"{self.deviation_percent:.0f}% deviation)"
        )


class AnomalyDetector:
    """Looks for amounts, or days, that stand out among those of a tracker.

    `sensitivity` is the number of standard deviations from which something stands out; nothing
    does among fewer than `min_data_points`. `method` is `z_score` (mean and standard deviation),
    `robust` (median and median absolute deviation, so that what is wild does not hide itself) or
    `seasonal` (robust, by trend and weekday); the latter two take 3.5 where no sensitivity is
    given. `of` is `entries` or `days`. `tracker` is a `CostTracker`, or anything with `entries`
    that have `timestamp`, `cost` and `user_id`.
    """

    def __init__(
        self,
        tracker: Any,
        sensitivity: float = SENSITIVITY,
        min_data_points: int = 10,
        *,
        method: str = "z_score",
        of: str = "entries",
    ) -> None:
        self.tracker = tracker
        self.sensitivity = sensitivity
        self.min_data_points = min_data_points
        self.method = method
        self.of = of
        # What is out of range is told at once.
        self._ask([], 7)

    def detect_global_anomalies(self, lookback_days: int = 7) -> list[Anomaly]:
        """What stands out in the last days, whoever spent it."""
        found = self._ask(self._entries(None, lookback_days), lookback_days)
        for anomaly in found:
            anomaly.user_id = None
        return found

    def detect_user_anomalies(self, user_id: str, lookback_days: int = 7) -> list[Anomaly]:
        """What stands out in the last days of a user, among their own."""
        found = self._ask(self._entries(user_id, lookback_days), lookback_days)
        for anomaly in found:
            anomaly.user_id = user_id
        return found

    def detect_all_users(self, lookback_days: int = 7) -> dict[str, list[Anomaly]]:
        """What stands out in the last days of each user; only those with something."""
        if isinstance(self.tracker, CostTracker):
            users: Iterable[str] = self.tracker.get_all_users()
        else:
            users = list(self.tracker.user_entries)
        found = {user: self.detect_user_anomalies(user, lookback_days) for user in users}
        return {user: anomalies for user, anomalies in found.items() if anomalies}

    def _entries(self, user_id: str | None, lookback_days: int) -> list[dict[str, Any]]:
        # Days are compared with those before the time that is told of, entries only with its own.
        days = lookback_days if self.of == "entries" else max(lookback_days, 84)
        tracker = self.tracker
        if isinstance(tracker, CostTracker):
            earliest = max(0.0, tracker.now() - days * 86_400)
            return spend_entries(tracker.get_entries(user_id=user_id, since=earliest))
        since = datetime.now() - timedelta(days=days)
        entries = tracker.entries if user_id is None else tracker.user_entries.get(user_id, ())
        return spend_entries(entry for entry in entries if entry.timestamp >= since)

    def _ask(self, entries: list[dict[str, Any]], lookback_days: int) -> list[Anomaly]:
        options: dict[str, Any] = {
            "method": self.method,
            "sensitivity": chosen(self.sensitivity),
            "min_data_points": self.min_data_points,
        }
        if self.of != "entries":
            options["lookback_days"] = lookback_days
        request = {
            "entries": entries,
            "of": self.of,
            "options": options,
            "utc_offset_seconds": utc_offset(),
        }
        return [_read(found) for found in _native.detect_anomalies(request)["anomalies"]]


def _read(found: dict[str, Any]) -> Anomaly:
    metadata = {
        "std_dev": found["std_dev"],
        "mean": found["expected"],
        "data_points": found["data_points"],
        "index": found["index"],
        "method": found["method"],
    }
    return Anomaly(
        timestamp=datetime.fromtimestamp(found["timestamp"]),
        value=found["value"],
        expected=found["expected"],
        z_score=found["z_score"],
        severity=AnomalySeverity(found["severity"]),
        metric=found["metric"],
        user_id=found["user_id"],
        metadata=metadata,
    )


def create_anomaly_alerts(
    anomalies: list[Anomaly], min_severity: AnomalySeverity = AnomalySeverity.MEDIUM
) -> list[dict[str, Any]]:
    """Alerts of the anomalies from `min_severity` on, in their order."""
    plain = [
        {
            "timestamp": anomaly.timestamp.timestamp(),
            "value": anomaly.value,
            "expected": anomaly.expected,
            "z_score": anomaly.z_score,
            "severity": anomaly.severity.value,
            "metric": anomaly.metric,
            "user_id": anomaly.user_id,
        }
        for anomaly in anomalies
    ]
    severity = AnomalySeverity(min_severity).value
    found = _native.anomaly_alerts({"anomalies": plain, "min_severity": severity})
    alerts: list[dict[str, Any]] = found["alerts"]
    for alert in alerts:
        alert["timestamp"] = datetime.fromtimestamp(alert["timestamp"]).isoformat()
    return alerts
