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
# The kinds of prompt token in the order in which they stand in a prompt, each with the kinds whose
# price holds where it has none.
PROMPT_KINDS = {
    "cached_input": ["input"],
    "cached_audio_input": ["cached_input", "input"],
    "cache_write_5m": ["input"],
    "cache_write_1h": ["input"],
    "audio_input": ["input"],
    "image_input": ["input"],
    "input": [],
}
ANSWER_KINDS = {
    "reasoning": ["output"],
    "audio_output": ["output"],
    "image_output": ["output"],
    "output": [],
}

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


def up_to(total: int, wanted: dict[str, int], rest: str) -> dict[str, int]:
    """Parts of a total in order, each at most what is left; the rest is of its own kind."""
    parts = {}
    for kind, count in wanted.items():
        parts[kind] = min(max(count, 0), total)
        total -= parts[kind]
    return {**parts, rest: total}


def prompt_parts(usage: dict[str, Any]) -> dict[str, int]:
    """The prompt by kinds of token."""
    count = {kind: usage.get(f"{kind}_tokens", 0) for kind in PROMPT_KINDS}
    speech = min(count["cached_audio_input"], count["cached_input"])
    prompt = count["input"]
    count["cached_input"] -= speech
    # Only speech that fits into the prompt is left out of the fresh speech.
    speech = min(speech, max(prompt - count["cached_input"], 0))
    count["cached_audio_input"] = speech
    count["audio_input"] -= speech
    return up_to(prompt, {k: n for k, n in count.items() if k != "input"}, "input")


def price_cost(usage: dict[str, Any], price: dict[str, Any]) -> Decimal:
    """What each kind of token costs at the rates that hold for the request."""
    prompt = prompt_parts(usage)
    answer = up_to(
        usage.get("output_tokens", 0),
        {kind: usage.get(f"{kind}_tokens", 0) for kind in ANSWER_KINDS if kind != "output"},
        "output",
    )
    tier = price.get("tiers", {}).get(usage.get("service_tier", "standard"), {})
    usual = [tier.get("rates", {}), price]
    long = price.get("long_context")
    if long is None or usage.get("input_tokens", 0) <= long["threshold_tokens"]:
        return at_rates({**prompt, **answer}, usual)
    longer = [tier.get("long_context", {}), long["rates"], *usual]
    if long.get("scope", "request") == "request":
        return at_rates({**prompt, **answer}, longer)
    within, room = {}, long["threshold_tokens"]
    for kind in PROMPT_KINDS:
        within[kind] = min(prompt[kind], room)
        room -= within[kind]
    beyond = {kind: prompt[kind] - within[kind] for kind in PROMPT_KINDS}
    return at_rates(within, usual) + at_rates({**beyond, **answer}, longer)


def at_rates(counts: dict[str, int], rates: list[dict[str, Any]]) -> Decimal:
    """The sum over the kinds, each at the first rate found for it, then for what it is otherwise."""
    total = Decimal(0)
    for kind, count in counts.items():
        kinds = [kind, *(PROMPT_KINDS | ANSWER_KINDS)[kind]]
        rate = next(block[name] for name in kinds for block in rates if name in block)
        total += count * Decimal(rate)
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
        # What has no price costs an unknown amount.
        and not (amount is None and case["operation"] in ("estimate_cost", "price_file"))
    ]
    if faults:
        return faults

    def same(key: str, right: Decimal) -> None:
        if key in expected and expected[key] != plain(right):
            faults.append(f"{key} is {expected[key]}, but the script adds up to {plain(right)}")

    if case["operation"] == "cost_breakdown" and "draft_accepted" in given:
        accepted = given["draft_accepted"]
        drafted, verified = (
            given["input_tokens"] + given[f"{who}_output_tokens"] for who in ("draft", "verifier")
        )
        draft = Decimal(given["drafter_cost"]) * drafted / 1000
        verifier = Decimal(0 if accepted else given["verifier_cost"]) * verified / 1000
        baseline = Decimal(given["verifier_cost"]) * (drafted if accepted else verified) / 1000
        same("draft_cost", draft)
        same("verifier_cost", verifier)
        same("total_cost", draft + verifier)
        same("baseline_cost", baseline)
        same("cost_saved", baseline - draft - verifier)
        return faults
    if case["operation"] == "price":
        usage = given["usage"]
        if "cost" in given:
            same("cost", flat_cost(usage, given["cost"]))
        else:
            same("cost", price_cost(usage, given["price"]))
        return faults
    if case["operation"] == "estimate_cost" and "cost" in given and "input_tokens" in expected:
        counts = {name: expected[name] for name in ("input_tokens", "output_tokens")}
        same("cost", flat_cost(counts, given["cost"]))
        same("input_cost", flat_cost({**counts, "output_tokens": 0}, given["cost"]))
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
