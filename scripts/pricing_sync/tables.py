"""How the table names things, and how we do; the pairs stand in `tables.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = dict[str, Any]

_TABLES: dict[str, Any] = json.loads(
    Path(__file__).with_name("tables.json").read_text(encoding="utf-8")
)


@dataclass(frozen=True)
class Provider:
    """A provider of ours and where the table keeps its models."""

    name: str
    page: str
    table_names: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    any_model_free: bool = False


def _provider(entry: dict[str, Any]) -> Provider:
    return Provider(
        entry["name"],
        entry["page"],
        tuple(entry.get("table_names", ())),
        tuple(entry.get("prefixes", ())),
        entry.get("any_model_free", False),
    )


PROVIDERS: tuple[Provider, ...] = tuple(map(_provider, _TABLES["providers"]))
# Kinds of token, in the order of the schema.
KINDS: dict[str, str] = _TABLES["kinds"]
TIERS: dict[str, str] = _TABLES["tiers"]
# Kinds of model; every other kind of the table is no text model.
MODES: dict[str, str] = _TABLES["modes"]
CAPABILITIES: dict[str, str] = _TABLES["capabilities"]
# The order of the schema; those at the end have no flag in the table.
CAPABILITY_ORDER: list[str] = [*CAPABILITIES.values(), *_TABLES["further_capabilities"]]
