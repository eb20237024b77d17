#!/usr/bin/env python3
"""Refresh pricing/ from the price table that the `litellm` package carries (MIT licence).

The table is data inside the package; it is read as a file and the package is not imported. Prices
there are USD per token as floating-point numbers; here they are exact decimals per 1,000,000 tokens,
made from the shortest decimal text of each number.

    sync_pricing.py --litellm-python PYTHON            show what a refresh would change
    sync_pricing.py --litellm-python PYTHON --write    write it
    sync_pricing.py --litellm-python PYTHON --check    fail when there is something to write
    sync_pricing.py --validate --max-age-days 120      check the files alone, without a table

What stands in pricing/overrides.json is put over the table, each entry with its reason. A model
that is no longer in the table keeps its last row, marked with the table it was last seen in, until
`--prune`: people are still billed for, and still have records of, models that a price page drops.
"""

from __future__ import annotations

import argparse
import datetime
import fnmatch
import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

PRICING = Path(__file__).resolve().parent.parent / "pricing"
TABLE_FILE = "model_prices_and_context_window_backup.json"

Row = dict[str, Any]


@dataclass(frozen=True)
class Provider:
    """A provider of ours and where the table keeps its models."""

    name: str
    page: str
    table_names: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    any_model_free: bool = False


PROVIDERS = (
    Provider(
        "openai",
        "https://platform.openai.com/docs/pricing",
        ("openai", "text-completion-openai"),
        ("openai/",),
    ),
    Provider(
        "anthropic", "https://platform.claude.com/docs/en/about-claude/pricing", ("anthropic",)
    ),
    Provider("groq", "https://groq.com/pricing", ("groq",), ("groq/",)),
    Provider(
        "ollama",
        "runs on the user's own machines",
        ("ollama",),
        ("ollama/",),
        any_model_free=True,
    ),
    Provider("vllm", "runs on the user's own machines", any_model_free=True),
    Provider(
        "fireworks",
        "https://fireworks.ai/pricing",
        ("fireworks_ai", "fireworks_ai-embedding-models"),
        ("fireworks_ai/",),
    ),
    Provider("together", "https://www.together.ai/pricing", ("together_ai",), ("together_ai/",)),
    Provider(
        "deepseek",
        "https://api-docs.deepseek.com/quick_start/pricing",
        ("deepseek",),
        ("deepseek/",),
    ),
    Provider(
        "vertex_ai",
        "https://cloud.google.com/vertex-ai/generative-ai/pricing",
        ("vertex_ai", "vertex_ai-*", "gemini"),
        ("vertex_ai/", "gemini/"),
    ),
    Provider("cohere", "https://cohere.com/pricing", ("cohere", "cohere_chat"), ("cohere/",)),
    Provider("openrouter", "https://openrouter.ai/models", ("openrouter",), ("openrouter/",)),
    Provider("huggingface", "https://huggingface.co/docs/inference-providers/pricing"),
)

# How the table names each kind of token, and how we do.
KINDS = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cached_input",
    "cache_creation_input_token_cost": "cache_write_5m",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "output_cost_per_reasoning_token": "reasoning",
    "input_cost_per_audio_token": "audio_input",
    "cache_read_input_audio_token_cost": "cached_audio_input",
    "output_cost_per_audio_token": "audio_output",
    "input_cost_per_image_token": "image_input",
    "output_cost_per_image_token": "image_output",
}
KIND_ORDER = list(KINDS.values())
TIERS = {"batches": "batch", "flex": "flex", "priority": "priority", "ultrafast": "ultrafast"}
MODES = {
    "chat": "chat",
    "responses": "responses",
    "completion": "completion",
    "embedding": "embedding",
}
PRICE_KEY = re.compile(
    r"(?P<kind>" + "|".join(sorted(KINDS, key=len, reverse=True)) + r")"
    r"(?:_above_(?P<thousands>\d+)k_tokens)?"
    r"(?:_(?P<tier>" + "|".join(TIERS) + r"))?"
)
CAPABILITIES = {
    "supports_function_calling": "tools",
    "supports_parallel_function_calling": "parallel_tools",
    "supports_response_schema": "json_schema",
    "supports_vision": "vision",
    "supports_pdf_input": "pdf",
    "supports_audio_input": "audio_input",
    "supports_audio_output": "audio_output",
    "supports_reasoning": "reasoning",
    "supports_prompt_caching": "prompt_caching",
    "supports_web_search": "web_search",
}
CAPABILITY_ORDER = [*CAPABILITIES.values(), "embeddings", "logprobs"]
# Fireworks takes its own models by their bare names too.
FIREWORKS_MODELS = "accounts/fireworks/models/"
DATE_AT_END = re.compile(r"^(?P<stem>.+?)(?:[-@](?:\d{4}-\d{2}-\d{2}|\d{8})|@default|-latest)$")


class SyncError(Exception):
    """Something is wrong with the table or with the files; the message says what."""


def per_million(per_token: object) -> str:
    """USD per token, as the table has it, in USD per 1,000,000 tokens as an exact decimal text."""
    if isinstance(per_token, bool) or not isinstance(per_token, (int, float, str)):
        raise SyncError(f"not a price: {per_token!r}")
    try:
        exact = Decimal(repr(per_token) if isinstance(per_token, float) else str(per_token))
    except ArithmeticError:
        raise SyncError(f"not a price: {per_token!r}") from None
    if not exact.is_finite() or exact < 0:
        raise SyncError(f"not a price: {per_token!r}")
    # What is left of a division made in floating point shows in the 15th digit or later.
    digits = len(exact.normalize().as_tuple().digits)
    if digits > 14:
        exact = Decimal(f"{exact:.11e}")
    return decimal_text(exact * 1_000_000)


def decimal_text(value: Decimal) -> str:
    """Plain notation without trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def price_of(entry: Mapping[str, Any], unread: set[str] | None = None) -> dict[str, Any] | None:
    """Our price block for one entry of the table; None when it has no price per token."""
    if entry.get("input_cost_per_token") is None:
        return None
    rates: dict[tuple[str | None, int | None], dict[str, str]] = {}
    for key, value in entry.items():
        if value is None or isinstance(value, (dict, list)):
            continue
        found = PRICE_KEY.fullmatch(key)
        if found is None:
            if unread is not None and re.search(r"_cost(_|$)", key):
                unread.add(key)
            continue
        tier = TIERS[found["tier"]] if found["tier"] else None
        threshold = int(found["thousands"]) * 1000 if found["thousands"] else None
        rates.setdefault((tier, threshold), {})[KINDS[found["kind"]]] = per_million(value)
    base = rates[(None, None)]
    base.setdefault("output", "0")
    drop_redundant(base, base)
    for block in rates.values():
        drop_redundant(block, base)
    thresholds = sorted({threshold for _, threshold in rates if threshold is not None})
    if len(thresholds) > 1:
        # A price block has one threshold; half a tariff would be a wrong one.
        if unread is not None:
            unread.update(f"above_{threshold // 1000}k" for threshold in thresholds)
        return None
    price: dict[str, Any] = ordered(base)
    threshold = thresholds[0] if thresholds else None
    longer = rates.get((None, threshold)) if threshold else None
    if longer:
        price["long_context"] = {"threshold_tokens": threshold, "rates": ordered(longer)}
    tiers: dict[str, Any] = {}
    for tier in TIERS.values():
        if usual := rates.get((tier, None)):
            tiers[tier] = {"rates": ordered(usual)}
            longer_tier = rates.get((tier, threshold)) if longer else None
            if longer_tier:
                tiers[tier]["long_context"] = ordered(longer_tier)
    if tiers:
        price["tiers"] = tiers
    return price


def drop_redundant(block: dict[str, str], base: Mapping[str, str]) -> None:
    """Take out rates that only repeat what holds without them."""
    output = block.get("output", base["output"])
    if block.get("reasoning") == output and base.get("reasoning", output) == output:
        del block["reasoning"]
    # Tokens written to a cache are read by the model like any others: no provider gives them away,
    # and a zero in the table means that they have no price of their own.
    for kind in ("cache_write_5m", "cache_write_1h"):
        if block.get(kind) == "0" and base["input"] != "0":
            del block[kind]


def ordered(block: Mapping[str, str]) -> dict[str, str]:
    """The rates in the order of the schema."""
    return {kind: block[kind] for kind in KIND_ORDER if kind in block}


def row_of(model: str, entry: Mapping[str, Any], unread: set[str] | None = None) -> Row | None:
    """Our row for one entry of the table; None for what is no text model or has no token price."""
    kind = MODES.get(str(entry.get("mode")))
    price = price_of(entry, unread) if kind else None
    if kind is None or price is None:
        return None
    row: Row = {"id": model}
    if kind != "chat":
        row["kind"] = kind
    row["price"] = price
    for ours, theirs in (
        ("context_tokens", ("max_input_tokens", "max_tokens")),
        ("output_tokens", ("max_output_tokens",)),
        ("embedding_dimensions", ("output_vector_size",)),
    ):
        limit = next((entry[key] for key in theirs if isinstance(entry.get(key), (int, float))), 0)
        if limit > 0 and not (kind == "embedding" and ours == "output_tokens"):
            row[ours] = int(limit)
    capabilities = [name for flag, name in CAPABILITIES.items() if entry.get(flag) is True]
    if kind == "embedding":
        capabilities.append("embeddings")
    if capabilities:
        row["capabilities"] = capabilities
    retired = entry.get("deprecation_date")
    if isinstance(retired, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", retired):
        row["deprecated_on"] = retired
    return row


def is_free(price: Mapping[str, Any]) -> bool:
    """Whether nothing is charged."""
    return bool(price["input"] == "0" and price["output"] == "0")


def provider_rows(
    provider: Provider, table: Mapping[str, Any], unread: set[str] | None = None
) -> dict[str, Row]:
    """The rows of one provider in the table, by id."""
    rows: dict[str, Row] = {}
    # A name with the provider's own prefix is the more specific entry, so it is read last; an entry
    # of the provider's sibling (Google AI Studio) only fills in what is missing.
    names = sorted(table, key=lambda name: name.startswith(provider.prefixes or ("\0",)))
    for sibling in (False, True):
        for name in names:
            entry = table[name]
            theirs = str(entry.get("litellm_provider"))
            if not any(fnmatch.fnmatchcase(theirs, pattern) for pattern in provider.table_names):
                continue
            if (theirs == "gemini") != sibling:
                continue
            prefix = next((p for p in provider.prefixes if name.startswith(p)), "")
            row = row_of(name.removeprefix(prefix), entry, unread)
            if row is None or (sibling and row["id"] in rows):
                continue
            # A zero of a provider that charges stands for a price nobody has filled in.
            if is_free(row["price"]) and not provider.any_model_free and not name.endswith(":free"):
                continue
            rows[row["id"]] = row
    return rows


def other_kinds(provider: Provider, table: Mapping[str, Any]) -> set[str]:
    """Models of the provider that the table has as no text models: painters, speakers, rankers."""
    found = set()
    for name, entry in table.items():
        theirs = str(entry.get("litellm_provider"))
        if any(fnmatch.fnmatchcase(theirs, pattern) for pattern in provider.table_names):
            prefix = next((p for p in provider.prefixes if name.startswith(p)), "")
            if str(entry.get("mode")) not in MODES:
                found.add(name.removeprefix(prefix))
    return found


def same_model(one: Row, other: Row) -> bool:
    """Whether two rows differ in nothing that is billed or limited."""
    fields = ("kind", "price", "context_tokens", "output_tokens", "embedding_dimensions", "source")
    return all(one.get(field) == other.get(field) for field in fields)


def split_aliases(provider: str, rows: Mapping[str, Row]) -> tuple[dict[str, Row], dict[str, str]]:
    """Take dated and short names of a row out of `rows`: (rows, alias to id)."""
    kept = dict(rows)
    aliases: dict[str, str] = {}
    for name, row in rows.items():
        dated = DATE_AT_END.match(name)
        target = dated["stem"] if dated else ""
        if provider == "fireworks" and "/" not in name:
            target = FIREWORKS_MODELS + name
        if target in rows and target != name and same_model(row, rows[target]):
            aliases[name] = target
            del kept[name]
    if provider == "fireworks":
        short = {name.removeprefix(FIREWORKS_MODELS): name for name in kept}
        aliases.update({name: target for name, target in short.items() if name not in kept})
    # An alias of an alias points at the row itself.
    for alias, target in aliases.items():
        while target in aliases:
            target = aliases[target]
        aliases[alias] = target
    return kept, aliases


def apply_overrides(
    provider: str,
    rows: dict[str, Row],
    overrides: Mapping[str, Any],
    others: Mapping[str, Mapping[str, Row]],
) -> None:
    """Put what is kept by hand over the rows of the table."""
    for entry in overrides.get("skip", []):
        if entry["provider"] == provider:
            for name in fnmatch.filter(list(rows), entry["match"]):
                del rows[name]
    for entry in overrides.get("models", []):
        if entry["provider"] == provider:
            row = rows.setdefault(entry["id"], {"id": entry["id"]})
            row.update(entry["set"])
    for entry in overrides.get("same_price_as", []):
        if entry["provider"] == provider:
            origin, _, model = entry["as"].partition(":")
            source = others.get(origin, {}).get(model)
            if source is None:
                raise SyncError(f"overrides.json: `{entry['as']}` is not a priced model")
            rows[entry["id"]] = {
                **{key: value for key, value in source.items() if key not in ("id", "source")},
                "id": entry["id"],
            }
    for entry in overrides.get("capabilities", []):
        if entry["provider"] == provider:
            for name in fnmatch.filter(list(rows), entry["match"]):
                add_capabilities(rows[name], entry)


def add_capabilities(row: Row, entry: Mapping[str, Any]) -> None:
    """Add what an override knows that the models it matches can do."""
    if any(fnmatch.fnmatchcase(row["id"], pattern) for pattern in entry.get("except", [])):
        return
    if row.get("kind", "chat") not in entry.get("kinds", ["chat"]):
        return
    have = {*row.get("capabilities", []), *entry["add"]}
    row["capabilities"] = [name for name in CAPABILITY_ORDER if name in have]


def in_order(row: Row) -> Row:
    """The row's fields in the order of the schema."""
    fields = (
        "id",
        "kind",
        "price",
        "context_tokens",
        "output_tokens",
        "embedding_dimensions",
        "capabilities",
        "deprecated_on",
        "source",
    )
    return {field: row[field] for field in fields if field in row}


@dataclass
class Pricing:
    """The whole folder: a file for each provider, and the aliases."""

    files: dict[str, dict[str, Any]]
    aliases: dict[str, dict[str, str]]


def refresh(
    table: Mapping[str, Any],
    table_name: str,
    old: Pricing,
    overrides: Mapping[str, Any],
    today: str,
    *,
    prune: bool = False,
    unread: set[str] | None = None,
) -> Pricing:
    """The folder as the table, the overrides and the rows to keep make it."""
    new = Pricing({}, {})
    all_rows: dict[str, dict[str, Row]] = {}
    for provider in PROVIDERS:
        rows = provider_rows(provider, table, unread)
        before = old.files.get(provider.name)
        listed = bool(rows) or not provider.table_names
        if before and not prune:
            other = other_kinds(provider, table)
            kept = {
                row["id"]: dict(row)
                for row in before["models"]
                if row["id"] not in rows and row["id"] not in other
            }
            by_hand = {
                entry["id"]
                for part in ("models", "same_price_as")
                for entry in overrides.get(part, [])
                if entry["provider"] == provider.name
            }
            for name, row in kept.items():
                if name in by_hand:
                    continue
                if listed and "table" in before:
                    row.setdefault("source", before["table"])
                rows[name] = row
        apply_overrides(provider.name, rows, overrides, all_rows)
        rows, aliases = split_aliases(provider.name, rows)
        if before and not prune:
            aliases = {**old.aliases.get(provider.name, {}), **aliases}
        aliases.update(
            {
                entry["alias"]: entry["id"]
                for entry in overrides.get("aliases", [])
                if entry["provider"] == provider.name
            }
        )
        aliases = {
            alias: id_ for alias, id_ in aliases.items() if alias not in rows and id_ in rows
        }
        all_rows[provider.name] = rows
        file: dict[str, Any] = {"provider": provider.name, "source": provider.page}
        if provider.table_names:
            file["table"] = table_name if listed or not before else before.get("table", table_name)
        file["date"] = today if listed or not before else before["date"]
        if provider.any_model_free:
            file["any_model"] = {"input": "0", "output": "0"}
        file["models"] = [in_order(rows[name]) for name in sorted(rows)]
        new.files[provider.name] = file
        if aliases:
            new.aliases[provider.name] = dict(sorted(aliases.items()))
    return new


def read_folder(folder: Path) -> Pricing:
    """What stands in the folder now."""
    files = {}
    for provider in PROVIDERS:
        path = folder / f"{provider.name}.json"
        if path.exists():
            files[provider.name] = read_json(path)
    aliases = folder / "aliases.json"
    models = read_json(aliases)["models"] if aliases.exists() else {}
    return Pricing(files, models)


def read_json(path: Path) -> Any:
    """The JSON in a file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise SyncError(f"{path.name} is not JSON: {error}") from None


def render_file(file: Mapping[str, Any]) -> str:
    """A price file as text: one model a line, so that a change of price is one changed line."""
    head = {key: value for key, value in file.items() if key != "models"}
    lines = json.dumps(head, ensure_ascii=False, indent=2).removesuffix("\n}")
    rows = [f"    {json.dumps(row, ensure_ascii=False)}" for row in file["models"]]
    body = "[\n" + ",\n".join(rows) + "\n  ]" if rows else "[]"
    return f'{lines},\n  "models": {body}\n}}\n'


def render_aliases(folder: Path, models: Mapping[str, Mapping[str, str]]) -> str:
    """The alias file as text; the aliases of providers are kept by hand."""
    path = folder / "aliases.json"
    providers = read_json(path)["providers"] if path.exists() else {}
    return (
        json.dumps({"providers": providers, "models": models}, ensure_ascii=False, indent=2) + "\n"
    )


def flatten(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of a row with its dotted path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flatten(inner, f"{path}.{key}" if path else key)
    else:
        yield path, value


def diff(old: Pricing, new: Pricing) -> list[str]:
    """What changes, one line each; the date of the look-up is no change."""
    lines: list[str] = []
    for provider in PROVIDERS:
        name = provider.name
        before = {row["id"]: row for row in old.files.get(name, {}).get("models", [])}
        after = {row["id"]: row for row in new.files[name]["models"]}
        lines += [f"- {name}: {id_}" for id_ in sorted(before.keys() - after.keys())]
        for id_ in sorted(after.keys() - before.keys()):
            price = after[id_]["price"]
            lines.append(f"+ {name}: {id_} at {price['input']} / {price['output']}")
        for id_ in sorted(before.keys() & after.keys()):
            was, now = dict(flatten(before[id_])), dict(flatten(after[id_]))
            lines += [
                f"~ {name}: {id_}: {path} {was.get(path, 'none')} -> {now.get(path, 'none')}"
                for path in sorted(was.keys() | now.keys())
                if was.get(path) != now.get(path)
            ]
        aliases_before, aliases_after = old.aliases.get(name, {}), new.aliases.get(name, {})
        lines += [
            f"~ {name}: alias {alias} {aliases_before.get(alias, 'none')}"
            f" -> {aliases_after.get(alias, 'none')}"
            for alias in sorted(aliases_before.keys() | aliases_after.keys())
            if aliases_before.get(alias) != aliases_after.get(alias)
        ]
    return lines


def validate(folder: Path) -> list[str]:
    """What is wrong with the files, one line each: schema, duplicates, aliases that lead nowhere."""
    import jsonschema

    schema = read_json(folder / "schema.json")
    problems: list[str] = []
    pricing = read_folder(folder)
    parts = [("PriceFile", f"{name}.json", file) for name, file in pricing.files.items()]
    parts.append(("Aliases", "aliases.json", read_json(folder / "aliases.json")))
    parts.append(("Overrides", "overrides.json", read_json(folder / "overrides.json")))
    for definition, name, value in parts:
        checker = jsonschema.Draft202012Validator(
            {"$ref": f"#/$defs/{definition}", "$defs": schema["$defs"]}
        )
        problems += [f"{name}: {e.json_path}: {e.message}" for e in checker.iter_errors(value)]
    for provider in PROVIDERS:
        file = pricing.files.get(provider.name)
        if file is None:
            problems.append(f"{provider.name}.json is missing")
            continue
        ids = [row["id"] for row in file["models"]]
        problems += [
            f"{provider.name}.json: `{i}` twice" for i in {i for i in ids if ids.count(i) > 1}
        ]
        for alias, target in pricing.aliases.get(provider.name, {}).items():
            if target not in ids:
                problems.append(f"aliases.json: `{alias}` leads to `{target}`, which is not listed")
            if alias in ids:
                problems.append(f"aliases.json: `{alias}` is itself a model of {provider.name}")
    return problems


def stale(pricing: Pricing, today: datetime.date, max_age_days: int) -> list[str]:
    """The files whose prices were last looked up too long ago."""
    lines = []
    for name, file in pricing.files.items():
        age = (today - datetime.date.fromisoformat(file["date"])).days
        if age > max_age_days:
            lines.append(f"{name}.json: looked up {age} days ago, more than {max_age_days}")
    return lines


def find_table(python: str | None) -> Path:
    """Where the table lies in the litellm package of `python`, or of this interpreter."""
    if python:
        code = (
            "import importlib.util as u; s = u.find_spec('litellm'); print(s.origin if s else '')"
        )
        run = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
        origin = run.stdout.strip()
    else:
        spec = importlib.util.find_spec("litellm")
        origin = spec.origin or "" if spec else ""
    if not origin:
        raise SyncError(
            "litellm is not installed there: `python -m venv V && V/bin/pip install litellm`, "
            "then give `--litellm-python V/bin/python`"
        )
    return Path(origin).with_name(TABLE_FILE)


def table_version(table: Path) -> str:
    """`litellm` and the version of the package that the table lies in."""
    for info in table.parent.parent.glob("litellm-*.dist-info"):
        return "litellm " + info.name.removeprefix("litellm-").removesuffix(".dist-info")
    return "litellm"


def parse_arguments(arguments: Iterable[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--litellm-python", metavar="PYTHON", help="interpreter that has litellm")
    parser.add_argument("--table", type=Path, metavar="FILE", help="the table itself, instead")
    parser.add_argument("--table-name", metavar="NAME", help="what to call the table in the files")
    parser.add_argument("--write", action="store_true", help="write the files")
    parser.add_argument("--check", action="store_true", help="fail when the files would change")
    parser.add_argument("--prune", action="store_true", help="drop models the table no longer has")
    parser.add_argument(
        "--validate", action="store_true", help="check the files against the schema"
    )
    parser.add_argument("--max-age-days", type=int, metavar="N", help="fail on older look-ups")
    parser.add_argument("--date", help="the day of the look-up, today when left out")
    parser.add_argument("--folder", type=Path, default=PRICING, help="the folder with the files")
    return parser.parse_args(None if arguments is None else list(arguments))


def main(arguments: Iterable[str] | None = None) -> int:
    """Run the command; the exit status."""
    options = parse_arguments(arguments)
    folder: Path = options.folder
    today = datetime.date.fromisoformat(options.date) if options.date else datetime.date.today()
    problems: list[str] = []
    try:
        old = read_folder(folder)
        if options.max_age_days is not None:
            problems += stale(old, today, options.max_age_days)
        alone = options.validate or options.max_age_days is not None
        if not alone or options.write or options.check:
            problems += synchronise(options, folder, old, today)
        if options.validate:
            problems += validate(folder)
    except SyncError as error:
        problems.append(str(error))
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


def synchronise(
    options: argparse.Namespace, folder: Path, old: Pricing, today: datetime.date
) -> list[str]:
    """Show the difference and, when asked to, write it; what is wrong."""
    path: Path = options.table or find_table(options.litellm_python)
    table = {name: entry for name, entry in read_json(path).items() if name != "sample_spec"}
    unread: set[str] = set()
    new = refresh(
        table,
        options.table_name or table_version(path),
        old,
        read_json(folder / "overrides.json"),
        today.isoformat(),
        prune=options.prune,
        unread=unread,
    )
    changes = diff(old, new)
    for line in changes:
        print(line)
    count = sum(len(file["models"]) for file in new.files.values())
    print(f"{len(changes)} changes; {count} models of {len(new.files)} providers")
    if unread:
        print("prices the catalogue has no place for: " + ", ".join(sorted(unread)))
    if options.write:
        for name, file in new.files.items():
            (folder / f"{name}.json").write_text(render_file(file), encoding="utf-8")
        aliases = render_aliases(folder, new.aliases)
        (folder / "aliases.json").write_text(aliases, encoding="utf-8")
    if options.check and changes:
        return ["pricing/ differs from the table; run with --write"]
    return []


if __name__ == "__main__":
    sys.exit(main())
