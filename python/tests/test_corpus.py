"""The shared corpus gives the same decisions and costs here as in every other language."""

from __future__ import annotations

from typing import Any

import corpus
import pytest

CASES = list(corpus.load())


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=[name for name, _ in CASES])
def test_case(case: dict[str, Any]) -> None:
    wrong = list(corpus.mismatches(case["expected"], corpus.execute(case)))
    assert not wrong, "\n".join(wrong)


def test_the_corpus_is_there() -> None:
    assert len(CASES) >= 150
    assert {case["operation"] for _, case in CASES} == {
        "analyse",
        "complexity",
        "plan",
        "verdict",
        "price",
        "run",
        "stream",
        "batch",
        "error",
        "budget_session",
        "circuit_breaker",
        "validate_provider",
        "available_providers",
        "count_tokens",
        "estimate_cost",
        "price_file",
        "forecast",
        "budget_outlook",
        "anomalies",
        "cost_breakdown",
    }


def test_the_comparison_can_fail() -> None:
    record = {"a": 1, "b": [1, 2], "total_cost": "0.10", "text": "Hello"}
    fits: dict[str, Any] = {
        "a": 1.0,
        "b": [1, {"min": 2}],
        "total_cost": "0.1",
        "text_contains": "hell",
        "absent": None,
    }
    assert not list(corpus.mismatches(fits, record))
    for wrong in (
        {"a": 2},
        {"a": True},
        {"b": [1]},
        {"b": [1, {"max": 1}]},
        {"total_cost": "0.11"},
        {"text_contains": ["hell", "heaven"]},
        {"text": None},
        {"a": {"approx": 2, "within": 0.5}},
        {"absent": 1},
    ):
        assert list(corpus.mismatches(wrong, record))
    with pytest.raises(AssertionError, match="unknown operation"):
        corpus.execute({"operation": "guess"})
