"""What a refresh changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .folder import Pricing
from .tables import PROVIDERS


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


def flatten(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of a row with its dotted path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flatten(inner, f"{path}.{key}" if path else key)
    else:
        yield path, value
