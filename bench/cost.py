"""How long a question to the budgets takes from Python, beside the package on PyPI.

Prints a JSON object on its last line. With `--only` the tracker of whatever `cascadeflow` is
importable is measured, which is how both packages go through the same lines.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PUBLISHED_PYTHON = ROOT / "target/bench-published/bin/python"
ROUNDS = 200
CALLS = 200
USERS = 1000


def measure() -> float:
    """Median microseconds of one `can_afford`, of a thousand users who have all spent something."""
    from cascadeflow.telemetry import BudgetConfig, CostTracker

    tracker: Any = CostTracker(
        user_budgets={"pro": BudgetConfig(daily=10.0, monthly=100.0)}, enforcement_mode="block"
    )
    for at in range(USERS):
        tracker.add_cost("gpt-4o", "openai", 100, 0.01, user_id=f"user{at}", user_tier="pro")
    rounds = []
    for at in range(ROUNDS):
        user = f"user{at % USERS}"
        start = time.perf_counter()
        for _ in range(CALLS):
            tracker.can_afford(user, 0.01, "pro")
        rounds.append((time.perf_counter() - start) / CALLS * 1e6)
    return statistics.median(rounds)


def published() -> dict[str, float]:
    """The same of the package on PyPI; nothing where it is not installed."""
    if not PUBLISHED_PYTHON.exists():
        return {}
    command = [str(PUBLISHED_PYTHON), str(Path(__file__).resolve()), "--only"]
    # From another folder, so that no package of this checkout is found first.
    folder = PUBLISHED_PYTHON.parent
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    found = subprocess.run(
        command, cwd=folder, env=alone, stdout=subprocess.PIPE, text=True, check=True
    )
    return {"published_can_afford_us": float(found.stdout.strip().splitlines()[-1])}


def main() -> None:
    if "--only" in sys.argv:
        print(measure())
        return
    own = measure()
    beside = published()
    figures = {"python_can_afford_us": own, **beside}
    if beside:
        figures["can_afford_ratio"] = own / beside["published_can_afford_us"]
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
