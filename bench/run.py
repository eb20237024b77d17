"""Runs every benchmark on this machine, one after the other, and writes `bench/results.json`.

The figures are medians in microseconds unless their name says otherwise. Beside them stands what
the `cascadeflow` package on PyPI takes for the same run, measured in an environment of its own
where it can be installed.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench/results.json"
PYTHON = ROOT / ".venv/bin/python"
PUBLISHED = "cascadeflow==1.2.0"
PUBLISHED_VENV = ROOT / "target/bench-published"


def measure(title: str, command: list[str], folder: Path = ROOT) -> dict[str, Any]:
    """The JSON object on the last line that the command prints."""
    print(f"== {title}", flush=True)
    process = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True
    )
    figures = json.loads(process.stdout.strip().splitlines()[-1])
    if not isinstance(figures, dict):
        raise TypeError(f"{title} printed no JSON object")
    return figures


def published() -> Mapping[str, Any]:
    """What the package on PyPI takes; nothing where it cannot be installed."""
    python = PUBLISHED_VENV / "bin/python"
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", PUBLISHED_VENV], check=True)
            install = [str(python), "-m", "pip", "install", "--quiet", PUBLISHED]
            subprocess.run(install, check=True, timeout=300)
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(PUBLISHED_VENV, ignore_errors=True)
        print(f"   {PUBLISHED} cannot be installed and is not measured: {error}")
        return {}
    # From another folder, so that no package of this checkout is found first.
    script = str(ROOT / "bench/published_overhead.py")
    return measure("the package on PyPI", [str(python), script], PUBLISHED_VENV)


def main() -> None:
    os.environ.setdefault("PYTHONHASHSEED", "0")
    cargo = ["cargo", "bench", "--quiet", "--package"]
    results: dict[str, Any] = {
        **measure("native", [*cargo, "cascadeflow", "--bench", "engine_overhead"]),
        **measure("the wire", [*cargo, "cascade-providers", "--bench", "wire"]),
        **measure("budgets in memory", [*cargo, "cascade-telemetry", "--bench", "budget"]),
        **measure("the ledger on disk", [*cargo, "cascade-telemetry", "--bench", "ledger_sqlite"]),
        **measure("spending forecasts", [*cargo, "cascade-telemetry", "--bench", "forecast"]),
        **measure("Python", [str(PYTHON), "bench/python_overhead.py"]),
        **measure("Node.js", ["node", "bench/node_overhead.mjs"]),
        **published(),
        **measure("questions to budgets", [str(PYTHON), "bench/cost.py"]),
        **measure("providers side by side", [str(PYTHON), "bench/providers.py"]),
    }
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    width = max(map(len, results))
    for name, figure in results.items():
        print(
            f"{name:<{width}}  {figure:.2f}" if isinstance(figure, float) else f"{name}  {figure}"
        )
    print(f"wrote {RESULTS.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
