"""The published shapes of an agent's statistics."""

from __future__ import annotations

import statistics
from typing import Any

_COUNTS = (
    "total_queries",
    "total_cost",
    "total_latency_ms",
    "by_complexity",
    "direct_routed",
    "cascade_used",
    "draft_accepted",
    "draft_rejected",
    "tool_queries",
    "total_tool_calls",
    "total_saved",
    "baseline_cost",
    "draft_tokens",
    "verifier_tokens",
    "total_tokens",
)


def counts(snapshot: dict[str, Any], streamed: int) -> dict[str, Any]:
    """The plain counts."""
    return {name: snapshot[name] for name in _COUNTS} | {"streaming_used": streamed}


def _share(part: float, whole: float) -> float:
    return round(part / whole * 100, 1) if whole else 0.0


def _percentile(ordered: list[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def summary(snapshot: dict[str, Any], streamed: int) -> dict[str, Any]:
    """Counts, rates (percent) and timings (milliseconds, of the last 1,000 runs)."""
    plain = counts(snapshot, streamed)
    total = snapshot["total_queries"]
    judged = snapshot["draft_accepted"] + snapshot["draft_rejected"]
    plain.update(
        failed_queries=snapshot["failed_queries"],
        avg_cost=snapshot["total_cost"] / total if total else 0.0,
        avg_latency_ms=snapshot["total_latency_ms"] / total if total else 0.0,
        uptime_seconds=snapshot["uptime_seconds"],
        cascade_rate=_share(snapshot["cascade_used"], total),
        acceptance_rate=_share(snapshot["draft_accepted"], judged),
        cascade_acceptance_rate=_share(snapshot["draft_accepted"], judged),
        streaming_rate=_share(streamed, total),
        tool_rate=_share(snapshot["tool_queries"], total),
        savings_percent=_share(snapshot["total_saved"], snapshot["baseline_cost"]),
        acceptance_by_complexity=snapshot["acceptance_by_complexity"],
        quality_stats={},
        timing_stats={},
    )
    for name, samples in snapshot["samples"].items():
        ordered = sorted(samples)
        if name == "quality_score":
            plain["quality_stats"] = {
                "mean": statistics.fmean(ordered),
                "median": statistics.median(ordered),
                "min": ordered[0],
                "max": ordered[-1],
                "stdev": statistics.stdev(ordered) if len(ordered) > 1 else 0.0,
            }
        else:
            plain["timing_stats"][f"avg_{name}"] = statistics.fmean(ordered)
            for share in (50, 95, 99):
                plain["timing_stats"][f"p{share}_{name}"] = _percentile(ordered, share / 100)
    return plain


def table(plain: dict[str, Any]) -> str:
    """The summary for people to read."""
    lines = [
        "cascadeflow statistics",
        f"  queries       {plain['total_queries']} ({plain['failed_queries']} failed)",
        f"  cost          ${plain['total_cost']:.6f} (${plain['avg_cost']:.6f} a query)",
        f"  saved         ${plain['total_saved']:.6f} ({plain['savings_percent']:.1f} %)",
        f"  latency       {plain['avg_latency_ms']:.1f} ms a query",
        f"  cascaded      {plain['cascade_used']} ({plain['cascade_rate']:.1f} %)",
        f"  direct        {plain['direct_routed']}",
        f"  accepted      {plain['draft_accepted']} ({plain['acceptance_rate']:.1f} % of drafts)",
        f"  rejected      {plain['draft_rejected']}",
        f"  streamed      {plain['streaming_used']}",
    ]
    lines += [f"  {level:<13} {count}" for level, count in plain["by_complexity"].items()]
    return "\n".join(lines)
