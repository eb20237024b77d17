"""What a tracker is made of, in the form that the engine reads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from os import PathLike, fspath
from typing import Any

from ..schema.exceptions import ConfigError, ValidationError
from .budget_config import budget_of

__all__ = ["invalid_mode", "no_limit", "one_of", "plain_budget", "plain_budgets", "store_path"]


def one_of(**given: float | None) -> float | None:
    """The one that is given, of the names of one value."""
    found = {name: value for name, value in given.items() if value is not None}
    if len(found) > 1:
        names = " and ".join(f"`{name}`" for name in found)
        error = ConfigError(f"{names} are names of one value (hint: give one of them)")
        error.field = next(iter(found))
        raise error
    return next(iter(found.values()), None)


def no_limit(limit: float | None) -> float | None:
    """A limit, of which infinity is none."""
    return None if limit == math.inf else limit


def plain_budget(name: str, budget: Any) -> dict[str, Any] | None:
    """A budget as the engine reads it."""
    return None if budget is None else budget_of(name, budget).to_native()


def plain_budgets(name: str, budgets: Any) -> dict[str, Any] | None:
    """Budgets by owner as the engine reads them."""
    if budgets is None:
        return None
    if not isinstance(budgets, Mapping):
        error = ConfigError(
            f"`{name}` is no mapping: `{type(budgets).__name__}` (hint: give budgets by id)"
        )
        error.field = name
        raise error
    for owner in budgets:
        if not isinstance(owner, str):
            error = ConfigError(
                f"`{name}` has an owner that is no text: `{owner!r}` (hint: give ids)"
            )
            error.field = name
            raise error
    return {
        owner: budget_of(f"{name}.{owner}", budget).to_native() for owner, budget in budgets.items()
    }


def store_path(store: str | PathLike[str] | None) -> str | None:
    """The file that a store's name means; `None` is memory."""
    if store is None:
        return None
    text = fspath(store)
    if text in ("", "memory", ":memory:", "memory://"):
        return None
    if text.startswith("sqlite:///"):
        return text[len("sqlite:///") :]
    if "://" in text:
        error = ConfigError(
            f"no such store: `{text.partition('://')[0]}` (hint: give `sqlite:///path`, a path, or "
            "leave it out for memory)"
        )
        error.field = "store"
        raise error
    return text


def invalid_mode(mode: Any) -> ValidationError:
    """The error of a mode that there is not."""
    error = ValidationError(
        f"Invalid enforcement_mode: {mode}. Must be one of ('warn', 'block', 'degrade')"
    )
    error.field = "enforcement_mode"
    return error
