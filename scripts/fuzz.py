#!/usr/bin/env python3
"""Fuzz the parsers and wire codecs with the stable compiler, each target for a bounded time.

The coverage that libFuzzer follows is an LLVM pass that stable rustc can run; only the sanitizers need a
nightly one, and the project has next to no unsafe code for them to watch. What is found beyond the
seeds in `fuzz/corpus` is thrown away; an input that crashes is kept in `fuzz/artifacts`.
"""

from __future__ import annotations

import argparse
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FUZZ = ROOT / "fuzz"
ARTIFACTS = FUZZ / "artifacts"
COVERAGE = (
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Ccodegen-units=1",
)
# Some seconds for what libFuzzer does before and after its time.
GRACE = 60


def targets() -> list[str]:
    """The names of all fuzz targets."""
    return sorted(path.stem for path in (FUZZ / "fuzz_targets").glob("*.rs"))


def host() -> str:
    """The machine that rustc builds for."""
    told = subprocess.run(["rustc", "-vV"], cwd=ROOT, check=True, capture_output=True, text=True)
    found = re.search(r"^host: (\S+)$", told.stdout, re.MULTILINE)
    if found is None:
        raise SystemExit("`rustc -vV` does not name the host")
    return found.group(1)


def check_compiler() -> None:
    """libFuzzer is C++, built from source."""
    wanted = os.environ.get("CXX")
    names = [wanted] if wanted else ["c++", "g++", "clang++"]
    if not any(shutil.which(name.split()[0]) for name in names):
        raise SystemExit(
            f"fuzzing needs a C++ compiler for libFuzzer: none of {', '.join(names)} is there; "
            "install g++ or clang++, or set CXX"
        )


def build(machine: str) -> Path:
    """Build every target; the folder they are in."""
    lock = FUZZ / "Cargo.lock"
    root_lock = ROOT / "Cargo.lock"
    if not lock.exists() or lock.stat().st_mtime < root_lock.stat().st_mtime:
        # The versions that the project itself is built with; what fuzzing adds is resolved.
        shutil.copyfile(root_lock, lock)
    # With a target of its own, the flags leave build scripts and procedural macros alone.
    command = ["cargo", "build", "--release", "--quiet", "--bins", "--target", machine]
    folder = FUZZ / "target"
    environment = {
        **os.environ,
        "RUSTFLAGS": " ".join(COVERAGE),
        "CARGO_TARGET_DIR": str(folder),
    }
    subprocess.run(command, cwd=FUZZ, env=environment, check=True)
    return folder / machine / "release"


def fuzz(folder: Path, seconds: int, target: str) -> bool:
    """Run one target and print its closing line; whether nothing crashed."""
    seeds = FUZZ / "corpus" / target
    with tempfile.TemporaryDirectory(prefix=f"fuzz-{target}-") as found:
        command = [
            str(folder / target),
            found,
            str(seeds),
            f"-max_total_time={seconds}",
            f"-artifact_prefix={ARTIFACTS / target}-",
            "-timeout=10",
            "-rss_limit_mb=2048",
            "-max_len=16384",
            "-print_final_stats=1",
        ]
        try:
            ran = subprocess.run(
                command, capture_output=True, timeout=seconds + GRACE, text=True, errors="replace"
            )
        except subprocess.TimeoutExpired:
            print(f"fuzz {target}: FAILED: it does not come to its end")
            return False
    if ran.returncode != 0:
        print("\n".join(ran.stderr.splitlines()[-40:]))
        print(f"fuzz {target}: FAILED: the input is kept in {ARTIFACTS.relative_to(ROOT)}")
        return False
    runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", ran.stderr)
    covered = re.findall(r"cov: (\d+)", ran.stderr)
    if runs is None or not covered:
        print("\n".join(ran.stderr.splitlines()[-40:]))
        print(f"fuzz {target}: FAILED: no coverage is measured")
        return False
    print(f"fuzz {target}: {runs.group(1)} inputs, {covered[-1]} edges covered, no crash")
    return True


def main() -> int:
    """Run the targets that are named, or all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="target to run (default: all)")
    parser.add_argument(
        "--seconds", type=int, default=10, help="time for each target (default: 10)"
    )
    arguments = parser.parse_args()
    known = targets()
    if unknown := [name for name in arguments.targets if name not in known]:
        parser.error(f"unknown target: {unknown[0]}; there are {', '.join(known)}")
    if arguments.seconds < 1:
        parser.error("--seconds must be at least 1")
    check_compiler()
    folder = build(host())
    ARTIFACTS.mkdir(exist_ok=True)
    run = functools.partial(fuzz, folder, arguments.seconds)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        done = list(pool.map(run, arguments.targets or known))
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
