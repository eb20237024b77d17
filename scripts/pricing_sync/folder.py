"""The folder of price files, read and written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import SyncError
from .tables import PROVIDERS

PRICING = Path(__file__).resolve().parent.parent.parent / "pricing"


@dataclass
class Pricing:
    """The whole folder: a file for each provider, and the aliases."""

    files: dict[str, dict[str, Any]]
    aliases: dict[str, dict[str, str]]


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
