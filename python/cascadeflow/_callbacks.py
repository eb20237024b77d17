"""Finds the methods of user code that the engine calls, and what they accept."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from .providers.base import BaseProvider
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
    return {
        "complete": _describe(provider, complete),
        "stream": None if stream is None else _describe(provider, stream),
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


def _describe(provider: object, method: str, *, tools: bool = False) -> dict[str, Any]:
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
        "callable": function,
        "place": f"{type(provider).__name__}.{method}",
        "accepts": accepts,
        "names": names,
        "positional": positional,
    }
