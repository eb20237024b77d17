"""One completion by our provider, by `litellm.completion` and by the package on PyPI, side by side.

All ask the same loopback server in one run, in turns, each in an environment of its own; the median
of the turns counts. Writes its figures into `bench/results.json` beside the others.
"""

import json
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench/results.json"
PYTHON = ROOT / ".venv/bin/python"
TURNS = 3
# The libraries beside ours: what is installed, and where.
OTHERS = {
    "litellm": ("litellm", ROOT / "target/bench-litellm"),
    "published": ("cascadeflow[openai]==1.2.0", ROOT / "target/bench-published-providers"),
}


def environment(requirement: str, folder: Path) -> Path | None:
    """The interpreter of the environment with `requirement`; `None` where it cannot be made."""
    python = folder / "bin/python"
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            install = [str(python), "-m", "pip", "install", "--quiet", requirement]
            subprocess.run(install, check=True, timeout=600)
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        print(f"   {requirement} cannot be installed and is not measured: {error}")
        return None
    return python


def turn(python: Path, library: str, url: str) -> dict[str, float]:
    """What one process measures."""
    command = [str(python), str(ROOT / "bench/provider_calls.py"), library, url]
    # From another folder, so that no package of this checkout is found first.
    done = subprocess.run(command, cwd=python.parent, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def figures_of(measured: dict[str, list[dict[str, float]]]) -> dict[str, float]:
    """The medians of the turns, and how many times as good ours are."""
    found: dict[str, float] = {}
    for library, turns in measured.items():
        for figure in ("p50_us", "per_s"):
            name = f"{library}_provider_call_{figure}"
            found[name] = statistics.median(turn[figure] for turn in turns)
    for library in measured.keys() - {"native"}:
        ours, theirs = "native_provider_call", f"{library}_provider_call"
        latency = found[f"{theirs}_p50_us"] / found[f"{ours}_p50_us"]
        throughput = found[f"{ours}_per_s"] / found[f"{theirs}_per_s"]
        found[f"provider_call_latency_ratio_{library}"] = latency
        found[f"provider_call_throughput_ratio_{library}"] = throughput
    return found


def measure() -> dict[str, Any]:
    """Every figure of this benchmark."""
    pythons = {"native": PYTHON}
    for library, (requirement, folder) in OTHERS.items():
        python = environment(requirement, folder)
        if python is not None:
            pythons[library] = python
    server = subprocess.Popen(
        [str(PYTHON), str(ROOT / "bench/completion_server.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdin is not None and server.stdout is not None
        url = server.stdout.readline().strip()
        measured: dict[str, list[dict[str, float]]] = {library: [] for library in pythons}
        for _ in range(TURNS):
            for library, python in pythons.items():
                measured[library].append(turn(python, library, url))
        server.stdin.close()
        server.wait(timeout=10)
    finally:
        server.kill()
    return figures_of(measured)


def main() -> None:
    figures = measure()
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps({**results, **figures}, indent=2) + "\n", encoding="utf-8")
    # The figures as one object on the last line, as the other benchmarks print theirs.
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
