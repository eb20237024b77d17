"""Time of one completion over a loopback server, by the library named on the command line.

`provider_calls.py native|litellm|published URL`: prints a JSON object with `p50_us` (calls one after
the other) and `per_s` (calls 32 at a time).
"""

import asyncio
import json
import logging
import os
import sys
import time
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

QUERY = (Path(__file__).resolve().parent / "query.txt").read_text(encoding="utf-8").strip()
MODEL = "gpt-4o-mini"
WARM_UP, RUNS = 50, 400
AT_ONCE, MANY = 32, 1_600

Call = Callable[[], Awaitable[Any]]


def native(url: str) -> tuple[Call, None]:
    """The package's own class, as it is."""
    from cascadeflow.providers import OpenAIProvider

    provider = OpenAIProvider(api_key="test-key", base_url=url)
    return lambda: provider.complete(QUERY, MODEL, max_tokens=300), None


def published(url: str) -> tuple[Call, None]:
    """The class of the package on PyPI, pointed at the server."""
    from cascadeflow.providers.openai import OpenAIProvider

    provider: Any = OpenAIProvider(api_key="test-key")
    provider.base_url = url
    return lambda: provider.complete(prompt=QUERY, model=MODEL, max_tokens=300), None


def litellm(url: str) -> tuple[Call, Callable[[], Any]]:
    """`litellm.completion` for single calls, `litellm.acompletion` for many at once."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm as library  # type: ignore[import-not-found, unused-ignore]

    asked = {
        "model": f"openai/{MODEL}",
        "messages": [{"role": "user", "content": QUERY}],
        "api_base": url,
        "api_key": "test-key",
        "max_tokens": 300,
        "temperature": 0.7,
    }
    return lambda: library.acompletion(**asked), lambda: library.completion(**asked)


def check(answer: Any) -> None:
    text = getattr(answer, "content", None) or answer.choices[0].message.content
    if not text:
        raise AssertionError("the call gave no answer")


async def measure(call: Call, plain: Callable[[], Any] | None) -> dict[str, float]:
    times = []
    for index in range(WARM_UP + RUNS):
        start = time.perf_counter()
        answer = await call() if plain is None else plain()
        took = time.perf_counter() - start
        check(answer)
        if index >= WARM_UP:
            times.append(took)

    async def worker() -> None:
        for _ in range(MANY // AT_ONCE):
            check(await call())

    await asyncio.gather(*(call() for _ in range(AT_ONCE)))
    start = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    took = time.perf_counter() - start
    return {"p50_us": sorted(times)[len(times) // 2] * 1e6, "per_s": MANY / took}


def main() -> None:
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    which, url = sys.argv[1:]
    ways: dict[str, Callable[[str], Any]] = {
        "native": native,
        "litellm": litellm,
        "published": published,
    }
    print(json.dumps(asyncio.run(measure(*ways[which](url)))))


if __name__ == "__main__":
    main()
