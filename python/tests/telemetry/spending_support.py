"""What these tests share: a clock moved by hand, and a provider that counts its calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import cascadeflow
from cascadeflow import BaseProvider, CascadeAgent, ModelConfig, ModelResponse
from cascadeflow.telemetry import CostTracker, EnforcementCallbacks

# A Saturday, noon UTC.
NOON = 1_795_262_400.0


class Clock:
    """Stands until it is moved."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Metered(BaseProvider):
    """Answers in 20 and 180 tokens, which is 0.001 USD of the dear model."""

    calls: list[str]
    pause = 0.0

    async def _complete_impl(self, **kwargs: Any) -> ModelResponse:
        type(self).calls.append(kwargs["model"])
        if self.pause:
            await asyncio.sleep(self.pause)
        return ModelResponse(
            content="word " * 80,
            model=kwargs["model"],
            provider="openai",
            tokens_used=200,
            confidence=0.95,
            metadata={"prompt_tokens": 20, "completion_tokens": 180},
        )

    async def _stream_impl(self, **kwargs: Any) -> AsyncIterator[Any]:
        response = await self._complete_impl(**kwargs)
        for word in response.content.split(" "):
            yield f"{word} "
        yield response

    def estimate_cost(self, tokens: int, model: str) -> float:
        return 0.0


def metered(pause: float = 0.0) -> type[Metered]:
    """A class like `Metered` that counts for itself, registered as `openai`."""
    made = type("Own", (Metered,), {"calls": [], "pause": pause})
    cascadeflow.PROVIDER_REGISTRY["openai"] = made
    return made


DEAR = ModelConfig(name="gpt-4o", provider="openai", cost=0.005, max_tokens=200)
CHEAP = ModelConfig(name="gpt-4o-mini", provider="openai", cost=0.0001, max_tokens=200)


def agent(
    tracker: CostTracker | None,
    *models: ModelConfig,
    callbacks: EnforcementCallbacks | None = None,
    callbacks_of_runs: Any = None,
    **options: Any,
) -> CascadeAgent:
    """An agent over `models`, or one dear model."""
    return CascadeAgent(
        models=list(models or (DEAR,)),
        cost_tracker=tracker,
        enforcement_callbacks=callbacks,
        callbacks=callbacks_of_runs,
        **options,
    )
