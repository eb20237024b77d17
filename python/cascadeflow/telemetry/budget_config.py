"""Limits of one owner of budgets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from .. import _native
from ..schema.exceptions import ConfigError

__all__ = ["BudgetConfig", "budget_of", "dollars", "read_budget"]

_MONEY = ("hourly", "daily", "weekly", "monthly", "total")
# Other names of one field.
_ALIASES = {f"{name}_budget": name for name in _MONEY}


@dataclass(init=False, repr=False)
class BudgetConfig:
    """Limits of one owner of budgets.

    Money in USD, over the calendar's hour, day, week and month, and altogether. `None` is no limit;
    a limit of zero leaves only what is free. `tier` is the tier of the person these limits are for,
    where a request names none. `daily_budget` and the like are other names of `daily` and the like.
    """

    daily: float | None = None
    weekly: float | None = None
    monthly: float | None = None
    total: float | None = None
    hourly: float | None = None
    requests_per_minute: int | None = None
    requests_per_hour: int | None = None
    requests_per_day: int | None = None
    tokens_per_minute: int | None = None
    tokens_per_hour: int | None = None
    tokens_per_day: int | None = None
    tier: str | None = None

    def __init__(
        self,
        daily: float | None = None,
        weekly: float | None = None,
        monthly: float | None = None,
        total: float | None = None,
        *,
        hourly: float | None = None,
        requests_per_minute: int | None = None,
        requests_per_hour: int | None = None,
        requests_per_day: int | None = None,
        tokens_per_minute: int | None = None,
        tokens_per_hour: int | None = None,
        tokens_per_day: int | None = None,
        tier: str | None = None,
        hourly_budget: float | None = None,
        daily_budget: float | None = None,
        weekly_budget: float | None = None,
        monthly_budget: float | None = None,
        total_budget: float | None = None,
    ) -> None:
        given = dict(locals())
        for alias, name in _ALIASES.items():
            if given[alias] is not None and given[name] is not None:
                error = ConfigError(f"`{alias}` and `{name}` are two names of one limit")
                error.field = alias
                raise error
        for name in (f.name for f in fields(self)):
            other = given.get(f"{name}_budget")
            setattr(self, name, given[name] if other is None else other)
        _native.check_budget(self.to_native())

    @property
    def daily_budget(self) -> float | None:
        """Another name of `daily`."""
        return self.daily

    def has_any_limit(self) -> bool:
        """Whether anything is limited."""
        return any(getattr(self, f.name) is not None for f in fields(self) if f.name != "tier")

    def to_native(self) -> dict[str, Any]:
        """The limits as the engine reads them."""
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        # Infinity is no limit.
        return {name: value for name, value in plain.items() if value not in (None, math.inf)}

    def __repr__(self) -> str:
        names = ("daily", "weekly", "monthly", "total", "hourly")
        told = [f"{n}={dollars(getattr(self, n))}" for n in names if getattr(self, n) is not None]
        rest = (f.name for f in fields(self) if f.name not in names)
        told += [f"{n}={getattr(self, n)!r}" for n in rest if getattr(self, n) is not None]
        return f"BudgetConfig({', '.join(told) or 'no limits'})"


def dollars(limit: float) -> str:
    """A limit in USD, in cents where it is whole cents."""
    cents = f"{limit:.2f}"
    return f"${cents}" if float(cents) == limit else f"${limit:.6g}"


def budget_of(name: str, budget: Any) -> BudgetConfig:
    """The budget of a parameter called `name`.

    Raises:
        ConfigError: when it is none.
    """
    if isinstance(budget, BudgetConfig):
        return budget
    if isinstance(budget, Mapping):
        try:
            return BudgetConfig(**budget)
        except TypeError as cause:
            error = ConfigError(f"`{name}` has an unknown limit: {cause}")
            error.field = name
            raise error from cause
    error = ConfigError(
        f"`{name}` is no budget: `{type(budget).__name__}` (hint: give a `BudgetConfig`)"
    )
    error.field = name
    raise error


def read_budget(plain: Mapping[str, Any]) -> BudgetConfig:
    """The budget that the engine tells of."""
    fields_of: dict[str, Any] = {
        name: float(value) if name in _MONEY and value is not None else value
        for name, value in plain.items()
    }
    return BudgetConfig(**fields_of)
