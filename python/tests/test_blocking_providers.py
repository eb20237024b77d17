"""Users' providers that raise, return the wrong thing or block: the error names them, and the other
requests go on.
"""

from __future__ import annotations

import asyncio
import contextvars
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import ANSWER, QUESTION

import cascadeflow
from cascadeflow import BaseProvider, CascadeAgent, ModelConfig, ModelResponse, cascadeflowError
from cascadeflow.schema import exceptions

CALLER: contextvars.ContextVar[str] = contextvars.ContextVar("CALLER", default="nobody")


def response() -> ModelResponse:
    return ModelResponse(ANSWER, "m", "custom", confidence=0.95)


class Sound(BaseProvider):
    async def _complete_impl(self, **kwargs: Any) -> ModelResponse:
        return response()

    async def _stream_impl(self, **kwargs: Any) -> Any:
        yield ANSWER

    def estimate_cost(self, tokens: int, model: str) -> float:
        return 0.0


class Stuck(Sound):
    """Blocks its thread until it is let go."""

    release = threading.Event()

    def _complete_impl(self, **kwargs: Any) -> Any:  # type: ignore[override]
        self.release.wait(60)
        return response()

    def _stream_impl(self, **kwargs: Any) -> Iterator[str]:
        yield "Paris "
        self.release.wait(60)
        yield "is the capital of France."


class Raising(Sound):
    async def _complete_impl(self, **kwargs: Any) -> ModelResponse:
        raise ValueError("out of order")


class Wrong(Sound):
    async def _complete_impl(self, **kwargs: Any) -> Any:
        return {"content": "a dict"}


@pytest.fixture(autouse=True)
def let_go() -> Iterator[None]:
    Stuck.release = threading.Event()
    yield
    Stuck.release.set()


def agent_of(cls: type[BaseProvider], **options: Any) -> CascadeAgent:
    cascadeflow.PROVIDER_REGISTRY["custom"] = cls
    return CascadeAgent([ModelConfig("m", provider="custom", cost=0.001)], **options)


@pytest.mark.parametrize("stream", [False, True])
def test_a_provider_that_blocks_ends_at_the_deadline_and_is_named(stream: bool) -> None:
    agent = agent_of(Stuck, deadline=0.2)

    async def ask() -> None:
        if stream:
            await agent.run_streaming(QUESTION, enable_visual=False)
        else:
            await agent.run(QUESTION)

    started = time.monotonic()
    with pytest.raises(exceptions.TimeoutError) as caught:
        asyncio.run(ask())
    assert time.monotonic() - started < 10
    assert caught.value.kind == "timeout"
    attempts = list(caught.value.attempts)
    named = {caught.value.provider} | {attempt["provider"] for attempt in attempts}
    assert "custom" in named
    assert "m" in {caught.value.model} | {attempt["model"] for attempt in attempts}


def test_other_requests_of_the_loop_go_on() -> None:
    stuck, sound = agent_of(Stuck), agent_of(Sound)

    async def ask() -> None:
        waiting = asyncio.ensure_future(stuck.run(QUESTION))
        for _ in range(20):
            answer = await asyncio.wait_for(sound.run(QUESTION), 10)
            assert answer.content == ANSWER
        assert not waiting.done()
        Stuck.release.set()
        assert (await waiting).content == ANSWER

    asyncio.run(ask())


def test_other_requests_of_one_agent_go_on() -> None:
    class Sometimes(Sound):
        def _complete_impl(self, prompt: str, model: str) -> Any:  # type: ignore[override]
            if "wait" in prompt:
                Stuck.release.wait(60)
            return response()

    agent = agent_of(Sometimes)

    async def ask() -> None:
        waiting = asyncio.ensure_future(agent.run("wait for it"))
        answers = await asyncio.gather(*(agent.run(QUESTION) for _ in range(10)))
        assert {answer.content for answer in answers} == {ANSWER}
        assert not waiting.done()
        Stuck.release.set()
        await waiting

    asyncio.run(ask())


def test_a_stream_that_blocks_holds_up_nobody_else() -> None:
    stuck, sound = agent_of(Stuck), agent_of(Sound)

    async def ask() -> None:
        events = stuck.stream_events(QUESTION, force_direct=True)
        seen = [await anext(events)]
        while seen[-1].type.value != "chunk":
            seen.append(await anext(events))
        assert seen[-1].content == "Paris "
        rest = asyncio.ensure_future(anext(events))
        assert (await asyncio.wait_for(sound.run(QUESTION), 10)).content == ANSWER
        assert not rest.done()
        Stuck.release.set()
        assert (await rest).content == "is the capital of France."
        await events.aclose()

    asyncio.run(ask())


@pytest.mark.parametrize(
    ("cls", "told"),
    [
        (Raising, "`Raising._complete_impl` raised `ValueError`: out of order"),
        (Wrong, "`Wrong._complete_impl` returned `dict` instead of a `ModelResponse`"),
    ],
)
def test_one_that_fails_is_named_while_others_go_on(cls: type[BaseProvider], told: str) -> None:
    failing, sound = agent_of(cls), agent_of(Sound)

    async def ask() -> list[Any]:
        both = [agent.run(QUESTION) for _ in range(10) for agent in (failing, sound)]
        return await asyncio.gather(*both, return_exceptions=True)

    outcomes = asyncio.run(ask())
    for error in outcomes[::2]:
        assert isinstance(error, cascadeflowError)
        assert told in str(error)
        assert (error.provider, error.model) == ("custom", "m")
    assert {answer.content for answer in outcomes[1::2]} == {ANSWER}


def test_synchronous_code_runs_in_the_caller_s_context_and_keeps_its_errors() -> None:
    seen: list[tuple[str, bool]] = []

    class Plain(Sound):
        def _complete_impl(self, **kwargs: Any) -> Any:  # type: ignore[override]
            on_loop = threading.current_thread() is threading.main_thread()
            seen.append((CALLER.get(), on_loop))
            if len(seen) > 1:
                raise KeyError("second")
            return response()

    agent = agent_of(Plain)

    async def ask() -> None:
        CALLER.set("me")
        await agent.run(QUESTION)
        with pytest.raises(cascadeflowError, match=r"Plain\._complete_impl") as caught:
            await agent.run(QUESTION)
        assert isinstance(caught.value.__cause__, KeyError)

    asyncio.run(ask())
    assert seen == [("me", False), ("me", False)]


def test_a_stuck_provider_does_not_keep_the_process() -> None:
    code = """
import asyncio, time
import cascadeflow
from cascadeflow import BaseProvider, CascadeAgent, ModelConfig
class Stuck(BaseProvider):
    def _complete_impl(self, **kwargs):
        time.sleep(300)
    def _stream_impl(self, **kwargs):
        yield ""
    def estimate_cost(self, tokens, model):
        return 0.0
cascadeflow.PROVIDER_REGISTRY["custom"] = Stuck
agent = CascadeAgent([ModelConfig("m", provider="custom", cost=0.001)], deadline=0.1)
try:
    asyncio.run(agent.run("hello"))
except cascadeflow.cascadeflowError as error:
    print("ended:", error.kind)
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "ended: timeout\n", done.stderr
    assert done.returncode == 0
