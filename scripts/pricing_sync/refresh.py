"""The folder as the table, the overrides and the rows to keep make it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .aliases import split_aliases
from .folder import Pricing
from .overrides import apply_overrides
from .rows import in_order, other_kinds, provider_rows
from .tables import PROVIDERS, Provider, Row


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
        name = provider.name
        rows = provider_rows(provider, table, unread)
        before = old.files.get(name)
        listed = bool(rows) or not provider.table_names
        if before and not prune:
            keep_rows(provider, rows, before, table, overrides, mark=listed and "table" in before)
        apply_overrides(name, rows, overrides, all_rows)
        rows, aliases = split_aliases(name, rows)
        if before and not prune:
            aliases = {**old.aliases.get(name, {}), **aliases}
        by_hand = of_provider(name, overrides, "aliases")
        aliases.update({entry["alias"]: entry["id"] for entry in by_hand})
        aliases = {
            alias: id_ for alias, id_ in aliases.items() if alias not in rows and id_ in rows
        }
        all_rows[name] = rows
        # What the table has nothing of keeps the name and the day of its last look-up.
        known = before if before and not listed else {"table": table_name, "date": today}
        new.files[name] = file_of(provider, rows, known.get("table", table_name), known["date"])
        if aliases:
            new.aliases[name] = dict(sorted(aliases.items()))
    return new


def keep_rows(
    provider: Provider,
    rows: dict[str, Row],
    before: Mapping[str, Any],
    table: Mapping[str, Any],
    overrides: Mapping[str, Any],
    *,
    mark: bool,
) -> None:
    """Keep rows that the table no longer has; with `mark`, each with the table it was last in."""
    gone = other_kinds(provider, table)
    by_hand = {
        entry["id"]
        for part in ("models", "same_price_as")
        for entry in of_provider(provider.name, overrides, part)
    }
    for row in before["models"]:
        if row["id"] in rows or row["id"] in gone or row["id"] in by_hand:
            continue
        kept = dict(row)
        if mark:
            kept.setdefault("source", before["table"])
        rows[row["id"]] = kept


def of_provider(provider: str, overrides: Mapping[str, Any], part: str) -> list[dict[str, Any]]:
    """The entries of a part of the overrides that are about the provider."""
    return [entry for entry in overrides.get(part, []) if entry["provider"] == provider]


def file_of(
    provider: Provider, rows: Mapping[str, Row], table_name: str, date: str
) -> dict[str, Any]:
    """The price file of a provider."""
    file: dict[str, Any] = {"provider": provider.name, "source": provider.page}
    if provider.table_names:
        file["table"] = table_name
    file["date"] = date
    if provider.any_model_free:
        file["any_model"] = {"input": "0", "output": "0"}
    file["models"] = [in_order(rows[name]) for name in sorted(rows)]
    return file
