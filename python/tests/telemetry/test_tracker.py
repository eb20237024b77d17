"""The tracker by itself."""

from __future__ import annotations

import csv
import json
import logging
import sqlite3
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from spending_support import NOON, Clock

from cascadeflow import ConfigError, ValidationError
from cascadeflow.telemetry import BudgetConfig, CostEntry, CostTracker, EnforcementCallbacks

DAY = 86400.0


def spend(tracker: CostTracker, *costs: float, user: str | None = "ada", **more: Any) -> None:
    for cost in costs:
        tracker.add_cost("gpt-4o", "openai", 100, cost, user_id=user, **more)


class TestBudgetConfig:
    def test_how_it_shows(self) -> None:
        budget = BudgetConfig(daily=0.1, weekly=0.5, monthly=1, total=2)
        assert repr(budget) == (
            "BudgetConfig(daily=$0.10, weekly=$0.50, monthly=$1.00, total=$2.00)"
        )
        assert repr(BudgetConfig()) == "BudgetConfig(no limits)"

    def test_whether_anything_is_limited(self) -> None:
        assert not BudgetConfig().has_any_limit()
        assert not BudgetConfig(tier="pro").has_any_limit()
        assert BudgetConfig(requests_per_day=5).has_any_limit()
        assert BudgetConfig(daily=1.0).has_any_limit()

    def test_daily_budget_is_daily(self) -> None:
        assert BudgetConfig(daily_budget=3.0) == BudgetConfig(3.0)
        assert BudgetConfig(3.0).daily_budget == 3.0
        with pytest.raises(ConfigError, match="two names of one limit"):
            BudgetConfig(1.0, daily_budget=2.0)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("daily", -1.0),
            ("daily", float("nan")),
            ("monthly", -0.5),
            ("requests_per_hour", -3),
            ("tier", ""),
        ],
    )
    def test_a_bad_value_is_refused(self, field: str, value: Any) -> None:
        with pytest.raises((ConfigError, ValidationError)) as raised:
            BudgetConfig(**{field: value})
        assert raised.value.field == field

    def test_infinity_is_no_limit(self) -> None:
        tracker = CostTracker(float("inf"), user_budgets={"ada": BudgetConfig(float("inf"), 1.0)})
        assert tracker.budget_limit is None
        assert list(tracker.get_user_summary("ada")["period_costs"]) == ["weekly"]

    def test_small_limits_show_in_full(self) -> None:
        assert repr(BudgetConfig(daily=0.003)) == "BudgetConfig(daily=$0.003)"


class TestBooking:
    def test_sums(self) -> None:
        tracker = CostTracker()
        tracker.add_cost("gpt-4o", "openai", 100, 0.1, user_id="ada")
        tracker.add_cost("gpt-4o", "openai", 100, 0.2, user_id="bob", user_tier="pro")
        tracker.add_cost("claude", "anthropic", 50, 0.3, query_id="q", metadata={"a": [1]})
        assert tracker.total_cost == 0.6
        assert tracker.by_model == {"gpt-4o": 0.3, "claude": 0.3}
        assert tracker.by_provider == {"openai": 0.3, "anthropic": 0.3}
        assert tracker.by_user == {"ada": 0.1, "bob": 0.2}
        assert tracker.by_user["nobody"] == 0.0
        assert tracker.get_all_users() == ["ada", "bob"]
        assert tracker.get_users_by_tier("pro") == ["bob"]
        summary = tracker.get_summary()
        assert (summary["total_cost"], summary["total_entries"], summary["total_tokens"]) == (
            0.6,
            3,
            250,
        )
        assert "budget_limit" not in summary

    def test_entries(self) -> None:
        tracker = CostTracker(clock=Clock())
        for at in range(5):
            tracker.add_cost(f"m{at}", "p", at, 0.1 * at, query_id=f"q{at}", metadata={"at": at})
        assert [entry.model for entry in tracker.entries] == ["m0", "m1", "m2", "m3", "m4"]
        assert [entry.model for entry in tracker.get_recent_entries(3)] == ["m2", "m3", "m4"]
        assert [e.query_id for e in tracker.get_entries_by_model("m1")] == ["q1"]
        assert len(tracker.get_entries_by_provider("p")) == 5
        assert tracker.entries[1] == CostEntry(
            datetime.fromtimestamp(NOON), "m1", "p", 1, 0.1, "q1", {"at": 1}
        )
        assert [entry.model for entry in tracker.iter_entries(page=2)] == [
            "m0",
            "m1",
            "m2",
            "m3",
            "m4",
        ]

    def test_entries_of_users(self) -> None:
        tracker = CostTracker()
        spend(tracker, 0.1, 0.2)
        spend(tracker, 0.3, user="bob")
        assert [entry.cost for entry in tracker.user_entries["ada"]] == [0.1, 0.2]
        assert tracker.user_entries["nobody"] == []
        assert list(tracker.user_entries) == ["ada", "bob"]

    @pytest.mark.parametrize(
        ("field", "arguments"),
        [
            ("cost", ("m", "p", 1, -0.5)),
            ("cost", ("m", "p", 1, float("nan"))),
            ("model", ("", "p", 1, 0.5)),
            ("provider", ("m", "", 1, 0.5)),
            ("model", (None, "p", 1, 0.5)),
            ("tokens", ("m", "p", -1, 0.5)),
            ("tokens", ("m", "p", 10**30, 0.5)),
            ("cost", ("m", "p", 1, "much")),
        ],
    )
    def test_a_bad_cost_is_refused(self, field: str, arguments: tuple[Any, ...]) -> None:
        tracker = CostTracker()
        with pytest.raises(ValidationError) as raised:
            tracker.add_cost(*arguments)
        assert raised.value.field == field
        assert tracker.total_cost == 0.0

    def test_the_designs_order_of_arguments(self) -> None:
        tracker = CostTracker(5.0, {"ada": BudgetConfig(daily=1.0)})
        tracker.add_cost("m", "p", 1, 0.25, "q", "ada", {"a": 1})
        tracker.add_cost("m", "p", 1, 0.25, "q", "ada")
        tracker.add_cost("m", "p", 1, 0.25, "q", {"a": 1}, "ada")
        entries = tracker.user_entries["ada"]
        assert [entry.metadata for entry in entries] == [{"a": 1}, {}, {"a": 1}]
        assert tracker.get_user_summary("ada")["period_costs"]["daily"]["limit"] == 1.0
        assert tracker.warn_threshold == 0.8

    def test_back_dated_costs(self) -> None:
        clock = Clock()
        tracker = CostTracker(user_budgets={"ada": BudgetConfig(daily=1.0, total=5.0)}, clock=clock)
        yesterday = datetime.fromtimestamp(NOON - DAY, timezone.utc)
        spend(tracker, 0.8, timestamp=yesterday)
        spend(tracker, 0.1, timestamp=NOON - 60)
        periods = tracker.get_user_summary("ada")["period_costs"]
        assert (periods["daily"]["cost"], periods["total"]["cost"]) == (0.1, 0.9)
        assert tracker.entries[0].timestamp == yesterday.astimezone().replace(tzinfo=None)

    def test_forgetting(self) -> None:
        tracker = CostTracker(budget_limit=1.0, user_budgets={"ada": BudgetConfig(daily=1.0)})
        spend(tracker, 2.0)
        tracker.reset()
        assert (tracker.total_cost, tracker.entries, tracker.get_all_users()) == (0.0, [], [])
        assert not tracker.budget_exceeded
        assert tracker.can_afford("ada", 0.5)


class TestBudgets:
    def test_by_user_then_by_tier(self) -> None:
        budgets = {"ada": BudgetConfig(daily=2.0), "pro": BudgetConfig(daily=1.0)}
        tracker = CostTracker(user_budgets=budgets)
        limit = {
            who: tracker.get_user_summary(who, tier)["budget"]
            for who, tier in (("ada", "pro"), ("bob", "pro"), ("eve", None))
        }
        assert limit == {"ada": budgets["ada"], "bob": budgets["pro"], "eve": None}

    def test_the_summary_of_a_user(self) -> None:
        tracker = CostTracker(user_budgets={"free": BudgetConfig(daily=0.1, total=2.0)})
        spend(tracker, *[0.01] * 12, user_tier="free")
        summary = tracker.get_user_summary("ada", "free")
        assert summary["total_cost"] == 0.12
        assert (summary["total_entries"], summary["entries"]) == (12, 12)
        assert summary["user_tier"] == "free"
        assert summary["budget_config"] == "BudgetConfig(daily=$0.10, total=$2.00)"
        assert summary["budget_exceeded"] is True
        daily = summary["period_costs"]["daily"]
        assert {k: daily[k] for k in ("cost", "limit", "remaining", "exceeded")} == {
            "cost": 0.12,
            "limit": 0.1,
            "remaining": 0.0,
            "exceeded": True,
        }
        assert daily["used_pct"] == pytest.approx(120)
        assert not summary["period_costs"]["total"]["exceeded"]

    def test_limits_that_are_passed(self) -> None:
        tracker = CostTracker(user_budgets={"ada": BudgetConfig(daily=0.1, total=2.0)})
        spend(tracker, 0.09)
        assert tracker.user_budget_warned["ada"] == {"daily"}
        assert tracker.user_budget_exceeded["ada"] == set()
        spend(tracker, 0.02)
        assert tracker.user_budget_exceeded["ada"] == {"daily"}
        assert tracker.user_budget_warned["nobody"] == set()

    def test_a_user_without_a_budget(self) -> None:
        summary = CostTracker().get_user_summary("nobody")
        assert (summary["total_cost"], summary["total_entries"], summary["budget"]) == (
            0.0,
            0,
            None,
        )
        assert "period_costs" not in summary

    @pytest.mark.parametrize("mode", ["warn", "degrade", "block"])
    def test_what_fits(self, mode: str) -> None:
        tracker = CostTracker(user_budgets={"ada": BudgetConfig(daily=0.1)}, enforcement_mode=mode)
        assert tracker.can_afford("ada", 0.1)
        assert not tracker.can_afford("ada", 0.11)
        assert tracker.can_afford("bob", 1000.0)
        spend(tracker, 0.12)
        assert not tracker.can_afford("ada", 0.01)

    def test_what_would_be_done(self) -> None:
        actions = {}
        for mode in ("warn", "degrade", "block"):
            tracker = CostTracker(
                user_budgets={"ada": BudgetConfig(daily=1.0)}, enforcement_mode=mode
            )
            found = []
            for cost in (0.5, 0.35, 0.1, 0.05):
                spend(tracker, cost)
                allowed, action, message = tracker.can_afford("ada", 0.001)
                assert (message is None) == (action == "allow")
                found.append((allowed, action))
            actions[mode] = found
        assert actions == {
            "warn": [(True, "allow"), (True, "warn"), (True, "warn"), (False, "warn")],
            "degrade": [(True, "allow"), (True, "warn"), (True, "degrade"), (False, "block")],
            "block": [(True, "allow"), (True, "warn"), (True, "warn"), (False, "block")],
        }

    def test_the_answer_is_a_truth_value_and_three_parts(self) -> None:
        tracker = CostTracker(
            user_budgets={"ada": BudgetConfig(daily=0.1)}, enforcement_mode="block"
        )
        yes, no = tracker.can_afford("ada", 0.05), tracker.can_afford("ada", 0.2)
        assert (bool(yes), bool(no)) == (True, False)
        assert yes == True  # noqa: E712 - the comparison is what is tested
        assert no == False  # noqa: E712
        assert tuple(yes) == (True, "allow", None)
        assert (no[0], no[1], len(no), no.action) == (False, "block", 3, "block")
        assert no.status is not None
        assert no.status["window"] == "day"

    @pytest.mark.parametrize("estimate", [-1.0, float("nan"), float("inf")])
    def test_an_estimate_that_is_none_is_refused(self, estimate: float) -> None:
        with pytest.raises(ValidationError) as raised:
            CostTracker().can_afford("ada", estimate)
        assert raised.value.field == "estimated_cost"

    def test_limits_of_a_tier_that_are_passed(self) -> None:
        tracker = CostTracker(user_budgets={"free": BudgetConfig(daily=1.0)})
        spend(tracker, 1.5, user_tier="free")
        assert tracker.user_budget_warned["ada"] == {"daily"}
        assert tracker.user_budget_exceeded["ada"] == {"daily"}

    def test_a_limit_of_zero_of_everything_together(self) -> None:
        tracker = CostTracker(budget_limit=0, enforcement_mode="block")
        assert not tracker.can_afford(None, 0.01)
        assert tracker.get_summary()["budget_remaining"] == 0.0

    def test_a_budget_of_zero_leaves_only_what_is_free(self) -> None:
        tracker = CostTracker(user_budgets={"ada": BudgetConfig(daily=0)}, enforcement_mode="block")
        assert tracker.can_afford("ada", 0.0)
        assert not tracker.can_afford("ada", 0.0001)

    def test_the_tightest_of_all_decides(self) -> None:
        tracker = CostTracker(
            budget_limit=10.0,
            user_budgets={"ada": BudgetConfig(daily=5.0, hourly=1.0)},
            session_budgets={"s": BudgetConfig(total=0.5)},
            key_budgets={"k": {"requests_per_minute": 1}},
            enforcement_mode="block",
        )
        assert tracker.can_afford("ada", 0.9)
        assert not tracker.can_afford("ada", 1.1)
        assert not tracker.can_afford("ada", 0.9, session_id="s")
        assert tracker.can_afford("ada", 0.4, session_id="s", key_id="k")
        spend(tracker, 0.01, key_id="k")
        assert not tracker.can_afford("ada", 0.0, key_id="k")

    def test_days_end_where_the_time_zone_says(self) -> None:
        clock = Clock()
        tracker = CostTracker(
            user_budgets={"ada": BudgetConfig(daily=1.0)},
            enforcement_mode="block",
            time_zone="America/New_York",
            clock=clock,
        )
        spend(tracker, 1.0)
        daily = tracker.get_user_summary("ada")["period_costs"]["daily"]
        midnight = datetime(2026, 11, 22, 5, tzinfo=timezone.utc).timestamp()
        assert daily["resets_at"] == midnight
        clock.now = midnight - 1
        assert not tracker.can_afford("ada", 0.5)
        clock.now = midnight
        assert tracker.can_afford("ada", 0.5)

    @pytest.mark.parametrize(
        ("field", "options"),
        [
            ("budget_limit", {"budget_limit": -1.0}),
            ("budget_limit", {"budget_limit": float("nan")}),
            ("user_budgets", {"user_budgets": {7: BudgetConfig(daily=1.0)}}),
            ("clock", {"clock": 5}),
            ("warn_threshold", {"warn_threshold": 2.0}),
            ("degrade_at", {"degradation_threshold": -0.1}),
            ("block_at", {"block_at": 0.0}),
            ("enforcement_mode", {"enforcement_mode": "nope"}),
            ("time_zone", {"time_zone": "Mars/Olympus"}),
            ("warn_threshold", {"warn_threshold": 0.5, "warning_threshold": 0.6}),
            ("user_budgets.ada", {"user_budgets": {"ada": 5}}),
            ("store", {"store": "redis://localhost"}),
        ],
    )
    def test_a_bad_value_names_its_field(self, field: str, options: dict[str, Any]) -> None:
        with pytest.raises((ConfigError, ValidationError)) as raised:
            CostTracker(**options)
        assert raised.value.field == field

    def test_a_mode_that_there_is_not(self) -> None:
        with pytest.raises(ValueError, match=r"Invalid enforcement_mode: nope\. Must be one of"):
            CostTracker(enforcement_mode="nope")

    def test_thresholds_have_other_names(self) -> None:
        tracker = CostTracker(warning_threshold=0.5, degradation_threshold=0.6, block_threshold=0.7)
        assert (tracker.warn_threshold, tracker.degrade_at, tracker.block_at) == (0.5, 0.6, 0.7)
        assert (tracker.warning_threshold, tracker.degradation_threshold) == (0.5, 0.6)
        plain = CostTracker()
        assert (plain.warn_threshold, plain.degrade_at, plain.block_at) == (0.8, 0.9, 1.0)


class TestWarnings:
    def test_each_threshold_once(self, caplog: pytest.LogCaptureFixture) -> None:
        tracker = CostTracker(user_budgets={"ada": BudgetConfig(daily=0.1)})
        with caplog.at_level(logging.WARNING, "cascadeflow.telemetry.cost_tracker"):
            spend(tracker, *[0.01] * 15, user_tier="free")
        assert [(r.levelname, r.getMessage()) for r in caplog.records] == [
            ("WARNING", "User ada (free): 80.0% of daily budget used ($0.080000 / $0.10)"),
            ("ERROR", "User ada (free): daily budget used up: $0.100000 / $0.10"),
        ]

    def test_of_everything_together(self, caplog: pytest.LogCaptureFixture) -> None:
        tracker = CostTracker(budget_limit=1.0)
        with caplog.at_level(logging.WARNING):
            spend(tracker, 0.9)
            spend(tracker, 0.2)
        assert [record.getMessage() for record in caplog.records] == [
            "Cost tracker: 90.0% of budget used ($0.900000 / $1.00)",
            "Cost tracker: Budget exceeded! $1.100000 / $1.00",
        ]
        assert tracker.budget_warned
        assert tracker.budget_exceeded
        summary = tracker.get_summary()
        assert (summary["budget_remaining"], summary["budget_exceeded"]) == (0.0, True)
        assert summary["budget_used_pct"] == pytest.approx(110)

    def test_callbacks_hear_of_them(self) -> None:
        heard: list[tuple[str, float]] = []
        callbacks = EnforcementCallbacks(
            on_budget_warning=lambda ctx: heard.append((ctx.user_id, ctx.budget_used_pct))
        )
        tracker = CostTracker(
            user_budgets={"ada": BudgetConfig(daily=1.0)}, enforcement_callbacks=callbacks
        )
        spend(tracker, 0.5, 0.35, 0.05, 0.2)
        assert heard == [("ada", pytest.approx(85)), ("ada", pytest.approx(110))]


class TestCallbacks:
    def test_they_decide_in_every_mode(self) -> None:
        def upgrade(ctx: Any) -> Any:
            return ("block", "Upgrade to Pro") if ctx.budget_used >= 0.5 else "allow"

        callbacks = EnforcementCallbacks(on_budget_check=upgrade)
        tracker = CostTracker(
            user_budgets={"ada": BudgetConfig(daily=1.0)}, enforcement_callbacks=callbacks
        )
        assert tuple(tracker.can_afford("ada", 0.1)) == (True, "allow", None)
        spend(tracker, 0.5)
        assert tuple(tracker.can_afford("ada", 0.1)) == (False, "block", "Upgrade to Pro")

    def test_asynchronous_ones(self) -> None:
        async def degrade(ctx: Any) -> str:
            return "degrade"

        tracker = CostTracker(enforcement_callbacks=EnforcementCallbacks(on_budget_check=degrade))
        allowed, action, _ = tracker.can_afford("ada", 0.1)
        assert (allowed, action) == (True, "degrade")


class TestFiles:
    @pytest.fixture
    def tracker(self) -> CostTracker:
        tracker = CostTracker(budget_limit=5, clock=Clock())
        tracker.add_cost("=cmd|'/c calc'!A1", "p", 1, 0.5)
        tracker.add_cost(
            "gpt-4o", "openai", 10, 0.1234567891234, query_id="q1", metadata={"k": 1}, user_id="ada"
        )
        tracker.add_cost("gpt-4o", "openai", 20, 0.2, user_id="bob", user_tier="pro")
        return tracker

    def test_json(self, tracker: CostTracker, tmp_path: Path) -> None:
        tracker.export_json(tmp_path / "costs.json")
        written = json.loads((tmp_path / "costs.json").read_text())
        assert len(written["entries"]) == 3
        entry = written["entries"][1]
        assert (entry["model"], entry["tokens"], entry["query_id"], entry["metadata"]) == (
            "gpt-4o",
            10,
            "q1",
            {"k": 1},
        )
        assert float(entry["cost"]) == 0.1234567891234

    def test_csv(self, tracker: CostTracker, tmp_path: Path) -> None:
        tracker.export_to_csv(str(tmp_path / "costs.csv"))
        with (tmp_path / "costs.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["provider"] for row in rows] == ["p", "openai", "openai"]
        assert not rows[0]["model"].startswith("=")
        assert sum(float(row["cost"]) for row in rows) == pytest.approx(0.8234567891234)

    def test_sqlite(self, tracker: CostTracker, tmp_path: Path) -> None:
        for _ in range(2):
            tracker.export_sqlite(tmp_path / "costs.db")
        connection = sqlite3.connect(tmp_path / "costs.db")
        rows = connection.execute("select model, provider, tokens from cost_entries").fetchall()
        connection.close()
        assert len(rows) == 3

    @pytest.mark.parametrize("name", ["costs.json", "costs.csv", "costs.db"])
    def test_what_is_read_back_has_the_same_sums(
        self, tracker: CostTracker, tmp_path: Path, name: str
    ) -> None:
        {"json": tracker.export_to_json, "csv": tracker.export_csv, "db": tracker.export_to_sqlite}[
            name.split(".")[1]
        ](str(tmp_path / name))
        read = CostTracker()
        assert read.import_entries(tmp_path / name) == 3
        assert read.get_summary()["by_user"] == tracker.get_summary()["by_user"]
        assert read.by_model == tracker.by_model
        assert read.total_cost == tracker.total_cost

    def test_a_folder_that_is_not_there(self, tracker: CostTracker, tmp_path: Path) -> None:
        with pytest.raises(ValidationError) as raised:
            tracker.export_json(tmp_path / "missing" / "costs.json")
        assert "missing/costs.json` cannot be written" in str(raised.value)
        assert ".tmp" not in str(raised.value)

    @pytest.mark.parametrize("form", ["{}", "sqlite:///{}"])
    def test_a_ledger_survives(self, tmp_path: Path, form: str) -> None:
        store = form.format(tmp_path / "ledger.db")
        options: dict[str, Any] = {
            "user_budgets": {"ada": BudgetConfig(daily=1.0)},
            "enforcement_mode": "block",
            "store": store,
        }
        tracker = CostTracker(**options)
        spend(tracker, 0.75)
        tracker.flush()
        del tracker
        again = CostTracker(**options)
        assert again.total_cost == 0.75
        assert again.can_afford("ada", 0.25)
        assert not again.can_afford("ada", 0.26)


def test_the_printed_summary(capsys: pytest.CaptureFixture[str]) -> None:
    tracker = CostTracker(budget_limit=1.0)
    spend(tracker, 1.1)
    tracker.print_summary()
    assert capsys.readouterr().out.splitlines() == [
        "",
        "=" * 60,
        "COST TRACKER SUMMARY",
        "=" * 60,
        "Total Cost:        $1.100000",
        "Total Entries:     1",
        "Budget Limit:      $1.00",
        "Budget Remaining:  $0.000000",
        "Budget Used:       110.0%",
        "⚠️  BUDGET EXCEEDED",
        "",
        "BY MODEL:",
        "  gpt-4o                        : $1.100000 (100.0%)",
        "",
        "BY PROVIDER:",
        "  openai                        : $1.100000 (100.0%)",
        "=" * 60,
        "",
    ]
