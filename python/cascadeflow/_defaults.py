"""Published defaults that can be told from the same value given on purpose.

A signature shows the published default, and arithmetic on it works, but what the caller chose
(explicitly) still wins over what a model says, which wins over the default.
"""

from __future__ import annotations

from typing import Any


class DefaultInt(int):
    """A whole number that nobody chose."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return (DefaultInt, (int(self),))


class DefaultFloat(float):
    """A number that nobody chose."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return (DefaultFloat, (float(self),))


MAX_TOKENS: int = DefaultInt(100)
TEMPERATURE: float = DefaultFloat(0.7)


def is_default(value: object) -> bool:
    """Whether `value` is a default that nobody chose."""
    return isinstance(value, (DefaultInt, DefaultFloat))


def chosen(value: Any) -> Any:
    """`value`, or `None` when nobody chose it."""
    return None if isinstance(value, (DefaultInt, DefaultFloat)) else value
