"""Checks the shared tests themselves, without the engine: schema, names, and the sums of money.

What a run costs follows from its script: every attempt's usage times its model's cost. This
recomputes the expected amounts of `run`, `stream`, `batch` and `price` cases with Python's
decimals, a second implementation beside the engine's, so that an expected value copied from a
wrong engine is caught here.
"""

import json
import re
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import yaml

ROOT = Path(__file__).resolve().parent.parent / "shared-tests"
AMOUNT = re.compile(r"^-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$")
MATCHERS = ({"approx", "within"}, {"min", "max"}, {"min"}, {"max"})
INPUT_PRICES = (
    ("cached_input", "cached_input_tokens"),
    ("cache_write_5m", "cache_write_5m_tokens"),
    ("cache_write_1h", "cache_write_1h_tokens"),
)

Case = dict[str, Any]


def cases_of(path: Path, schema: dict[str, Any]) -> list[Case]:
    """The cases of a file with its defaults filled in, each valid against the schema."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    jsonschema.validate(document, schema)
    defaults: Case = {}
    if isinstance(document, dict):
        defaults, document = document.get("defaults", {}), document["cases"]
    filled = []
    for written in document:
        case = {**defaults, **written}
        case["input"] = {**defaults.get("input", {}), **written.get("input", {})}
        part = {"$ref": f"#/$defs/inputs/{case['operation']}", "$defs": schema["$defs"]}
        jsonschema.validate(case["input"], part)
        filled.append(case)
    return filled


def plain(amount: Decimal) -> str:
    """A decimal as the corpus writes it: no exponent, no trailing zeros, no negative zero."""
    if not amount:
        return "0"
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def flat_cost(usage: dict[str, int], per_thousand: str) -> Decimal:
    tokens = usage.get("input_tokens", 0) + usage.get("output_tokens", 0)
    return Decimal(per_thousand) * tokens / 1000


def price_cost(usage: dict[str, int], price: dict[str, str]) -> Decimal:
    """Millionths of what each kind of token costs; parts count up to their total."""
    left = usage.get("input_tokens", 0)
    total = Decimal(0)
    for kind, count in INPUT_PRICES:
        part = min(usage.get(count, 0), left)
        left -= part
        total += part * Decimal(price.get(kind, price["input"]))
    output = usage.get("output_tokens", 0)
    reasoning = min(usage.get("reasoning_tokens", 0), output)
    total += left * Decimal(price["input"]) + (output - reasoning) * Decimal(price["output"])
    total += reasoning * Decimal(price.get("reasoning", price["output"]))
    return total / 1_000_000


def amounts_in(value: Any, key: str = "") -> list[tuple[str, str]]:
    """Every expected amount with its key."""
    if isinstance(value, dict):
        return [found for name, inner in value.items() for found in amounts_in(inner, name)]
    if isinstance(value, list):
        return [found for inner in value for found in amounts_in(inner, key)]
    is_amount = key == "cost" or key.endswith("_cost") or key == "cost_saved"
    return [(key, value)] if is_amount else []


def answer_cost(answer: dict[str, Any], model: dict[str, Any]) -> Decimal | None:
    """What one scripted answer costs; `None` when that is the engine's to estimate."""
    if "reported_cost" in answer:
        return Decimal(answer["reported_cost"])
    if "cost" not in model:
        return Decimal(0)
    if "usage" in answer:
        return flat_cost(answer["usage"], model["cost"])
    if "error" in answer and "chunks" not in answer:
        return Decimal(0)
    return None


def script_cost(case: Case) -> Decimal | None:
    """What all scripted answers cost together; each is taken exactly once."""
    models = {model["name"]: model for model in case["config"]["models"]}
    total = Decimal(0)
    for name, answers in case["input"]["script"].items():
        for answer in answers:
            cost = answer_cost(answer, models[name])
            if cost is None:
                return None
            total += cost
    return total


def money_faults(case: Case) -> list[str]:
    expected, given = case["expected"], case["input"]
    faults = [
        f"{key} is not a plain decimal in quotes: {amount!r}"
        for key, amount in amounts_in(expected)
        if not (isinstance(amount, str) and AMOUNT.match(amount))
    ]
    if faults:
        return faults

    def same(key: str, right: Decimal) -> None:
        if key in expected and expected[key] != plain(right):
            faults.append(f"{key} is {expected[key]}, but the script adds up to {plain(right)}")

    if case["operation"] == "price":
        usage = given["usage"]
        if "cost" in given:
            same("cost", flat_cost(usage, given["cost"]))
        else:
            same("cost", price_cost(usage, given["price"]))
        return faults
    if case["operation"] not in ("run", "stream", "batch") or "total_cost" not in expected:
        return faults
    total = script_cost(case)
    if total is not None:
        same("total_cost", total)
    if {"draft_cost", "verifier_cost"} <= expected.keys():
        same("total_cost", Decimal(expected["draft_cost"]) + Decimal(expected["verifier_cost"]))
    if {"baseline_cost", "cost_saved"} <= expected.keys():
        saved = Decimal(expected["baseline_cost"]) - Decimal(expected["total_cost"])
        same("cost_saved", saved)
    attempts = expected.get("attempts", [])
    if attempts and all("cost" in attempt for attempt in attempts):
        same("total_cost", sum((Decimal(attempt["cost"]) for attempt in attempts), Decimal(0)))
    return faults


def main() -> int:
    schema = json.loads((ROOT / "schema.json").read_text(encoding="utf-8"))
    names: set[str] = set()
    faults: list[str] = []
    lines = 0
    for path in sorted(ROOT.glob("cases/**/*.y*ml")):
        text = path.read_text(encoding="utf-8")
        lines += len(re.findall(r"^\s*- name:", text, re.MULTILINE))
        try:
            cases = cases_of(path, schema)
        except (jsonschema.ValidationError, yaml.YAMLError) as error:
            faults.append(f"{path.relative_to(ROOT)}: {str(error).splitlines()[0]}")
            continue
        for case in cases:
            where = f"{path.relative_to(ROOT)}: {case['name']}"
            if case["name"] in names:
                faults.append(f"{where}: another case has this name")
            names.add(case["name"])
            faults += [f"{where}: {fault}" for fault in money_faults(case)]
    if lines != len(names) and not faults:
        faults.append(f"{lines} lines begin with `- name:`, but there are {len(names)} cases")
    print("\n".join([*faults, f"{len(names)} cases, {len(faults)} faults"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
