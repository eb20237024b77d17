"""Figures of runs, collected."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from .. import _native

__all__ = ["MetricsCollector", "MetricsSnapshot"]

logger = logging.getLogger(__name__)

_RULE = "=" * 80


@dataclass
class MetricsSnapshot:
    """The figures most often asked for. Rates are in percent, times in milliseconds."""

    total_queries: int
    total_cost: float
    avg_latency_ms: float
    by_complexity: dict[str, int]
    by_strategy: dict[str, int]
    acceptance_rate: float
    avg_speedup: float
    quality_mean: float | None = None
    quality_median: float | None = None
    quality_min: float | None = None
    quality_max: float | None = None
    avg_draft_ms: float | None = None
    avg_verification_ms: float | None = None
    p95_draft_ms: float | None = None
    p95_verification_ms: float | None = None
    tool_queries: int = 0
    total_tool_calls: int = 0
    avg_tools_per_query: float = 0.0
    draft_tokens: int = 0
    verifier_tokens: int = 0
    total_tokens: int = 0
    timestamp: str = field(default_factory=lambda: datetime.now().isoformat())

    def to_dict(self) -> dict[str, Any]:
        """The snapshot as plain data."""
        return asdict(self)

    def to_json(self) -> str:
        """The snapshot as JSON."""
        return json.dumps(self.to_dict(), indent=2)


class MetricsCollector:
    """Counts runs, what they cost and how long they took, in bounded memory.

    The last `max_recent_results` runs are kept in full. `clock` tells the seconds since the Unix
    epoch; `None` takes the system's.
    """

    def __init__(
        self,
        max_recent_results: int = 100,
        verbose: bool = False,
        *,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.max_recent_results = max_recent_results
        self.verbose = verbose
        self._native = _native.MetricsCollector(max_recent_results, clock)

    def record(
        self,
        result: Any,
        routing_strategy: str,
        complexity: str,
        timing_breakdown: dict[str, float] | None = None,
        streaming: bool = False,
        has_tools: bool = False,
        domain: str | None = None,
    ) -> None:
        """Adds a run that gave `result`: that of an agent, or anything with fields of those names.

        `timing_breakdown` is in milliseconds by stage, such as `draft_generation`.
        """
        metadata = getattr(result, "metadata", None) or {}

        def of(name: str, otherwise: Any = None) -> Any:
            value = getattr(result, name, None)
            return metadata.get(name, otherwise) if value is None else value

        calls = of("tool_calls")
        content = str(of("content", "") or "")
        self._native.record(
            {
                "cost": of("total_cost", 0.0),
                "cost_saved": of("cost_saved", 0.0),
                "latency_ms": float(of("latency_ms", 0.0)),
                "strategy": routing_strategy,
                "complexity": complexity,
                "cascaded": routing_strategy == "cascade",
                "draft_accepted": bool(of("draft_accepted", False)),
                "quality_score": of("quality_score"),
                "speedup": of("speedup"),
                "streaming": streaming,
                "has_tools": has_tools,
                "tool_calls": len(calls) if calls else 0,
                "draft_tokens": of("draft_tokens", 0) or 0,
                "verifier_tokens": of("verifier_tokens", 0) or 0,
                "total_tokens": of("total_tokens", 0) or 0,
                "model": of("model_used"),
                "domain": domain,
                "user_id": of("user_id"),
                "label": content[:50],
                "timings": {
                    name: float(took)
                    for name, took in (timing_breakdown or {}).items()
                    if isinstance(took, (int, float)) and name != "total"
                },
            }
        )
        if self.verbose:
            logger.info("Recorded a %s run of complexity %s", routing_strategy, complexity)

    @property
    def uptime_seconds(self) -> float:
        """Seconds since the collector was made or reset."""
        return self._native.uptime()

    def get_summary(self) -> dict[str, Any]:
        """Everything that was counted."""
        found = self._native.summary()
        counts = (
            "total_queries",
            "cascade_used",
            "direct_routed",
            "draft_accepted",
            "draft_rejected",
            "streaming_used",
            "tool_queries",
            "total_tool_calls",
            "draft_tokens",
            "verifier_tokens",
            "total_tokens",
        )
        rates = (
            "cascade_rate",
            "acceptance_rate",
            "cascade_acceptance_rate",
            "streaming_rate",
            "tool_rate",
            "savings_percent",
            "uptime_seconds",
        )
        summary: dict[str, Any] = {name: found[name] for name in counts}
        summary.update({name: round(found[name], 1) for name in rates})
        for name in ("total_cost", "avg_cost", "total_saved", "baseline_cost"):
            summary[name] = float(found[name])
        summary["avg_latency_ms"] = round(found["avg_latency_ms"], 2)
        summary["avg_tools_per_query"] = round(found["avg_tools_per_query"], 2)
        summary["by_complexity"] = found["by_complexity"]
        summary["by_strategy"] = found["by_strategy"]
        summary["acceptance_by_complexity"] = {
            level: {"accepted": tally["draft_accepted"], "rejected": tally["draft_rejected"]}
            for level, tally in found["acceptance_by_complexity"].items()
            if tally["draft_accepted"] or tally["draft_rejected"]
        }
        spread = found["quality_stats"]
        names = ("mean", "median", "min", "max", "stdev")
        summary["quality_stats"] = {n: spread[n] for n in names} if spread else {}
        summary["timing_stats"] = _timings(found["timing_stats"])
        if not summary["total_queries"]:
            summary["message"] = "No queries executed yet"
        return summary

    def get_snapshot(self) -> MetricsSnapshot:
        """The figures most often asked for, as they are now."""
        found = self._native.snapshot()
        found["total_cost"] = float(found["total_cost"])
        found["avg_latency_ms"] = round(found["avg_latency_ms"], 2)
        found["acceptance_rate"] = round(found["acceptance_rate"], 1)
        found["timestamp"] = _time(found["timestamp"])
        return MetricsSnapshot(**found)

    def get_recent_anomalies(
        self,
        latency_threshold_ms: float = 5000,
        cost_threshold: float = 0.01,
        lookback_count: int = 20,
    ) -> list[dict[str, Any]]:
        """Those of the latest runs that took longer or cost more than a threshold."""
        found: list[dict[str, Any]] = self._native.anomalies(
            latency_threshold_ms, cost_threshold, lookback_count
        )
        for anomaly in found:
            anomaly["timestamp"] = _time(anomaly["timestamp"])
            for name in ("cost", "threshold"):
                if name in anomaly:
                    anomaly[name] = float(anomaly[name])
        return found

    def get_time_windowed_stats(self, minutes: int = 60) -> dict[str, Any]:
        """Figures of the kept runs of the last minutes."""
        found = self._native.time_windowed(minutes)
        if not found["queries_in_window"]:
            return {
                "time_window_minutes": minutes,
                "queries_in_window": 0,
                "message": "No recent results available",
            }
        return _rounded(found)

    def get_stats_by_complexity(self, complexity: str) -> dict[str, Any]:
        """Figures of the kept runs of one complexity."""
        found = self._native.by_complexity(complexity)
        if not found["total_queries"]:
            return {
                "complexity": complexity,
                "total_queries": 0,
                "message": "No queries found for this complexity level",
            }
        return _rounded(found)

    def export_to_dict(self) -> dict[str, Any]:
        """Everything that is known, as plain data."""
        by_domain = {
            domain: {
                name: float(tally[name]) if name in ("total_cost", "avg_cost") else tally[name]
                for name in (
                    "queries",
                    "draft_accepted",
                    "draft_rejected",
                    "acceptance_rate",
                    "total_cost",
                    "avg_cost",
                    "avg_latency_ms",
                )
            }
            for domain, tally in self._native.summary()["by_domain"].items()
        }
        return {
            "metadata": {
                "export_timestamp": datetime.now().isoformat(),
                "uptime_seconds": round(self.uptime_seconds, 1),
                "max_recent_results": self.max_recent_results,
            },
            "summary": self.get_summary(),
            "snapshot": self.get_snapshot().to_dict(),
            "by_domain": by_domain,
            "time_windowed": {
                "last_60_min": self.get_time_windowed_stats(60),
                "last_24_hours": self.get_time_windowed_stats(24 * 60),
            },
            "recent_results": [_result(at, run) for at, run in self._native.recent()],
            "anomalies": self.get_recent_anomalies(),
        }

    def export_to_json(self, filepath: str | None = None, pretty: bool = True) -> str:
        """Everything that is known as JSON, which is also written to a file where one is named."""
        text = json.dumps(self.export_to_dict(), indent=2 if pretty else None)
        if filepath is not None:
            Path(filepath).write_text(text, encoding="utf-8")
        return text

    def reset(self) -> None:
        """Starts again from nothing."""
        self._native.reset()

    def print_summary(self) -> None:
        """Writes the summary to standard output."""
        found = self.get_summary()
        lines = ["", _RULE, "TELEMETRY METRICS SUMMARY", _RULE]
        if "message" in found:
            lines.append(f"No metrics available - {found['message']}")
        else:
            lines += self._lines(found)
        sys.stdout.write("\n".join([*lines, _RULE, ""]) + "\n")

    def _lines(self, found: dict[str, Any]) -> list[str]:
        total = found["total_queries"]
        lines = [
            f"Total Queries:        {total}",
            f"Total Cost:           ${found['total_cost']:.6f}",
            f"Avg Cost/Query:       ${found['avg_cost']:.6f}",
            f"Avg Latency:          {found['avg_latency_ms']:.1f}ms",
            f"Uptime:               {found['uptime_seconds']:.1f}s",
            "",
            "ROUTING:",
            f"  Cascade Used:       {found['cascade_used']} ({found['cascade_rate']:.1f}%)",
            f"  Direct Routed:      {found['direct_routed']}",
            f"  Streaming Used:     {found['streaming_used']} ({found['streaming_rate']:.1f}%)",
            "",
            "CASCADE PERFORMANCE:",
            f"  Draft Accepted:     {found['draft_accepted']}",
            f"  Draft Rejected:     {found['draft_rejected']}",
            f"  Acceptance Rate:    {found['acceptance_rate']:.1f}%",
        ]
        if found["tool_queries"]:
            lines += [
                "",
                "TOOL CALLING:",
                f"  Queries with Tools: {found['tool_queries']} ({found['tool_rate']:.1f}%)",
                f"  Total Tool Calls:   {found['total_tool_calls']}",
                f"  Avg Tools/Query:    {found['avg_tools_per_query']:.2f}",
            ]
        spreads = self._native.summary()["timing_stats"]
        if spreads:
            lines += ["", "TIMING BREAKDOWN (ms):"]
            lines += [
                f"  {name:25s}: avg={it['mean']:6.1f}  p95={it['p95']:6.1f}  p99={it['p99']:6.1f}"
                for name, it in spreads.items()
            ]
        lines += ["", "BY COMPLEXITY:"]
        lines += [
            f"  {level:12s}: {count:4d} ({100 * count / total:5.1f}%)"
            for level, count in sorted(found["by_complexity"].items())
        ]
        anomalies = self.get_recent_anomalies()
        if anomalies:
            lines += ["", f"RECENT ANOMALIES: {len(anomalies)} detected"]
        return lines


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).isoformat()


def _timings(spreads: dict[str, dict[str, Any]]) -> dict[str, float]:
    parts = (("avg", "mean"), ("p50", "p50"), ("p95", "p95"), ("p99", "p99"))
    return {
        f"{published}_{name}_ms": spread[part]
        for name, spread in spreads.items()
        for published, part in parts
    }


def _rounded(found: dict[str, Any]) -> dict[str, Any]:
    rounded = dict(found)
    for name, value in found.items():
        if name in ("total_cost", "avg_cost"):
            rounded[name] = float(value)
        elif name.endswith(("_rate", "_ms")):
            rounded[name] = round(value, 1)
    return rounded


def _result(at: float, run: dict[str, Any]) -> dict[str, Any]:
    cascaded = run["cascaded"]
    return {
        "cost": float(run["cost"]),
        "latency_ms": run["latency_ms"],
        "complexity": run["complexity"],
        "cascaded": cascaded,
        "accepted": run["draft_accepted"] if cascaded else None,
        "speedup": 1.0 if run["speedup"] is None else run["speedup"],
        "streaming": run["streaming"],
        "has_tools": run["has_tools"],
        "tool_calls_count": run["tool_calls"],
        "cost_saved": float(run["cost_saved"]),
        "draft_tokens": run["draft_tokens"],
        "verifier_tokens": run["verifier_tokens"],
        "total_tokens": run["total_tokens"],
        "timestamp": _time(at),
        "query": run["label"],
        "model_used": run["model"],
    }
