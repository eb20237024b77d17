"""Dated and short names of models that are listed under another name."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .tables import Row

# Fireworks takes its own models by their bare names too.
FIREWORKS_MODELS = "accounts/fireworks/models/"
DATE_AT_END = re.compile(r"^(?P<stem>.+?)(?:[-@](?:\d{4}-\d{2}-\d{2}|\d{8})|@default|-latest)$")


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


def same_model(one: Row, other: Row) -> bool:
    """Whether two rows differ in nothing that is billed or limited."""
    fields = ("kind", "price", "context_tokens", "output_tokens", "embedding_dimensions", "source")
    return all(one.get(field) == other.get(field) for field in fields)
