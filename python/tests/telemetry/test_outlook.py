"""Forecasts, anomalies and collected figures."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cascadeflow import ValidationError
from cascadeflow.telemetry import (
    Anomaly,
    AnomalyDetector,
    AnomalySeverity,
    CostForecaster,
    CostPrediction,
    CostTracker,
    MetricsCollector,
    create_anomaly_alerts,
)


def tracker_of(costs: list[float], user: str | None = "ada") -> CostTracker:
    """A cost for each day up to now."""
    tracker = CostTracker()
    now = datetime.now()
    for back, cost in enumerate(reversed(costs)):
        tracker.add_cost("m", "p", 1, cost, user_id=user, timestamp=now - timedelta(days=back))
    return tracker


class TestForecast:
    def test_what_is_the_same_every_day_goes_on(self) -> None:
        found = CostForecaster(tracker_of([1.0] * 15)).forecast_daily(7)
        assert found.predicted_cost == pytest.approx(7.0)
        assert (found.period_days, found.trend) == (7, "stable")
        assert found.method == "exponential_smoothing"
        assert found.historical_average == pytest.approx(1.0)
        assert found.confidence > 0.9
        assert found.lower_bound <= 7.0 <= found.upper_bound

    @pytest.mark.parametrize(("step", "trend"), [(0.1, "increasing"), (-0.1, "decreasing")])
    def test_trends_are_seen(self, step: float, trend: str) -> None:
        found = CostForecaster(tracker_of([5 + step * at for at in range(30)])).forecast_daily(7)
        assert found.trend == trend
        true = sum(5 + step * at for at in range(30, 37))
        assert found.predicted_cost == pytest.approx(true, rel=0.1)

    def test_trend_season_and_noise_within_ten_percent(self) -> None:
        noise = random.Random(7)
        season = (1.2, 1.25, 1.2, 1.15, 1.1, 0.6, 0.5)

        def cost(at: int) -> float:
            return (10 + 0.05 * at) * season[at % 7] * (1 + noise.gauss(0, 0.05))

        days = [cost(at) for at in range(98)]
        # The forecast is of the days after today, which goes on.
        past, todays, future = days[:90], days[90], days[91:]
        found = CostForecaster(tracker_of([*past, todays])).forecast_daily(7)
        assert found.predicted_cost == pytest.approx(sum(future), rel=0.1)
        assert len(found.metadata["days"]) == 7

    def test_a_short_history_forecasts_nothing(self) -> None:
        found = CostForecaster(tracker_of([1.0] * 3)).forecast_daily()
        assert found == CostPrediction(
            0.0,
            0.0,
            0.0,
            0.0,
            7,
            metadata={"error": "insufficient_data", "data_points": 3, "required": 7},
        )

    def test_seven_days_are_enough_today_included(self) -> None:
        assert CostForecaster(tracker_of([1.0] * 7)).forecast_daily(1).predicted_cost > 0

    def test_of_one_user(self) -> None:
        tracker = tracker_of([1.0] * 15)
        now = datetime.now()
        for back in range(15):
            tracker.add_cost("m", "p", 1, 9.0, user_id="bob", timestamp=now - timedelta(days=back))
        forecaster = CostForecaster(tracker)
        assert forecaster.forecast_user("ada", 7).predicted_cost == pytest.approx(7.0)
        assert forecaster.forecast_daily(7).predicted_cost == pytest.approx(70.0)
        assert forecaster.forecast_user("nobody").confidence == 0.0

    def test_how_long_a_budget_lasts(self) -> None:
        forecaster = CostForecaster(tracker_of([1.0] * 15))
        days, confidence = forecaster.calculate_budget_runway(10.0)
        assert (days, confidence) == (10, pytest.approx(1.0, abs=0.1))
        assert forecaster.calculate_budget_runway(0.0)[0] == 0
        assert CostForecaster(CostTracker()).calculate_budget_runway(10.0) == (999999, 0.0)
        outlook = forecaster.budget_outlook(20.0, used=15.0, user_id="ada")
        assert outlook["days_left"] in (5, 6)
        assert outlook["expected_day"] is not None

    def test_an_old_record_is_carried_on_from_its_end(self) -> None:
        clock = SimpleNamespace(now=1_795_262_400.0)
        tracker = CostTracker(clock=lambda: clock.now)
        for day in range(20):
            for user in ("ada", "bob"):
                at = clock.now - (day + 1) * 86400
                tracker.add_cost("m", "p", 1, 2.0, user_id=user, timestamp=at)
        clock.now += 200 * 86400
        forecaster = CostForecaster(tracker)
        assert forecaster.forecast_daily(7).predicted_cost == pytest.approx(28.0)
        # Where others go on, one who stopped has stopped.
        tracker.add_cost("m", "p", 1, 2.0, user_id="bob")
        assert forecaster.forecast_user("ada", 7).predicted_cost < 1.0

    def test_no_number_is_no_budget(self) -> None:
        with pytest.raises(ValidationError) as raised:
            CostForecaster(CostTracker()).calculate_budget_runway(float("nan"))
        assert raised.value.field == "budget_remaining"

    def test_any_tracker_with_entries(self) -> None:
        now = datetime.now()
        entries = [
            SimpleNamespace(timestamp=now - timedelta(days=back), cost=2.0, user_id="ada")
            for back in range(15)
        ]
        other = SimpleNamespace(entries=entries, user_entries={"ada": entries})
        assert CostForecaster(other).forecast_daily(1).predicted_cost == pytest.approx(2.0)
        assert CostForecaster(other).forecast_user("ada", 1).predicted_cost == pytest.approx(2.0)

    @pytest.mark.parametrize(
        ("field", "options"), [("alpha", {"alpha": 2.0}), ("alpha", {"alpha": 0.0})]
    )
    def test_a_bad_option_names_its_field(self, field: str, options: dict[str, Any]) -> None:
        with pytest.raises(ValidationError) as raised:
            CostForecaster(CostTracker(), **options)
        assert raised.value.field == field
        with pytest.raises(ValidationError) as raised:
            CostForecaster(tracker_of([1.0] * 9)).forecast_daily(-1)
        assert raised.value.field == "days"

    def test_a_prediction_is_kept_within_reason(self) -> None:
        made = CostPrediction(-1, -5, 2, 5, 7)
        assert (made.predicted_cost, made.lower_bound, made.confidence) == (0, 0, 1)


USUAL = [1, 1.1, 0.9, 1, 1.05, 0.95, 1, 1.1, 0.9, 1, 1, 1.1, 0.9, 1, 1, 1]


class TestAnomalies:
    def test_a_spike(self) -> None:
        found = AnomalyDetector(tracker_of([*USUAL, 5.0])).detect_global_anomalies(30)
        [anomaly] = found
        assert (anomaly.value, anomaly.metric, anomaly.user_id) == (5.0, "cost", None)
        assert anomaly.expected == pytest.approx(1.2353, abs=1e-4)
        assert anomaly.z_score == pytest.approx(3.99, abs=0.01)
        assert anomaly.severity is AnomalySeverity.MEDIUM
        assert anomaly.metadata["data_points"] == 17
        assert str(anomaly) == (
            "MEDIUM: cost anomaly - observed $5.0000, expected $1.2353 "
            "(z-score: 3.99, 305% deviation)"
        )

    def test_a_drop_stands_out_too(self) -> None:
        [anomaly] = AnomalyDetector(tracker_of([*USUAL, 0.01])).detect_global_anomalies(30)
        assert anomaly.z_score > 3

    def test_too_few_and_too_old(self) -> None:
        assert AnomalyDetector(tracker_of([1, 1, 9])).detect_global_anomalies(30) == []
        assert AnomalyDetector(tracker_of([*USUAL, 5.0])).detect_global_anomalies(7) == []

    def test_of_users(self) -> None:
        tracker = tracker_of([*USUAL, 5.0])
        now = datetime.now()
        for back in range(16):
            tracker.add_cost("m", "p", 1, 1.0, user_id="bob", timestamp=now - timedelta(days=back))
        detector = AnomalyDetector(tracker)
        assert [a.user_id for a in detector.detect_user_anomalies("ada", 30)] == ["ada"]
        assert detector.detect_user_anomalies("bob", 30) == []
        assert list(detector.detect_all_users(30)) == ["ada"]

    def test_what_is_wild_does_not_hide_itself_from_the_robust_method(self) -> None:
        wild = [*USUAL, 4.0, 4.0, 4.0, 4.0]
        plain = AnomalyDetector(tracker_of(wild)).detect_global_anomalies(30)
        robust = AnomalyDetector(tracker_of(wild), method="robust").detect_global_anomalies(30)
        assert (len(plain), len(robust)) == (0, 4)

    def test_days_by_their_weekday(self) -> None:
        today = datetime.now().weekday()
        season = [10.0 if (today - back) % 7 < 5 else 2.0 for back in range(60)][::-1]
        season[-10] *= 4
        detector = AnomalyDetector(tracker_of(season), method="seasonal", of="days")
        [anomaly] = detector.detect_global_anomalies(30)
        assert anomaly.value == season[-10]

    @pytest.mark.parametrize("sensitivity", [0.0, -1.0])
    def test_a_bad_sensitivity_is_refused(self, sensitivity: float) -> None:
        with pytest.raises(ValidationError) as raised:
            AnomalyDetector(CostTracker(), sensitivity)
        assert raised.value.field == "sensitivity"

    def test_alerts(self) -> None:
        when = datetime(2026, 1, 2, 3, 4, 5)
        made = [Anomaly(when, 5, 1, 3, severity, user_id="u") for severity in AnomalySeverity]
        assert [alert["severity"] for alert in create_anomaly_alerts(made)] == [
            "medium",
            "high",
            "critical",
        ]
        [alert] = create_anomaly_alerts(made, AnomalySeverity.CRITICAL)
        assert alert == {
            "severity": "critical",
            "title": "CRITICAL Cost Anomaly Detected",
            "message": (
                "CRITICAL: cost anomaly (user: u) - observed $5.0000, expected $1.0000 "
                "(z-score: 3.00, 400% deviation)"
            ),
            "timestamp": "2026-01-02T03:04:05",
            "metric": "cost",
            "value": 5,
            "expected": 1,
            "deviation_percent": 400.0,
            "z_score": 3,
            "user_id": "u",
        }
        assert str(made[0]).startswith("LOW: cost anomaly (user: u)")
        assert Anomaly(when, 1, 0, 3, AnomalySeverity.HIGH).deviation_percent == 0.0


def run(**fields: Any) -> SimpleNamespace:
    base: dict[str, Any] = {
        "content": "an answer",
        "total_cost": 0.002,
        "latency_ms": 100.0,
        "model_used": "m",
        "draft_accepted": True,
        "cascaded": True,
        "quality_score": 0.8,
        "metadata": {"total_tokens": 10},
        "tool_calls": None,
        "cost_saved": 0.01,
    }
    return SimpleNamespace(**{**base, **fields})


@pytest.fixture
def collector() -> MetricsCollector:
    made = MetricsCollector()
    stages = {"complexity_detection": 1.0, "draft_generation": 60.0, "quality_verification": 5.0}
    made.record(run(), "cascade", "simple", stages, streaming=True, domain="code")
    slow = run(draft_accepted=False, latency_ms=9000.0, total_cost=0.05, quality_score=0.3)
    stages = {"draft_generation": 80.0, "quality_verification": 6.0}
    made.record(slow, "cascade", "moderate", stages, has_tools=True)
    direct = run(cascaded=False, draft_accepted=False, quality_score=None, tool_calls=[{}, {}])
    made.record(direct, "direct", "hard", has_tools=True)
    return made


class TestCollector:
    def test_the_summary(self, collector: MetricsCollector) -> None:
        summary = collector.get_summary()
        expected = {
            "total_queries": 3,
            "total_cost": 0.054,
            "avg_cost": pytest.approx(0.018),
            "avg_latency_ms": 3066.67,
            "cascade_rate": 66.7,
            "acceptance_rate": 33.3,
            "cascade_acceptance_rate": 50.0,
            "streaming_rate": 33.3,
            "cascade_used": 2,
            "direct_routed": 1,
            "draft_accepted": 1,
            "draft_rejected": 1,
            "tool_queries": 2,
            "tool_rate": 66.7,
            "total_tool_calls": 2,
            "avg_tools_per_query": 1.0,
            "total_saved": 0.03,
            "baseline_cost": 0.084,
            "savings_percent": 35.7,
            "total_tokens": 30,
            "by_complexity": {"simple": 1, "moderate": 1, "hard": 1},
        }
        assert {name: summary[name] for name in expected} == expected
        assert summary["acceptance_by_complexity"]["simple"] == {"accepted": 1, "rejected": 0}
        assert summary["timing_stats"]["avg_draft_generation_ms"] == 70.0
        assert summary["quality_stats"]["max"] == 0.8

    def test_a_snapshot(self, collector: MetricsCollector) -> None:
        snapshot = collector.get_snapshot()
        assert (snapshot.total_queries, snapshot.by_strategy) == (3, {"cascade": 2, "direct": 1})
        assert snapshot.avg_draft_ms == 70.0
        assert json.loads(snapshot.to_json())["total_cost"] == 0.054

    def test_recent_runs(self, collector: MetricsCollector) -> None:
        assert [a["type"] for a in collector.get_recent_anomalies()] == [
            "high_latency",
            "high_cost",
        ]
        window = collector.get_time_windowed_stats()
        assert (window["queries_in_window"], window["acceptance_rate"]) == (3, 50.0)
        simple = collector.get_stats_by_complexity("simple")
        assert (simple["total_queries"], simple["cascade_rate"], simple["avg_cost"]) == (
            1,
            100.0,
            0.002,
        )
        assert collector.get_stats_by_complexity("zz") == {
            "complexity": "zz",
            "total_queries": 0,
            "message": "No queries found for this complexity level",
        }

    def test_exports(self, collector: MetricsCollector, tmp_path: Path) -> None:
        text = collector.export_to_json(str(tmp_path / "metrics.json"))
        assert json.loads((tmp_path / "metrics.json").read_text()) == json.loads(text)
        plain = collector.export_to_dict()
        assert plain["by_domain"]["code"]["queries"] == 1
        assert [run["accepted"] for run in plain["recent_results"]] == [True, False, None]

    def test_before_and_after(
        self, collector: MetricsCollector, capsys: pytest.CaptureFixture[str]
    ) -> None:
        collector.print_summary()
        assert "  Cascade Used:       2 (66.7%)" in capsys.readouterr().out.splitlines()
        collector.reset()
        summary = collector.get_summary()
        assert (summary["total_queries"], summary["message"]) == (0, "No queries executed yet")
        assert collector.get_snapshot().avg_speedup == 1.0
        collector.print_summary()
        assert "No metrics available" in capsys.readouterr().out

    def test_memory_is_bounded(self) -> None:
        collector = MetricsCollector(max_recent_results=5)
        for _ in range(100):
            collector.record(run(), "cascade", "simple")
        assert len(collector.export_to_dict()["recent_results"]) == 5
        assert collector.get_summary()["total_queries"] == 100
