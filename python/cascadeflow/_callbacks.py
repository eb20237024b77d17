"""Finds the methods of user code that the engine calls, and what they accept."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from . import _threads
from .providers.base import BaseProvider, ModelResponse
from .schema.exceptions import ConfigError

# What a method that takes any keyword is given when tools are offered.
_TOOL_KEYWORDS = frozenset(
    {"messages", "tools", "tool_choice", "model", "max_tokens", "temperature"}
)


def provider_methods(provider: object, name: str) -> dict[str, Any]:
    """The methods of `provider`, registered as `name`, in the form that the engine takes.

    Raises:
        ConfigError: when it has none that answers.
    """
    complete = _find(provider, "complete", "_complete_impl")
    if complete is None:
        error = ConfigError(
            f"provider `{name}` has no method that answers: `{type(provider).__name__}` "
            "(hint: subclass `cascadeflow.BaseProvider`, or give it `complete`)"
        )
        error.field = "providers"
        error.provider = name
        raise error
    stream = _find(provider, "stream", "_stream_impl")
    with_tools = getattr(provider, "complete_with_tools", None)
    if str(getattr(with_tools, "__module__", "")).startswith("cascadeflow."):
        # The built-in one ends in the method above.
        with_tools = None
    return {
        "complete": _describe(provider, complete),
        "stream": None if stream is None else _describe(provider, stream, streams=True),
        "complete_with_tools": (
            _describe(provider, "complete_with_tools", tools=True) if callable(with_tools) else None
        ),
    }


def _find(provider: object, public: str, inner: str) -> str | None:
    """The name of the method to call: the public one where the user wrote it, else the inner."""
    if not isinstance(provider, BaseProvider):
        return next((n for n in (inner, public) if callable(getattr(provider, n, None))), None)
    if public in vars(provider):
        return public
    for cls in type(provider).__mro__:
        if cls.__module__.startswith("cascadeflow.providers."):
            break
        if public in vars(cls):
            return public
        if inner in vars(cls):
            return inner
    return inner


def _beside_the_loop(function: Callable[..., Any], streams: bool) -> Callable[..., Any]:
    """`function`, or an asynchronous form of it where it is synchronous code of the user.

    Such code may block, which must not hold up the other runs of its event loop.
    """
    inner = inspect.unwrap(function)
    is_own = str(getattr(inner, "__module__", "")).startswith("cascadeflow.")
    if is_own or inspect.iscoroutinefunction(inner) or inspect.isasyncgenfunction(inner):
        return function

    async def whole(*args: Any, **kwargs: Any) -> Any:
        returned = await _threads.call(function, *args, **kwargs)
        return await returned if hasattr(returned, "__await__") else returned

    async def pieces(*args: Any, **kwargs: Any) -> Any:
        returned = await whole(*args, **kwargs)
        if hasattr(returned, "__aiter__") or isinstance(returned, (str, ModelResponse)):
            return returned
        try:
            iterator = iter(returned)
        except TypeError:
            return returned
        return _threads.iterate(iterator)

    return pieces if streams else whole


def _describe(
    provider: object, method: str, *, tools: bool = False, streams: bool = False
) -> dict[str, Any]:
    function: Callable[..., Any] = getattr(provider, method)
    accepts: set[str] | None = set()
    names: set[str] = set()
    positional = False
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
        accepts = None
    for parameter in parameters:
        if parameter.kind is parameter.VAR_KEYWORD:
            accepts = None
        elif parameter.kind is parameter.POSITIONAL_ONLY:
            positional = True
        elif parameter.kind is not parameter.VAR_POSITIONAL:
            names.add(parameter.name)
    if accepts is not None:
        accepts = set(names)
        by_position = sum(
            parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
            for parameter in parameters
        )
        positional = positional or (not names & {"prompt", "messages"} and by_position >= 2)
    if tools:
        accepts = set(_TOOL_KEYWORDS) if accepts is None else accepts
        names |= {"messages"} & accepts
        positional = False
    return {
        "callable": _beside_the_loop(function, streams),
        "place": f"{type(provider).__name__}.{method}",
        "accepts": accepts,
        "names": names,
        "positional": positional,
    }
