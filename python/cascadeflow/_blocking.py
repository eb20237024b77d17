"""Runs coroutines for callers that have no event loop."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Coroutine, Iterator
from typing import Any, TypeVar

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """The coroutine's value, computed on a loop of its own.

    Where this thread's loop runs already (a notebook), another thread does it, with a copy of this
    one's context.
    """
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    import contextvars
    import threading

    outcome: list[T] = []
    failure: list[BaseException] = []
    context = contextvars.copy_context()

    def work() -> None:
        try:
            outcome.append(context.run(asyncio.run, coroutine))
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=work, name="cascadeflow-sync", daemon=True)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]


def value(awaitable: Any) -> Any:
    """The value of an awaitable that has nothing to wait for.

    Raises:
        RuntimeError: when it waits after all.
    """
    try:
        awaitable.send(None)
    except StopIteration as ended:
        return ended.value
    awaitable.close()
    raise RuntimeError("user code that is not asynchronous waited (hint: make it `async def`)")


def iterate(generator: AsyncGenerator[T, None]) -> Iterator[T]:
    """What the generator yields, computed on a loop of its own between one item and the next."""
    import asyncio

    loop = asyncio.new_event_loop()
    try:
        while True:
            try:
                yield loop.run_until_complete(anext(generator))
            except StopAsyncIteration:
                return
    finally:
        loop.run_until_complete(generator.aclose())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
