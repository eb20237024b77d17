"""Overhead of one `await agent.run(query)` from Python; prints one JSON object.

The same query and draft as the other benchmarks, once with a native provider and once with a
Python class, both of which answer at once. Medians in microseconds. Where the environment variable
`CASCADEFLOW_PUBLISHED_PYTHON` names a Python that has the package from PyPI, it is measured too.
"""

import asyncio
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import cascadeflow
from cascadeflow import BaseProvider, CascadeAgent, ModelConfig, ModelResponse, _native

HERE = Path(__file__).resolve().parent
QUERY = (HERE / "query.txt").read_text(encoding="utf-8").strip()
DRAFT = (HERE / "draft.txt").read_text(encoding="utf-8").strip()
WARM_UP, RUNS = 2_000, 20_000


class Instant(BaseProvider):
    """Answers at once."""

    async def _complete_impl(self, prompt: Any = None, model: Any = None, **_: Any) -> Any:
        return ModelResponse(
            content=DRAFT,
            model=model,
            provider="openai",
            cost=0.0,
            tokens_used=325,
            confidence=0.95,
        )

    async def _stream_impl(self, *_: Any, **__: Any) -> Any:
        yield DRAFT

    def estimate_cost(self, *_: Any, **__: Any) -> float:
        return 0.0


async def measure(agent: CascadeAgent) -> float:
    """The median time of a run."""
    times = []
    for index in range(WARM_UP + RUNS):
        start = time.perf_counter()
        result = await agent.run(QUERY)
        took = time.perf_counter() - start
        if index == 0 and not (result.draft_accepted and result.content == DRAFT):
            raise AssertionError(f"the run did not accept the draft: {result.rejection_reason}")
        if index >= WARM_UP:
            times.append(took)
    times.sort()
    return times[len(times) // 2] * 1e6


def main() -> None:
    cascadeflow.PROVIDER_REGISTRY["openai"] = Instant
    agent = CascadeAgent(
        models=[
            ModelConfig(name="gpt-4o-mini", provider="openai", cost=0.00015),
            ModelConfig(name="gpt-4o", provider="openai", cost=0.00625),
        ]
    )
    figures = {"python_class_provider_p50_us": asyncio.run(measure(agent))}
    agent.providers = {"openai": _native.bench_instant_provider(DRAFT)}
    figures["python_native_provider_p50_us"] = asyncio.run(measure(agent))
    published = os.environ.get("CASCADEFLOW_PUBLISHED_PYTHON")
    if published:
        command = [published, str(HERE / "published_overhead.py")]
        shown = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd="/")
        figures.update(json.loads(shown.stdout.strip().splitlines()[-1]))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
