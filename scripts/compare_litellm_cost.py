#!/usr/bin/env python3
"""Compare our costs with `litellm.completion_cost` on random calls of random models.

    V/bin/python scripts/compare_litellm_cost.py [--vectors 500] [--seed 7] [--markdown FILE]

runs with an interpreter that has `litellm`; ours come from the `price_lines` example of
cascade-telemetry. A call has a model of the price table, prompt and answer tokens of which some are
cached, written to a cache, heard or thought, and a service tier. Two costs are equal when they differ
by less than 1e-9 USD (or, for costs above a dollar, by less than one part in 10^12: theirs are
floating-point sums). Every difference must have one of the known reasons; one without fails.
"""

from __future__ import annotations

import argparse
import datetime
import fnmatch
import importlib
import json
import os
import random
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pricing_sync as sync

# litellm would otherwise fetch a newer table when it is imported.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

ROOT = Path(__file__).resolve().parent.parent
LITELLM_PROVIDERS = {"fireworks": "fireworks_ai", "together": "together_ai"}


@dataclass
class Call:
    """One call of one model, and the table's entry for it."""

    provider: str
    model: str
    usage: dict[str, Any]
    entry: dict[str, Any]
    price: dict[str, Any]


def draw(rng: random.Random, limit: int) -> int:
    """A count of tokens: small and large alike."""
    return min(limit, int(10 ** rng.uniform(0, 6)))


def random_usage(rng: random.Random, row: dict[str, Any]) -> dict[str, Any]:
    """Tokens of one call that the model could have had."""
    price = row["price"]
    usage: dict[str, Any] = {"input_tokens": draw(rng, row.get("context_tokens", 1_000_000))}
    left = usage["input_tokens"]
    embedding = row.get("kind") == "embedding"
    for kind, priced in (
        ("cached_input", "cached_input"),
        ("cache_write_5m", "cache_write_5m"),
        ("cache_write_1h", "cache_write_1h"),
        ("audio_input", "audio_input"),
    ):
        if priced in price and not embedding and rng.random() < 0.4:
            usage[f"{kind}_tokens"] = rng.randint(0, left)
            left -= usage[f"{kind}_tokens"]
    usage["output_tokens"] = 0 if embedding else draw(rng, row.get("output_tokens", 100_000))
    if "reasoning" in row.get("capabilities", []) and rng.random() < 0.5:
        usage["reasoning_tokens"] = rng.randint(0, usage["output_tokens"])
    tiers = [tier for tier in price.get("tiers", {}) if tier in ("flex", "priority", "ultrafast")]
    if tiers and not embedding and rng.random() < 0.5:
        usage["service_tier"] = rng.choice(tiers)
    return usage


def random_calls(count: int, seed: int) -> list[Call]:
    """Calls of models that stand in the table of the installed litellm."""
    litellm = importlib.import_module("litellm")
    rng = random.Random(seed)
    pricing = sync.read_folder(sync.PRICING)
    candidates = []
    for provider in sync.PROVIDERS:
        prefixes = [*provider.prefixes, ""]
        for row in pricing.files[provider.name]["models"]:
            for prefix in prefixes:
                entry = litellm.model_cost.get(prefix + row["id"])
                listed = entry["litellm_provider"] if entry else ""
                names = provider.table_names
                if entry and any(fnmatch.fnmatchcase(listed, pattern) for pattern in names):
                    candidates.append((provider.name, row, prefix, entry))
                    break
    calls = []
    for _ in range(count):
        provider_name, row, prefix, entry = rng.choice(candidates)
        usage = random_usage(rng, row)
        calls.append(Call(provider_name, row["id"], usage, {**entry, "_": prefix}, row["price"]))
    return calls


def ours(calls: list[Call]) -> list[Decimal | None]:
    """Our costs."""
    lines = "".join(
        json.dumps({"provider": call.provider, "model": call.model, "usage": call.usage}) + "\n"
        for call in calls
    )
    command = ["cargo", "run", "-q", "--release", "-p", "cascade-telemetry"]
    run = subprocess.run(
        [*command, "--example", "price_lines"],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    costs = [json.loads(line)["cost"] for line in run.stdout.splitlines()]
    return [None if cost is None else Decimal(cost) for cost in costs]


def theirs(call: Call) -> Decimal | str:
    """The cost of `litellm.completion_cost`, or the error it gives."""
    litellm = importlib.import_module("litellm")
    types = importlib.import_module("litellm.types.utils")
    count = {key.removesuffix("_tokens"): value for key, value in call.usage.items()}
    written = count.get("cache_write_5m", 0) + count.get("cache_write_1h", 0)
    details: dict[str, Any] = {"cached_tokens": count.get("cached_input", 0)}
    if written:
        details["cache_creation_tokens"] = written
        details["cache_creation_token_details"] = {
            "ephemeral_5m_input_tokens": count.get("cache_write_5m", 0),
            "ephemeral_1h_input_tokens": count.get("cache_write_1h", 0),
        }
    if "audio_input" in count:
        details["audio_tokens"] = count["audio_input"]
    usage = types.Usage(
        prompt_tokens=count["input"],
        completion_tokens=count["output"],
        total_tokens=count["input"] + count["output"],
        prompt_tokens_details=details,
        completion_tokens_details={"reasoning_tokens": count.get("reasoning", 0)},
        cache_creation_input_tokens=written,
        cache_read_input_tokens=count.get("cached_input", 0),
    )
    provider = LITELLM_PROVIDERS.get(call.provider, call.provider)
    if call.entry["litellm_provider"] in ("gemini", "text-completion-openai", "cohere_chat"):
        provider = call.entry["litellm_provider"]
    response = types.ModelResponse(model=call.model, choices=[types.Choices()], usage=usage)
    try:
        cost = litellm.completion_cost(
            completion_response=response,
            model=call.entry["_"] + call.model,
            custom_llm_provider=provider,
            service_tier=count.get("service_tier"),
        )
    except Exception as error:  # what it raises is part of the comparison
        return f"{type(error).__name__}: {str(error).splitlines()[0][:120]}"
    return Decimal(repr(float(cost)))


def equal(one: Decimal | None, other: Decimal | str) -> bool:
    """Whether two costs are the same but for the rounding of floating-point sums."""
    if one is None or isinstance(other, str):
        return False
    return abs(one - other) < max(Decimal("1e-9"), abs(one) * Decimal("1e-12"))


def without_tier(call: Call) -> Call:
    """The same call at the standard tier."""
    usage = {key: value for key, value in call.usage.items() if key != "service_tier"}
    return Call(call.provider, call.model, usage, call.entry, call.price)


def off_peak_cost(call: Call) -> Decimal | None:
    """The call at the table's prices for quiet hours; None when it has none."""
    quiet = call.entry.get("off_peak_pricing")
    if not quiet:
        return None
    rate = {
        kind: Decimal(repr(quiet.get(key, call.entry.get(key, 0.0))))
        for kind, key in (
            ("input", "input_cost_per_token"),
            ("output", "output_cost_per_token"),
            ("cached", "cache_read_input_token_cost"),
        )
    }
    cached: int = call.usage.get("cached_input_tokens", 0)
    written: int = call.usage["output_tokens"]
    fresh: int = call.usage["input_tokens"] - cached
    return fresh * rate["input"] + cached * rate["cached"] + written * rate["output"]


def audio_at_standard_rate(call: Call, ours: Decimal) -> Decimal | None:
    """Our cost with sound at the standard tier's price; None when the tier has none of its own."""
    tier = call.price.get("tiers", {}).get(call.usage.get("service_tier"), {}).get("rates", {})
    if "audio_input" not in tier:
        return None
    per_million = Decimal(tier["audio_input"]) - Decimal(call.price["audio_input"])
    heard: int = call.usage.get("audio_input_tokens", 0)
    return ours - heard * per_million / 1_000_000


REASONS = {
    "tier": (
        "litellm prices every Fireworks call at the standard tier",
        "The table has Fireworks' `priority` prices, but litellm's cost function for Fireworks is not "
        "given the tier. A call that Fireworks served with priority is billed at these prices, so ours "
        "hold.",
    ),
    "hour": (
        "prices that depend on the hour",
        "DeepSeek halves its prices in quiet hours, and litellm looks at the clock of the machine that "
        "asks, when it asks. A cost that changes with the moment of accounting cannot be replayed; ours is "
        "the full price, an upper bound. What a provider itself reports wins over either.",
    ),
    "audio": (
        "sound keeps its standard price in litellm",
        "The table has prices of sound by tier, but litellm's record of a model drops them, so the "
        "standard one is used.",
    ),
    "zero": (
        "a zero that nobody has filled in",
        "The table has zeros, or nothing, for a model whose provider charges: a preview, or a model that "
        "left. Zero is not a price, so the last real one stays in the catalogue, with `source` naming the "
        "table that had it.",
    ),
}


def reason(call: Call, our: Decimal, standard: Decimal | None, other: Decimal | str) -> str | None:
    """The key of why the costs of this call differ; None when that is not known."""
    if call.provider == "fireworks" and "service_tier" in call.usage and equal(standard, other):
        return "tier"
    if equal(off_peak_cost(call), other):
        return "hour"
    if equal(audio_at_standard_rate(call, our), other):
        return "audio"
    if other == 0 and not call.entry.get("input_cost_per_token"):
        return "zero"
    return None


def markdown(found: dict[str, list[tuple[Call, Decimal, Decimal | str]]], head: str) -> str:
    """The page of differences."""
    lines = [
        "# Differences from litellm's costs",
        "",
        "The catalogue is made from the price table inside litellm, so both should agree on what a call costs.",
        "They are compared on random calls of random models of the table (prompt, answer, cached, written,",
        "heard and thought tokens, service tiers), with the command",
        "",
        "```console",
        "V/bin/python scripts/compare_litellm_cost.py --markdown docs/reference/pricing-differences.md",
        "```",
        "",
        "where `V` is a virtual environment with litellm. A difference without one of the reasons below makes",
        "the command fail.",
        "",
        head,
        "",
        "| reason | calls | example | ours, USD | litellm's, USD |",
        "|---|---:|---|---:|---:|",
    ]
    for key, (title, _) in REASONS.items():
        calls = found.get(key, [])
        if calls:
            call, our, other = calls[0]
            usage = ", ".join(
                f"{name.removesuffix('_tokens')} {value}" for name, value in call.usage.items()
            )
            example = f"`{call.model}` of {call.provider}: {usage}"
            lines.append(f"| {title} | {len(calls)} | {example} | {our:f} | {other} |")
        else:
            lines.append(f"| {title} | 0 | | | |")
    for title, text in REASONS.values():
        lines += ["", f"**{title[0].upper()}{title[1:]}.** {text}"]
    lines += ["", CORRECTIONS.strip(), ""]
    return "\n".join(lines)


CORRECTIONS = """
## Where the catalogue leaves the table

These never show as differences of the kind above, because litellm is not asked about them:

- Claude 3 Opus and Claude 3 Haiku: the last table that listed them gives both 6 USD for a 1-hour cache write. Anthropic
  charges twice the input price: 30 and 0.5.
- Models with two long-context thresholds (five Qwen models at OpenRouter) are left out, hence unpriced, rather than
  half priced.
- A cache write of zero means "no price of its own" and costs what a prompt token does: no provider gives away tokens
  that it reads and stores.
- Batch prices are compared through the price vectors of `shared-tests/cases/pricing/`, since
  `completion_cost` takes no batch as a tier.

`pricing/overrides.json` lists every such entry with its reason.
"""


def main() -> int:
    """Run the comparison; the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--vectors", type=int, default=500, help="how many calls")
    parser.add_argument("--seed", type=int, default=7, help="of the random calls")
    parser.add_argument(
        "--markdown", type=Path, metavar="FILE", help="write the page of differences"
    )
    options = parser.parse_args()
    calls = random_calls(options.vectors, options.seed)
    known = ours([*calls, *map(without_tier, calls)])
    found: dict[str, list[tuple[Call, Decimal, Decimal | str]]] = {}
    unexplained = 0
    equals = 0
    for at, call in enumerate(calls):
        our, standard, other = known[at], known[len(calls) + at], theirs(call)
        if equal(our, other):
            equals += 1
            continue
        key = None if our is None else reason(call, our, standard, other)
        if key is None or our is None:
            unexplained += 1
            print(f"unexplained: {call.provider} {call.model} {call.usage}: {our} and {other}")
        else:
            found.setdefault(key, []).append((call, our, other))
    models = len({(call.provider, call.model) for call in calls})
    version = sync.table_version(sync.find_table(sys.executable))
    head = (
        f"{version}, {datetime.date.today()}, seed {options.seed}: {len(calls)} calls of {models} models, "
        f"{equals} equal, {len(calls) - equals - unexplained} different with a reason, "
        f"{unexplained} without."
    )
    print(head)
    print(dict(Counter({key: len(entries) for key, entries in found.items()})))
    if options.markdown:
        options.markdown.write_text(markdown(found, head), encoding="utf-8")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
