"""Rows of the catalogue made from entries of the table."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from typing import Any

from .prices import is_free, price_of
from .tables import CAPABILITIES, MODES, Provider, Row


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
