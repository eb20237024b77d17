"""The command line."""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Iterable
from pathlib import Path

from .errors import SyncError
from .folder import PRICING, Pricing, read_folder, read_json, render_aliases, render_file
from .refresh import refresh
from .report import diff
from .source import find_table, table_version
from .validation import stale, validate

DESCRIPTION = "Refresh pricing/ from the price table that the `litellm` package carries."


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


def parse_arguments(arguments: Iterable[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=DESCRIPTION)
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
