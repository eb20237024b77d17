"""User code inside a run is awaited as if the caller awaited it itself."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import sys
import weakref
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from conftest import ANSWER, QUESTION, agent_of, fake

from cascadeflow import BaseProvider, ModelResponse, cascadeflowError
from cascadeflow.schema import exceptions

TOKEN: contextvars.ContextVar[str] = contextvars.ContextVar("TOKEN", default="unset")


def provider(body: Callable[..., Any]) -> type[BaseProvider]:
    """A provider class whose answers come from the coroutine function `body`."""

    class Custom(BaseProvider):
        async def _complete_impl(self, **kwargs: Any) -> Any:
            text = await body(**kwargs)
            return ModelResponse(text or ANSWER, kwargs["model"], "openai", confidence=0.95)

        async def _stream_impl(self, **kwargs: Any) -> Any:
            yield await body(**kwargs) or ANSWER

        def estimate_cost(self, tokens: int, model: str) -> float:
            return 0.0

    return Custom


def test_runs_in_the_callers_task_and_context() -> None:
    seen: list[Any] = []

    async def body(**_: Any) -> None:
        seen.append(asyncio.current_task())
        seen.append(TOKEN.get())
        TOKEN.set("from the provider")
        await asyncio.sleep(0.001)
        seen.append(asyncio.current_task())

    async def main() -> None:
        TOKEN.set("from the caller")
        await agent_of(provider(body)).run(QUESTION)
        assert seen == [asyncio.current_task(), "from the caller", asyncio.current_task()]
        assert TOKEN.get() == "from the provider"

    asyncio.run(main())


@pytest.mark.parametrize("seconds", [0, 0.001])
def test_waits_of_any_kind(seconds: float) -> None:
    async def body(**_: Any) -> None:
        for _ in range(3):
            await asyncio.sleep(seconds)
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        loop.call_soon(future.set_result, 5)
        assert await future == 5
        assert await asyncio.gather(asyncio.sleep(0, 1), asyncio.sleep(seconds, 2)) == [1, 2]
        assert await asyncio.to_thread(lambda: 7) == 7

    result = asyncio.run(agent_of(provider(body)).run(QUESTION))
    assert result.content == ANSWER


def test_cancelling_the_task_cancels_the_provider() -> None:
    events: list[str] = []

    async def body(**_: Any) -> None:
        events.append("started")
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError as error:
            events.append(f"cancelled {error.args}")
            raise
        finally:
            await asyncio.sleep(0)
            events.append("cleaned up")

    async def main() -> None:
        task = asyncio.create_task(agent_of(provider(body)).run(QUESTION))
        await asyncio.sleep(0.01)
        task.cancel("enough")
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()

    asyncio.run(main())
    assert events == ["started", "cancelled ('enough',)", "cleaned up"]


def test_a_provider_may_survive_its_cancellation() -> None:
    async def body(**_: Any) -> str:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            await asyncio.sleep(0.001)
        return "Paris, although cancelled."

    async def main() -> None:
        task = asyncio.create_task(agent_of(provider(body)).run(QUESTION))
        await asyncio.sleep(0.01)
        task.cancel()
        assert (await task).content == "Paris, although cancelled."

    asyncio.run(main())


def test_cancelling_reaches_a_task_that_the_provider_awaits() -> None:
    inner: list[asyncio.Task[None]] = []

    async def body(**_: Any) -> None:
        inner.append(asyncio.create_task(asyncio.sleep(30)))
        await inner[0]

    async def main() -> None:
        task = asyncio.create_task(agent_of(provider(body)).run(QUESTION))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert inner[0].cancelled()

    asyncio.run(main())


def test_timeout_inside_the_provider() -> None:
    async def body(model: str, **_: Any) -> str:
        if model == "small":
            await asyncio.wait_for(asyncio.sleep(30), 0.01)
        return ANSWER

    result = asyncio.run(agent_of(provider(body)).run(QUESTION))
    assert result.content == ANSWER
    assert [a["outcome"] for a in result.attempts] == ["failed", "accepted"]
    assert result.attempts[0]["error_kind"] == "timeout"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.timeout came with Python 3.11")
def test_timeout_block_inside_and_outside() -> None:
    async def body(model: str, **_: Any) -> str:
        if model == "small":
            try:
                async with asyncio.timeout(0.01):
                    await asyncio.sleep(30)
            except TimeoutError:
                return "Paris is what I would have said."
        return ANSWER

    async def hang(**_: Any) -> None:
        await asyncio.sleep(30)

    async def main() -> None:
        result = await agent_of(provider(body)).run(QUESTION)
        assert result.content == "Paris is what I would have said."
        task = asyncio.current_task()
        assert task is not None
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await agent_of(provider(hang)).run(QUESTION)
        assert task.cancelling() == 0

    asyncio.run(main())


def test_anyio_cancel_scopes() -> None:
    async def body(**_: Any) -> str:
        with anyio.move_on_after(0.01) as scope:
            await anyio.sleep(30)
        assert scope.cancelled_caught
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.sleep, 0)
        return ANSWER

    async def hang(**_: Any) -> None:
        await anyio.sleep(30)

    async def main() -> None:
        assert (await agent_of(provider(body)).run(QUESTION)).content == ANSWER
        with anyio.move_on_after(0.01) as scope:
            await agent_of(provider(hang)).run(QUESTION)
        assert scope.cancelled_caught

    asyncio.run(main())


def test_the_deadline_cancels_the_provider_and_lets_it_clean_up() -> None:
    events: list[str] = []

    async def body(**_: Any) -> None:
        try:
            await asyncio.sleep(30)
        finally:
            await asyncio.sleep(0.001)
            events.append("cleaned up")

    async def main() -> None:
        with pytest.raises(exceptions.TimeoutError) as caught:
            await agent_of(provider(body)).run(QUESTION, deadline=0.02)
        assert caught.value.kind == "timeout"
        await asyncio.sleep(0.05)

    asyncio.run(main())
    assert events == ["cleaned up"]


def test_agents_inside_providers() -> None:
    inner = agent_of(fake("Paris, by an inner agent."))

    async def body(**_: Any) -> str:
        first = await inner.run(QUESTION)
        second = await asyncio.to_thread(inner.run_sync, QUESTION)
        assert first.content == second.content
        return first.content

    result = asyncio.run(agent_of(provider(body)).run(QUESTION))
    assert result.content == "Paris, by an inner agent."


def test_many_runs_at_once_on_one_loop() -> None:
    under_way = 0
    most = 0

    async def body(**_: Any) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.005)
        under_way -= 1

    async def main() -> None:
        agent = agent_of(provider(body))
        results = await asyncio.gather(*(agent.run(QUESTION) for _ in range(50)))
        assert {r.content for r in results} == {ANSWER}

    asyncio.run(main())
    assert most == 50


def test_a_batch_of_python_providers_runs_concurrently_in_the_callers_context() -> None:
    names: list[str] = []
    under_way = 0
    most = 0

    async def body(**_: Any) -> None:
        nonlocal under_way, most
        names.append(TOKEN.get())
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.005)
        under_way -= 1

    async def main() -> None:
        TOKEN.set("batch")
        batch = await agent_of(provider(body)).run_batch([QUESTION] * 7)
        assert batch.success_count == 7

    asyncio.run(main())
    assert most == 3
    assert set(names) == {"batch"}


def test_cancelling_a_batch_cancels_every_provider_call() -> None:
    cancelled: list[int] = []

    async def body(**_: Any) -> None:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            cancelled.append(1)
            raise

    async def main() -> None:
        agent = agent_of(provider(body))
        task = asyncio.create_task(agent.run_batch([QUESTION] * 3))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.01)

    asyncio.run(main())
    assert len(cancelled) == 3


def test_leaving_a_stream_closes_the_generator() -> None:
    closed: list[bool] = []

    class Endless(fake()):  # type: ignore[misc]
        async def _stream_impl(self, **kwargs: Any) -> Any:
            try:
                while True:
                    yield "more "
                    await asyncio.sleep(0)
            finally:
                closed.append(True)

    async def main() -> None:
        agent = agent_of(Endless)
        events = agent.stream_events(QUESTION, force_direct=True)
        seen = 0
        async for event in events:
            seen += event.type.value == "chunk"
            if seen == 5:
                break
        await events.aclose()
        gc.collect()
        await asyncio.sleep(0.01)
        assert closed == [True]

    asyncio.run(main())


def test_a_stream_goes_on_in_whatever_task_takes_its_events() -> None:
    tasks: list[Any] = []

    class Slow(fake()):  # type: ignore[misc]
        async def _stream_impl(self, **kwargs: Any) -> Any:
            for word in ANSWER.split(" "):
                await asyncio.sleep(0.001)
                tasks.append(asyncio.current_task())
                yield f"{word} "

    async def main() -> None:
        stream = agent_of(Slow)._native.stream(QUESTION, None, (None, None, None, True), None)
        events = []

        async def take() -> Any:
            return await stream.next()

        while (event := await asyncio.create_task(take())) is not None:
            events.append(event)
        assert events[-1].result.content.strip() == ANSWER
        assert len(set(tasks)) == len(tasks)

    asyncio.run(main())


def test_a_stream_whose_reader_was_cancelled_ends() -> None:
    class Hanging(fake()):  # type: ignore[misc]
        async def _stream_impl(self, **kwargs: Any) -> Any:
            await asyncio.sleep(30)
            yield ""

    async def main() -> None:
        stream = agent_of(Hanging)._native.stream(QUESTION, None, (None, None, None, True), None)

        async def take() -> Any:
            while await stream.next() is not None:
                pass

        for _ in range(2):
            task = asyncio.create_task(take())
            await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(task, 5)

    asyncio.run(main())


def test_an_object_that_is_no_future_is_an_error_of_the_provider() -> None:
    class Odd:
        def __await__(self) -> Any:
            yield "no future"

    async def body(**_: Any) -> None:
        await Odd()

    with pytest.raises(cascadeflowError) as caught:
        asyncio.run(agent_of(provider(body)).run(QUESTION))
    assert "no asyncio future" in str(caught.value)


def test_exits_are_not_swallowed() -> None:
    async def body(**_: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(agent_of(provider(body)).run(QUESTION))


def test_an_awaitable_ends_once() -> None:
    agent = agent_of()

    async def main() -> None:
        awaitable = agent._native.run(QUESTION, None, (), None)
        assert (await awaitable).content == ANSWER
        with pytest.raises(RuntimeError, match="cannot reuse"):
            await awaitable

    asyncio.run(main())


def test_an_awaitable_that_nobody_awaits_does_nothing() -> None:
    cls = fake()
    agent = agent_of(cls)
    awaitable = agent._native.run(QUESTION, None, (), None)
    awaitable.close()
    assert agent.providers["openai"].calls == []


def test_without_a_loop_the_error_says_so(loopback: Any) -> None:
    from cascadeflow import CascadeAgent, ModelConfig

    model = ModelConfig("m", provider="openai", api_key="k", base_url=loopback.url, cost=0.1)
    agent = CascadeAgent([model])
    awaitable = agent._native.run(QUESTION, None, (), None)
    with pytest.raises(RuntimeError, match="no running event loop"):
        awaitable.send(None)
    awaitable.close()


def test_nothing_is_kept_alive_after_a_run() -> None:
    class Thing:
        pass

    kept: list[weakref.ref[Thing]] = []

    async def body(**_: Any) -> None:
        thing = Thing()
        kept.append(weakref.ref(thing))
        await asyncio.sleep(0)

    asyncio.run(agent_of(provider(body)).run(QUESTION))
    gc.collect()
    assert kept[0]() is None
