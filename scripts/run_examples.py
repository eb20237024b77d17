"""Runs every example and every snippet of the documentation, and checks what they print.

An example is a file under `examples/`; a snippet is a fenced block of `README.md` or `docs/` in
Python, TypeScript, JavaScript or shell (`sh`; blocks for setting up a machine are `console` and are
not run; Rust blocks are doctests, and the examples in Rust are run by their crate's tests). Each
runs on its own in an empty folder against the scripted models of `loopback_models`. Lines
`# expect: text` (`// expect: text`) must occur in what it prints, in order; each has at least one.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from loopback_models import LoopbackModels
from loopback_services import LoopbackServices

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "typescript/packages/core"
PYTHON = ROOT / ".venv/bin/python"
EXPECTED = re.compile(r"^\s*(?:#|//) expect: (.+)$", re.MULTILINE)
FENCE = re.compile(r"^```(python|ts|js|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SUFFIXES = {".py": "python", ".ts": "ts", ".mjs": "js", ".sh": "sh"}
TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class Example:
    """Something to run: where it stands, its language and its text."""

    where: str
    language: str
    text: str


def examples() -> list[Example]:
    found = []
    for path in sorted((ROOT / "examples").glob("**/*.*")):
        if path.suffix in SUFFIXES and "node_modules" not in path.parts:
            where = str(path.relative_to(ROOT))
            found.append(Example(where, SUFFIXES[path.suffix], path.read_text(encoding="utf-8")))
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]:
        text = page.read_text(encoding="utf-8")
        for block in FENCE.finditer(text):
            line = text.count("\n", 0, block.start()) + 1
            where = f"{page.relative_to(ROOT)}:{line}"
            found.append(Example(where, block[1], block[2]))
    return found


def command(example: Example, folder: Path) -> list[str]:
    """Put the example into `folder` and give the command that runs it there."""
    if example.language == "python":
        (folder / "example.py").write_text(example.text, encoding="utf-8")
        return [str(PYTHON), "example.py"]
    if example.language == "sh":
        return ["bash", "-euo", "pipefail", "-c", example.text]
    modules = folder / "node_modules/@cascadeflow"
    modules.mkdir(parents=True)
    (modules / "core").symlink_to(CORE, target_is_directory=True)
    source = folder / f"example.{'ts' if example.language == 'ts' else 'mjs'}"
    source.write_text(example.text, encoding="utf-8")
    if example.language == "ts":
        esbuild = str(CORE / "node_modules/.bin/esbuild")
        script = f'"{esbuild}" example.ts --format=esm --outfile=example.mjs --log-level=error'
        return ["bash", "-euo", "pipefail", "-c", f"{script} && node example.mjs"]
    return ["node", "example.mjs"]


def fault(example: Example, environment: dict[str, str]) -> str | None:
    """Why the example does not do what it says; `None` when it does."""
    expected = EXPECTED.findall(example.text)
    if not expected:
        return "has no line `expect: text`"
    folder = Path(tempfile.mkdtemp(prefix="cascadeflow-example-"))
    try:
        process = subprocess.run(
            command(example, folder),
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"did not end within {TIMEOUT_SECONDS} s"
    finally:
        shutil.rmtree(folder)
    if process.returncode != 0:
        return f"exit code {process.returncode}:\n{process.stdout}{process.stderr}"
    position = 0
    for line in expected:
        position = process.stdout.find(line, position)
        if position < 0:
            return f"does not print `{line}` in its place:\n{process.stdout}{process.stderr}"
        position += len(line)
    return None


def main() -> int:
    found = examples()
    faults = []
    with LoopbackModels() as models, LoopbackServices() as services:
        path = f"{ROOT / 'target/release'}{os.pathsep}{os.environ['PATH']}"
        answered = {**models.environment(), **services.environment()}
        environment = {**os.environ, **answered, "PATH": path}
        for example in found:
            why = fault(example, environment)
            print(f"{'ok' if why is None else 'FAILED':6} {example.where}", flush=True)
            if why is not None:
                faults.append(f"{example.where}: {why}")
    print("\n\n".join(["", *faults]) if faults else "", end="")
    print(f"\n{len(found)} examples and snippets, {len(faults)} failed")
    return 1 if faults or not found else 0


if __name__ == "__main__":
    sys.exit(main())
