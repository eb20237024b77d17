"""The refresh of pricing/, on small tables."""

from __future__ import annotations

import datetime
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import pricing_sync as sync

Table = dict[str, dict[str, Any]]

MINI = {
    "litellm_provider": "openai",
    "mode": "chat",
    "input_cost_per_token": 1.5e-07,
    "output_cost_per_token": 6e-07,
    "cache_read_input_token_cost": 7.5e-08,
    "max_input_tokens": 128000,
    "max_output_tokens": 16384,
    "supports_function_calling": True,
    "supports_vision": False,
}


@pytest.mark.parametrize(
    ("per_token", "text"),
    [
        (1.5e-07, "0.15"),
        (2.5e-06, "2.5"),
        (3e-05, "30"),
        (0.0, "0"),
        (0, "0"),
        (0.00015, "150"),
        (3.75e-08, "0.0375"),
        (2.9e-08, "0.029"),
        (1e-06, "1"),
        ("0.0000002", "0.2"),
        # What a division left behind is not part of the price.
        (1.0000000000000002e-06, "1"),
        (2.7999999999999997e-07, "0.28"),
    ],
)
def test_a_float_per_token_becomes_an_exact_decimal_per_million(
    per_token: float | str, text: str
) -> None:
    assert sync.per_million(per_token) == text


def test_every_short_decimal_is_exact() -> None:
    for thousandths in range(1, 5000, 7):
        price = Decimal(thousandths) / 1000
        assert Decimal(sync.per_million(float(price / 1_000_000))) == price


@pytest.mark.parametrize("wrong", [-1e-06, float("nan"), float("inf"), "dear", None, True, [1]])
def test_what_is_no_price_is_refused(wrong: object) -> None:
    with pytest.raises(sync.SyncError, match="not a price"):
        sync.per_million(wrong)


def test_a_plain_row() -> None:
    assert sync.row_of("mini", MINI) == {
        "id": "mini",
        "price": {"input": "0.15", "output": "0.6", "cached_input": "0.075"},
        "context_tokens": 128000,
        "output_tokens": 16384,
        "capabilities": ["tools"],
    }


def test_tiers_and_long_context_find_their_places() -> None:
    price = sync.price_of(
        {
            "input_cost_per_token": 5e-06,
            "output_cost_per_token": 3e-05,
            "cache_creation_input_token_cost": 6.25e-06,
            "cache_creation_input_token_cost_above_1hr": 1e-05,
            "input_cost_per_token_above_272k_tokens": 1e-05,
            "cache_creation_input_token_cost_above_1hr_above_272k_tokens": 2e-05,
            "input_cost_per_token_batches": 2.5e-06,
            "input_cost_per_token_above_272k_tokens_batches": 5e-06,
            "output_cost_per_token_priority": 7.5e-05,
            "input_cost_per_audio_token": 4e-05,
        }
    )
    assert price == {
        "input": "5",
        "output": "30",
        "cache_write_5m": "6.25",
        "cache_write_1h": "10",
        "audio_input": "40",
        "long_context": {
            "threshold_tokens": 272000,
            "rates": {"input": "10", "cache_write_1h": "20"},
        },
        "tiers": {
            "batch": {"rates": {"input": "2.5"}, "long_context": {"input": "5"}},
            "priority": {"rates": {"output": "75"}},
        },
    }


def test_rates_that_say_nothing_are_left_out() -> None:
    price = sync.price_of(
        {
            "input_cost_per_token": 1e-06,
            "output_cost_per_token": 2e-06,
            "output_cost_per_reasoning_token": 2e-06,
            "cache_creation_input_token_cost": 0.0,
        }
    )
    assert price == {"input": "1", "output": "2"}
    dearer = sync.price_of(
        {
            "input_cost_per_token": 1e-06,
            "output_cost_per_token": 2e-06,
            "output_cost_per_reasoning_token": 4e-06,
        }
    )
    assert dearer == {"input": "1", "output": "2", "reasoning": "4"}


def test_what_cannot_be_told_is_left_out_and_reported() -> None:
    unread: set[str] = set()
    two = {
        "mode": "chat",
        "input_cost_per_token": 1e-06,
        "output_cost_per_token": 2e-06,
        "input_cost_per_token_above_32k_tokens": 2e-06,
        "input_cost_per_token_above_128k_tokens": 3e-06,
        "search_context_cost_per_query": {"low": 0.03},
        "output_cost_per_image": 0.04,
    }
    assert sync.row_of("two-thresholds", two, unread) is None
    assert unread == {"above_32k", "above_128k", "output_cost_per_image"}
    assert sync.row_of("per-image", {"mode": "chat", "input_cost_per_image": 0.01}) is None
    assert sync.row_of("painter", {**MINI, "mode": "image_generation"}) is None


def test_zeros_and_siblings() -> None:
    vertex = next(p for p in sync.PROVIDERS if p.name == "vertex_ai")
    gemini = {**MINI, "litellm_provider": "gemini"}
    table: Table = {
        "gemini/flash": {**gemini, "input_cost_per_token": 9e-06},
        "gemini/only-there": gemini,
        "flash": {**MINI, "litellm_provider": "vertex_ai-language-models"},
        "vertex_ai/free-preview": {
            **MINI,
            "litellm_provider": "vertex_ai",
            "input_cost_per_token": 0.0,
            "output_cost_per_token": 0.0,
        },
    }
    rows = sync.provider_rows(vertex, table)
    assert sorted(rows) == ["flash", "only-there"]
    assert rows["flash"]["price"]["input"] == "0.15"


def refreshed(table: Table, old: sync.Pricing | None = None, **kwargs: Any) -> sync.Pricing:
    overrides = kwargs.pop("overrides", {})
    today = kwargs.pop("today", "2026-01-02")
    name = kwargs.pop("name", "litellm 2")
    return sync.refresh(table, name, old or sync.Pricing({}, {}), overrides, today, **kwargs)


def ids(pricing: sync.Pricing, provider: str) -> list[str]:
    return [row["id"] for row in pricing.files[provider]["models"]]


def test_dated_names_of_the_same_price_become_aliases() -> None:
    new = refreshed(
        {
            "mini": MINI,
            "mini-2024-07-18": {**MINI, "supports_vision": True},
            "mini-2024-05-13": {**MINI, "input_cost_per_token": 3e-07},
        }
    )
    assert ids(new, "openai") == ["mini", "mini-2024-05-13"]
    assert new.aliases == {"openai": {"mini-2024-07-18": "mini"}}


def test_fireworks_models_go_by_their_bare_names_too() -> None:
    fireworks = {**MINI, "litellm_provider": "fireworks_ai"}
    new = refreshed(
        {
            "fireworks_ai/accounts/fireworks/models/a": fireworks,
            "fireworks_ai/accounts/fireworks/models/b": fireworks,
            "fireworks_ai/b": fireworks,
            "fireworks_ai/accounts/fireworks/models/c": fireworks,
            "fireworks_ai/c": {**fireworks, "input_cost_per_token": 1e-06},
        }
    )
    whole = "accounts/fireworks/models/"
    assert ids(new, "fireworks") == [f"{whole}a", f"{whole}b", f"{whole}c", "c"]
    assert new.aliases == {"fireworks": {"a": f"{whole}a", "b": f"{whole}b"}}


def test_a_dropped_model_keeps_its_row_and_says_where_it_was_last() -> None:
    before = refreshed({"mini": MINI, "old": MINI}, name="litellm 1", today="2025-01-01")
    after = refreshed({"mini": MINI}, before)
    rows = {row["id"]: row for row in after.files["openai"]["models"]}
    assert rows["old"]["source"] == "litellm 1"
    assert "source" not in rows["mini"]
    assert after.files["openai"]["date"] == "2026-01-02"
    assert sync.diff(before, after) == ["~ openai: old: source none -> litellm 1"]
    painter = refreshed({"mini": MINI, "old": {**MINI, "mode": "image_generation"}}, after)
    assert ids(painter, "openai") == ["mini"]
    again = refreshed({"mini": MINI}, after, name="litellm 3")
    assert sync.diff(after, again) == []
    assert ids(refreshed({"mini": MINI}, after, prune=True), "openai") == ["mini"]


def test_a_provider_the_table_no_longer_has_is_left_as_it_is() -> None:
    routed = {**MINI, "litellm_provider": "openrouter"}
    before = refreshed({"openrouter/a/b": routed}, name="litellm 1", today="2025-01-01")
    after = refreshed({"mini": MINI}, before)
    assert after.files["openrouter"] == before.files["openrouter"]
    assert after.files["openrouter"]["date"] == "2025-01-01"
    today = datetime.date(2026, 1, 3)
    lines = sync.stale(after, today, 30)
    assert "openrouter.json: looked up 367 days ago, more than 30" in lines
    assert not any(line.startswith("openai.json") for line in lines)


def test_overrides_survive_a_refresh() -> None:
    overrides = {
        "skip": [{"provider": "openai", "match": "toy-*", "reason": "no model"}],
        "models": [
            {
                "provider": "openai",
                "id": "mini",
                "reason": "the table is wrong",
                "set": {"price": {"input": "0.2", "output": "0.6"}},
            },
            {
                "provider": "openai",
                "id": "gone",
                "reason": "retired",
                "set": {"price": {"input": "1", "output": "2"}, "source": "price page"},
            },
        ],
        "same_price_as": [
            {"provider": "huggingface", "id": "a/gone:x", "as": "openai:gone", "reason": "router"}
        ],
        "aliases": [{"provider": "openai", "alias": "gone-1", "id": "gone", "reason": "old name"}],
        "capabilities": [
            {"provider": "openai", "match": "mini*", "add": ["logprobs"], "reason": "reference"}
        ],
    }
    table: Table = {"mini": MINI, "toy-1": MINI}
    first = refreshed(table, overrides=overrides)
    second = refreshed(table, first, overrides=overrides, name="litellm 3")
    for new in (first, second):
        rows = {row["id"]: row for row in new.files["openai"]["models"]}
        assert sorted(rows) == ["gone", "mini"]
        assert rows["mini"]["price"]["input"] == "0.2"
        assert rows["mini"]["capabilities"] == ["tools", "logprobs"]
        assert rows["gone"]["source"] == "price page"
        assert new.aliases["openai"] == {"gone-1": "gone"}
        assert new.files["huggingface"]["models"] == [
            {"id": "a/gone:x", "price": {"input": "1", "output": "2"}}
        ]
    assert sync.diff(first, second) == []


def test_an_override_that_leads_nowhere_is_an_error() -> None:
    overrides = {
        "same_price_as": [
            {"provider": "huggingface", "id": "a", "as": "openai:none", "reason": "router"}
        ]
    }
    with pytest.raises(sync.SyncError, match="openai:none"):
        refreshed({"mini": MINI}, overrides=overrides)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("schema.json", "overrides.json", "aliases.json"):
        text = (sync.PRICING / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "overrides.json").write_text("{}", encoding="utf-8")
    (tmp_path / "table.json").write_text(
        json.dumps({"sample_spec": {}, "mini": MINI, "mini-2024-07-18": MINI}), encoding="utf-8"
    )
    return tmp_path


def test_the_command_shows_writes_checks_and_validates(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = [
        "--folder",
        str(folder),
        "--table",
        str(folder / "table.json"),
        "--date",
        "2026-01-02",
    ]
    assert sync.main(common) == 0
    assert "+ openai: mini at 0.15 / 0.6" in capsys.readouterr().out
    assert not (folder / "openai.json").exists()
    assert sync.main([*common, "--check"]) == 1
    assert sync.main([*common, "--write"]) == 0
    assert sync.main([*common, "--check"]) == 0
    validate = ["--folder", str(folder), "--validate", "--max-age-days", "30", "--date"]
    assert sync.main([*validate, "2026-01-20"]) == 0
    assert sync.main([*validate, "2026-03-20"]) == 1
    assert "openai.json: looked up 77 days ago" in capsys.readouterr().err
    # One model a line: a change of price is one changed line.
    lines = (folder / "openai.json").read_text(encoding="utf-8").splitlines()
    assert sum('"id"' in line for line in lines) == 1


def test_validation_finds_what_is_wrong(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    common = ["--folder", str(folder), "--table", str(folder / "table.json")]
    assert sync.main([*common, "--write"]) == 0
    path = folder / "openai.json"
    good = path.read_text(encoding="utf-8")
    for broken, complaint in [
        (good.replace('"0.15"', "0.15"), "0.15 is not of type 'string'"),
        (good.replace('"0.15"', '"0.150"'), "does not match"),
        (good.replace('"cached_input"', '"cached"'), "'cached' was unexpected"),
        (good.replace('"mini"', '"maxi"'), "leads to `mini`"),
        (good.replace('"models": [', '"models": [{'), "is not JSON"),
    ]:
        path.write_text(broken, encoding="utf-8")
        assert sync.main(["--folder", str(folder), "--validate"]) == 1
        assert complaint in capsys.readouterr().err


def test_the_files_of_the_repository_are_valid() -> None:
    assert sync.validate(sync.PRICING) == []
    pricing = sync.read_folder(sync.PRICING)
    assert sum(len(file["models"]) for file in pricing.files.values()) >= 300
    for name, file in pricing.files.items():
        text = (sync.PRICING / f"{name}.json").read_text(encoding="utf-8")
        assert text == sync.render_file(file)
