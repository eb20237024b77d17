"""Overhead of one run of the `cascadeflow` package of this environment with an instant provider.

The same query and draft as the other benchmarks; prints one JSON object.
"""

import asyncio
import contextlib
import io
import json
import logging
import os
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
QUERY = (HERE / "query.txt").read_text(encoding="utf-8").strip()
DRAFT = (HERE / "draft.txt").read_text(encoding="utf-8").strip()
WARM_UP, RUNS = 100, 1_000


async def measure(agent: Any) -> list[float]:
    times = []
    for index in range(WARM_UP + RUNS):
        start = time.perf_counter()
        result = await agent.run(QUERY)
        took = time.perf_counter() - start
        if not result.content:
            raise AssertionError("the run gave no answer")
        if index >= WARM_UP:
            times.append(took)
    return sorted(times)


def main() -> None:
    os.environ["OPENAI_API_KEY"] = "test-key"
    logging.disable(logging.CRITICAL)
    import cascadeflow
    from cascadeflow.providers.base import BaseProvider, ModelResponse

    class Instant(BaseProvider):  # type: ignore[misc, no-any-unimported, unused-ignore]
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

    cascadeflow.PROVIDER_REGISTRY["openai"] = Instant
    models = [
        cascadeflow.ModelConfig(name="gpt-4o-mini", provider="openai", cost=0.00015),
        cascadeflow.ModelConfig(name="gpt-4o", provider="openai", cost=0.00625),
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        agent = cascadeflow.CascadeAgent(models=models)
        times = asyncio.run(measure(agent))
    print(json.dumps({"published_python_run_p50_us": times[len(times) // 2] * 1e6}))


if __name__ == "__main__":
    main()
