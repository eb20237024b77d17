"""What is wrong with the files, whatever the table says."""

from __future__ import annotations

import datetime
from pathlib import Path

from .folder import Pricing, read_folder, read_json
from .tables import PROVIDERS


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
