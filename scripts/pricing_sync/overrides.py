"""What is kept by hand and goes over the table."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from typing import Any

from .errors import SyncError
from .tables import CAPABILITY_ORDER, Row


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
