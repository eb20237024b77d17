"""Runs synchronous user code beside the event loop, so that what blocks holds up nobody else."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

_END: Any = object()


async def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What `function` returns, called on a thread of its own in the caller's context.

    A caller that stops waiting leaves the thread behind; it ends with the function, and keeps
    neither the loop nor the process from ending.
    """
    loop = asyncio.get_running_loop()
    return await _run(
        loop, contextvars.copy_context(), functools.partial(function, *args, **kwargs)
    )


async def iterate(pieces: Iterator[Any]) -> AsyncIterator[Any]:
    """What `pieces` yields, each piece computed on a thread."""
    loop = asyncio.get_running_loop()
    context = contextvars.copy_context()
    try:
        while True:
            piece = await _run(loop, context, functools.partial(next, pieces, _END))
            if piece is _END:
                return
            yield piece
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            # One that is still busy on its thread ends there.
            with contextlib.suppress(ValueError):
                close()


async def _run(
    loop: asyncio.AbstractEventLoop, context: contextvars.Context, work: Callable[[], Any]
) -> Any:
    done: asyncio.Future[Any] = loop.create_future()

    def settle(value: Any, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(value)

    def body() -> None:
        value: Any = None
        failure: BaseException | None = None
        try:
            value = context.run(work)
        except StopIteration as stop:
            # A future cannot carry it.
            failure = RuntimeError("user code raised StopIteration")
            failure.__cause__ = stop
        except BaseException as error:
            failure = error
        try:
            loop.call_soon_threadsafe(settle, value, failure)
        except RuntimeError:
            # The loop was closed meanwhile: nobody waits.
            return

    threading.Thread(target=body, name="cascadeflow-user-code", daemon=True).start()
    return await done
