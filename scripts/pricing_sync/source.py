"""Where the table comes from."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path

from .errors import SyncError

TABLE_FILE = "model_prices_and_context_window_backup.json"


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
