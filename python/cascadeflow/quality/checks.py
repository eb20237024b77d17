"""Checks of your own that drafts must pass."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from ..schema.exceptions import ConfigError


@dataclass(frozen=True)
class Draft:
    """What a check is given: one draft and what it answers.

    `complexity` is that of the query; `threshold` the confidence in [0, 1] that is required, `None`
    in a strategy's step without one. `finish_reason` is `None` when the provider does not say.
    """

    query: str
    content: str
    complexity: str
    model: str
    tool_calls: tuple[dict[str, Any], ...] = ()
    finish_reason: str | None = None
    threshold: float | None = None


@dataclass(frozen=True)
class CheckOutcome:
    """What a check found.

    `score` is in [0, 1], higher is better; `None` where the check measures nothing.
    """

    passed: bool
    score: float | None = None
    reason: str = ""


# What a check may return: whether the draft passes, or a score in [0, 1] that passes when it
# reaches the draft's threshold (0.5 without one), either of them with a reason, or all in one.
Outcome: TypeAlias = (
    "bool | float | tuple[bool | float, str | None] | Mapping[str, Any] | CheckOutcome"
)


class QualityCheck(Protocol):
    """A check as an object. A function of the same parameter will do as well: it has its name."""

    @property
    def name(self) -> str:
        """Name, stable across versions; strategies refer to it."""
        ...

    def check(self, draft: Draft) -> Outcome | Awaitable[Outcome]:
        """Checks one draft. An exception is a failed check."""
        ...


AnyCheck: TypeAlias = "QualityCheck | Callable[[Draft], Outcome | Awaitable[Outcome]]"


def named_checks(checks: Iterable[AnyCheck]) -> list[tuple[str, Callable[[Draft], Any]]]:
    """The checks as the engine takes them: each with its name.

    Raises:
        ConfigError: when one cannot be called or has no name.
    """
    if isinstance(checks, (str, Mapping)) or not isinstance(checks, Iterable):
        raise _fault(
            "quality_checks", f"no list of checks: `{type(checks).__name__}`", "give a list"
        )
    return [_named(check, f"quality_checks[{at}]") for at, check in enumerate(checks)]


def _named(check: Any, field: str) -> tuple[str, Callable[[Draft], Any]]:
    if isinstance(check, type):
        raise _fault(field, f"a class: `{check.__name__}`", "give an instance of it")
    method = getattr(check, "check", None)
    function = method if callable(method) else check
    if not callable(function):
        hint = "give a function of a draft, or an object with `name` and `check`"
        raise _fault(field, f"no check: `{type(check).__name__}`", hint)
    name = getattr(check, "name", None) or getattr(check, "__name__", None)
    if not isinstance(name, str) or name == "<lambda>":
        hint = "define it with `def`, or give an object with `name` and `check`"
        raise _fault(field, f"a check without a name: `{type(check).__name__}`", hint)
    return name, function


def _fault(field: str, what: str, hint: str) -> ConfigError:
    error = ConfigError(f"`{field}` is {what} (hint: {hint})")
    error.field = field
    error.hint = hint
    return error
