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

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
import sync_pricing as sync

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
    import litellm

    rng = random.Random(seed)
    pricing = sync.read_folder(sync.PRICING)
    candidates = []
    for provider in sync.PROVIDERS:
        prefixes = [*provider.prefixes, ""]
        for row in pricing.files[provider.name]["models"]:
            for prefix in prefixes:
                entry = litellm.model_cost.get(prefix + row["id"])
                names = provider.table_names
                if entry and sync.fnmatch.filter([entry.get("litellm_provider", "")], "*"):
                    theirs = entry["litellm_provider"]
                    if any(sync.fnmatch.fnmatchcase(theirs, pattern) for pattern in names):
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
    import litellm
    from litellm.types.utils import Choices, ModelResponse, Usage

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
    usage = Usage(
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
    response = ModelResponse(model=call.model, choices=[Choices()], usage=usage)
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


def reason(call: Call, other: Decimal | str) -> str | None:
    """Why the costs of this call differ; None when it is not known."""
    raise NotImplementedError


def main() -> int:
    """Run the comparison; the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--vectors", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    calls = random_calls(options.vectors, options.seed)
    equals = 0
    for call, cost in zip(calls, ours(calls), strict=True):
        other = theirs(call)
        if equal(cost, other):
            equals += 1
            continue
        ratio = None if isinstance(other, str) or not cost else other / cost
        print(
            call.provider,
            call.entry["litellm_provider"],
            call.model,
            call.usage,
            cost,
            other,
            ratio and float(ratio),
        )
    print(equals, "equal of", len(calls))
    return 0


if __name__ == "__main__":
    sys.exit(main())
