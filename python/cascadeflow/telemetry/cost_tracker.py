"""What was spent, by whom, and whether more may be."""

from __future__ import annotations

import logging
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from .. import _blocking, _native
from .._defaults import DefaultFloat, chosen
from ..schema.exceptions import ConfigError
from .budget_config import BudgetConfig, dollars, read_budget
from .budget_policy import (
    invalid_mode,
    no_limit,
    one_of,
    plain_budget,
    plain_budgets,
    store_path,
)
from .budget_warnings import log_warning
from .cost_entry import CostEntry, read_entry
from .enforcement import EnforcementCallbacks, at_once
from .tracker_views import UserEntries, UserPeriods, plain_standing

if TYPE_CHECKING:
    from .._native import Affordability

__all__ = ["BudgetConfig", "CostEntry", "CostTracker"]

logger = logging.getLogger(__name__)

# Published defaults; another name of the same value may be given instead.
WARN_THRESHOLD: float = DefaultFloat(0.8)
DEGRADE_AT: float = DefaultFloat(0.9)
BLOCK_AT: float = DefaultFloat(1.0)

_RULE = "=" * 60


def check_clock(clock: object) -> None:
    """Refuses what cannot tell the time.

    Raises:
        ConfigError: naming `clock`, when it can be neither called nor left out.
    """
    if clock is not None and not callable(clock):
        error = ConfigError(
            f"`clock` cannot be called: `{type(clock).__name__}` (hint: give a function that "
            "tells the seconds since 1970)"
        )
        error.field = "clock"
        raise error


class CostTracker:
    """Keeps what was spent, and decides by its budgets whether more may be.

    Works by itself, or as the ledger of a `CascadeAgent`, which sets aside what a run can cost at
    most before its first byte, so that a budget is never passed.

    `budget_limit` is what everything together may cost, ever. `user_budgets` are by user id, or by
    a tier for each user of it; the id goes first. `tier_budgets`, `key_budgets`, `session_budgets`
    and `tenant_budgets` are further ones, `default_user_budget` holds for everybody else, and
    `global_budget` for everything together; the tightest decides. `enforcement_mode` is `warn`
    (refuses nothing), `degrade` (the cheapest model answers before anything is refused) or `block`.
    Thresholds are shares of a limit. Windows follow the calendar of `time_zone`.

    `store` is where it is kept: `None` is memory, `sqlite:///ledger.db` or a path a file that
    survives, and that several processes may share. `clock` tells the seconds since the Unix epoch.

    Raises:
        ConfigError: when a value is out of range, which `field` names.
    """

    def __init__(
        self,
        budget_limit: float | None = None,
        warn_threshold: float | Mapping[str, BudgetConfig | Mapping[str, Any]] = WARN_THRESHOLD,
        verbose: bool = False,
        user_budgets: Mapping[str, BudgetConfig | Mapping[str, Any]] | None = None,
        enforcement_mode: str = "warn",
        enforcement_callbacks: EnforcementCallbacks | None = None,
        degrade_at: float = DEGRADE_AT,
        block_at: float = BLOCK_AT,
        *,
        warning_threshold: float | None = None,
        degradation_threshold: float | None = None,
        block_threshold: float | None = None,
        global_budget: BudgetConfig | Mapping[str, Any] | None = None,
        tier_budgets: Mapping[str, BudgetConfig | Mapping[str, Any]] | None = None,
        shared_tier_budgets: Mapping[str, BudgetConfig | Mapping[str, Any]] | None = None,
        key_budgets: Mapping[str, BudgetConfig | Mapping[str, Any]] | None = None,
        session_budgets: Mapping[str, BudgetConfig | Mapping[str, Any]] | None = None,
        tenant_budgets: Mapping[str, BudgetConfig | Mapping[str, Any]] | None = None,
        default_user_budget: BudgetConfig | Mapping[str, Any] | None = None,
        default_session_budget: BudgetConfig | Mapping[str, Any] | None = None,
        default_tenant_budget: BudgetConfig | Mapping[str, Any] | None = None,
        time_zone: str = "UTC",
        reservation_seconds: int | None = None,
        store: str | PathLike[str] | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        if isinstance(warn_threshold, Mapping):
            # The design's order: `budget_limit, user_budgets`.
            user_budgets, warn_threshold = warn_threshold, WARN_THRESHOLD
        if enforcement_mode not in ("warn", "block", "degrade"):
            raise invalid_mode(enforcement_mode)
        policy: dict[str, Any] = {
            "budget_limit": no_limit(budget_limit),
            "enforcement_mode": enforcement_mode,
            "warn_threshold": one_of(
                warn_threshold=chosen(warn_threshold), warning_threshold=warning_threshold
            ),
            "degrade_at": one_of(
                degrade_at=chosen(degrade_at), degradation_threshold=degradation_threshold
            ),
            "block_at": one_of(block_at=chosen(block_at), block_threshold=block_threshold),
            "global": plain_budget("global_budget", global_budget),
            "user_budgets": plain_budgets("user_budgets", user_budgets),
            "tier_budgets": plain_budgets("tier_budgets", tier_budgets),
            "shared_tier_budgets": plain_budgets("shared_tier_budgets", shared_tier_budgets),
            "key_budgets": plain_budgets("key_budgets", key_budgets),
            "session_budgets": plain_budgets("session_budgets", session_budgets),
            "tenant_budgets": plain_budgets("tenant_budgets", tenant_budgets),
            "default_user_budget": plain_budget("default_user_budget", default_user_budget),
            "default_session_budget": plain_budget(
                "default_session_budget", default_session_budget
            ),
            "default_tenant_budget": plain_budget("default_tenant_budget", default_tenant_budget),
            "time_zone": time_zone,
            "reservation_seconds": reservation_seconds,
        }
        given = {name: value for name, value in policy.items() if value is not None}
        self._make(given, store, clock, enforcement_callbacks, verbose)

    @classmethod
    def from_config(
        cls,
        budgets: Mapping[str, Any],
        *,
        enforcement_callbacks: EnforcementCallbacks | None = None,
        store: str | PathLike[str] | None = None,
        clock: Callable[[], float] | None = None,
        verbose: bool = False,
    ) -> CostTracker:
        """A tracker of plain data in the form of `budgets` of the configuration reference.

        Raises:
            ConfigError: when a value is out of range or unknown, which `field` names.
        """
        made = cls.__new__(cls)
        made._make(dict(budgets), store, clock, enforcement_callbacks, verbose)
        return made

    def _make(
        self,
        policy: dict[str, Any],
        store: str | PathLike[str] | None,
        clock: Callable[[], float] | None,
        callbacks: EnforcementCallbacks | None,
        verbose: bool,
    ) -> None:
        check_clock(clock)
        chain = None if callbacks is None else callbacks.native
        self.native = _native.CostTracker(policy, store_path(store), clock, chain, log_warning)
        self.verbose = verbose
        self.now: Callable[[], float] = time.time if clock is None else clock
        self.enforcement_callbacks = callbacks
        found = self.native.policy
        limit = found.get("budget_limit")
        self.budget_limit: float | None = None if limit is None else float(limit)
        self.user_budgets: dict[str, BudgetConfig] = {
            owner: read_budget(budget) for owner, budget in found["user_budgets"].items()
        }
        self.enforcement_mode: str = found["enforcement_mode"]
        self.warn_threshold: float = found["warn_threshold"]
        self.degrade_at: float = found["degrade_at"]
        self.block_at: float = found["block_at"]

    @property
    def warning_threshold(self) -> float:
        """Another name of `warn_threshold`."""
        return self.warn_threshold

    @property
    def degradation_threshold(self) -> float:
        """Another name of `degrade_at`."""
        return self.degrade_at

    def add_cost(
        self,
        model: str,
        provider: str,
        tokens: int,
        cost: float,
        query_id: str | None = None,
        metadata: dict[str, Any] | str | None = None,
        user_id: Any = None,
        user_tier: str | None = None,
        *,
        timestamp: datetime | float | None = None,
        session_id: str | None = None,
        key_id: str | None = None,
        tenant_id: str | None = None,
        usage: Mapping[str, int] | None = None,
    ) -> None:
        """Books a cost in USD that came from outside an agent. Refuses nothing, in any mode.

        `timestamp` is when it was spent: a `datetime` (local time where it has no zone) or seconds
        since the Unix epoch; `None` is now. What was spent in a window that is over counts in the
        sums only.

        Raises:
            ValidationError: when the cost is negative, or the model or provider has no name.
        """
        if isinstance(metadata, str):
            # The design's order: `query_id, user_id, metadata`.
            metadata, user_id = user_id, metadata
        owners = {
            "user_id": user_id,
            "user_tier": user_tier,
            "session_id": session_id,
            "key_id": key_id,
            "tenant_id": tenant_id,
        }
        at = timestamp.timestamp() if isinstance(timestamp, datetime) else timestamp
        plain = None if usage is None else dict(usage)
        self.native.add_cost(model, provider, tokens, cost, query_id, metadata, at, plain, owners)
        if self.verbose:
            logger.info(
                "Added cost: %s (%s), %s tokens, $%.6f, user=%s:%s",
                model,
                provider,
                tokens,
                cost,
                user_id,
                user_tier,
            )

    def can_afford(
        self,
        user_id: str | None,
        estimated_cost: float,
        user_tier: str | None = None,
        *,
        session_id: str | None = None,
        key_id: str | None = None,
        tenant_id: str | None = None,
    ) -> Affordability:
        """Whether so many USD more, and one request more, fit every budget.

        The answer is true exactly when they do, and unpacks into `(allowed, action, message)`;
        `action` is what would be done: `allow`, `warn`, `degrade` or `block`. Callbacks are asked
        too. Nothing is set aside: of requests at once, only an agent's runs are sure to fit.
        """
        if self.enforcement_callbacks is None and not (session_id or key_id or tenant_id):
            return self.native.can_afford(user_id, estimated_cost, user_tier)
        owners = {
            "user_id": user_id,
            "user_tier": user_tier,
            "session_id": session_id,
            "key_id": key_id,
            "tenant_id": tenant_id,
        }
        callbacks = self.enforcement_callbacks
        awaitable = self.native.may_spend(owners, estimated_cost)
        if callbacks is not None and callbacks.is_asynchronous:
            found: Affordability = _blocking.run(_awaited(awaitable))
        else:
            found = at_once(awaitable)
        return found

    @property
    def total_cost(self) -> float:
        """USD altogether."""
        return self.native.total()[0]

    @property
    def by_model(self) -> dict[str, float]:
        """USD by model."""
        return defaultdict(float, self.native.by_model())

    @property
    def by_provider(self) -> dict[str, float]:
        """USD by provider."""
        return defaultdict(float, self.native.by_provider())

    @property
    def by_user(self) -> dict[str, float]:
        """USD by user."""
        return defaultdict(float, self.native.by_user())

    @property
    def entries(self) -> list[CostEntry]:
        """The entries that are kept, oldest first. Memory keeps the newest, a file all."""
        return self.get_entries()

    @property
    def user_entries(self) -> Mapping[str, list[CostEntry]]:
        """The entries that are kept, by user."""
        return UserEntries(self)

    @property
    def user_budget_warned(self) -> Mapping[str, set[str]]:
        """Limits of which a user has passed the warning threshold, such as `daily`, by user."""
        return UserPeriods(self, 100 * self.warn_threshold, exceeded=False)

    @property
    def user_budget_exceeded(self) -> Mapping[str, set[str]]:
        """Limits of which a user has used more than there is, such as `daily`, by user."""
        return UserPeriods(self, 100.0, exceeded=True)

    @property
    def budget_warned(self) -> bool:
        """Whether the warning threshold of `budget_limit` is passed."""
        used = self.native.summary()["budget_used_pct"]
        return used is not None and used >= 100 * self.warn_threshold

    @property
    def budget_exceeded(self) -> bool:
        """Whether more than `budget_limit` is used."""
        exceeded: bool = self.native.summary()["budget_exceeded"]
        return exceeded

    def get_entries(
        self,
        *,
        user_id: str | None = None,
        user_tier: str | None = None,
        model: str | None = None,
        provider: str | None = None,
        since: datetime | float | None = None,
        until: datetime | float | None = None,
        limit: int | None = None,
        newest: bool = False,
    ) -> list[CostEntry]:
        """The entries that are kept and match, oldest first.

        `since` and `until` are as `timestamp` of `add_cost`. A `limit` leaves the oldest, or with
        `newest` the newest.
        """
        options: dict[str, Any] = {
            "user_id": user_id,
            "user_tier": user_tier,
            "model": model,
            "provider": provider,
            "since": since.timestamp() if isinstance(since, datetime) else since,
            "until": until.timestamp() if isinstance(until, datetime) else until,
            "limit": limit,
            "newest": newest,
        }
        return [read_entry(row) for row in self.native.entries(options)]

    def iter_entries(self, page: int = 1000) -> Iterator[CostEntry]:
        """The entries that are kept, oldest first, read `page` at a time."""
        after: int | None = None
        while rows := self.native.entries({"after": after, "limit": page}):
            yield from map(read_entry, rows)
            after = rows[-1][0][0]

    def get_recent_entries(self, n: int = 10) -> list[CostEntry]:
        """The newest `n` entries, oldest first."""
        return self.get_entries(limit=n, newest=True)

    def get_entries_by_model(self, model: str) -> list[CostEntry]:
        """The entries of a model, oldest first."""
        return self.get_entries(model=model)

    def get_entries_by_provider(self, provider: str) -> list[CostEntry]:
        """The entries of a provider, oldest first."""
        return self.get_entries(provider=provider)

    def get_summary(self) -> dict[str, Any]:
        """What was spent, in USD, and how `budget_limit` stands where there is one."""
        found = self.native.summary()
        summary: dict[str, Any] = {
            "total_cost": float(found["total_cost"]),
            "total_entries": found["total_entries"],
            "total_tokens": found["total_tokens"],
            "by_model": {name: float(cost) for name, cost in found["by_model"].items()},
            "by_provider": {name: float(cost) for name, cost in found["by_provider"].items()},
            "by_user": {name: float(cost) for name, cost in found["by_user"].items()},
        }
        if found["budget_limit"] is not None:
            summary["budget_limit"] = float(found["budget_limit"])
            summary["budget_remaining"] = float(found["budget_remaining"])
            summary["budget_used_pct"] = found["budget_used_pct"]
            summary["budget_exceeded"] = found["budget_exceeded"]
        return summary

    def get_user_summary(self, user_id: str, user_tier: str | None = None) -> dict[str, Any]:
        """What a user spent, in USD, and how their budgets stand.

        `budget` is their `BudgetConfig`, `None` without one. With one, `period_costs` holds each
        limit of money, and `limits` those of requests and tokens.
        """
        found = self.native.user_summary(user_id, user_tier)
        plain = found["budget"]
        summary: dict[str, Any] = {
            "user_id": user_id,
            "total_cost": float(found["total_cost"]),
            "total_entries": found["total_entries"],
            "entries": found["total_entries"],
            "total_tokens": found["total_tokens"],
            "budget": None if plain is None else read_budget(plain),
        }
        if plain is not None:
            budgets = found["budgets"]
            summary["user_tier"] = found["user_tier"]
            summary["budget_config"] = repr(summary["budget"])
            summary["period_costs"] = {
                standing["name"]: plain_standing(standing)
                for standing in budgets
                if standing["measure"] == "cost"
            }
            summary["limits"] = {
                standing["name"]: plain_standing(standing)
                for standing in budgets
                if standing["measure"] != "cost"
            }
            summary["budget_exceeded"] = found["budget_exceeded"]
        return summary

    def get_all_users(self) -> list[str]:
        """Ids of the users with entries."""
        return self.native.users()

    def get_users_by_tier(self, tier: str) -> list[str]:
        """Ids of the users whose last cost was booked under a tier."""
        return self.native.users(tier)

    def reset(self) -> None:
        """Forgets what was spent. Runs under way keep what they have set aside."""
        self.native.reset()
        logger.info("Cost tracker reset")

    def flush(self) -> None:
        """Waits until everything booked so far is on disk; nothing waits where it is in memory."""
        self.native.flush()

    def export_json(self, filepath: str | PathLike[str]) -> None:
        """Writes the entries that are kept, with their sums, as JSON.

        Raises:
            ValidationError: when the file cannot be written.
        """
        self._export(filepath, "json")

    def export_csv(self, filepath: str | PathLike[str]) -> None:
        """Writes the entries that are kept as CSV; texts that a spreadsheet would run are quoted.

        Raises:
            ValidationError: when the file cannot be written.
        """
        self._export(filepath, "csv")

    def export_sqlite(self, filepath: str | PathLike[str]) -> None:
        """Writes the entries that are kept into the table `cost_entries` of a SQLite file.

        A table of that name is replaced.

        Raises:
            ValidationError: when the file cannot be written.
        """
        self._export(filepath, "sqlite")

    export_to_json = export_json
    export_to_csv = export_csv
    export_to_sqlite = export_sqlite

    def import_entries(self, filepath: str | PathLike[str]) -> int:
        """Books the entries of a file that was exported, and gives their number.

        They count in the sums, on no budget.

        Raises:
            ValidationError: when the file cannot be read or understood; nothing is booked then.
        """
        return self.native.import_entries(fspath(filepath))

    def _export(self, filepath: str | PathLike[str], kind: str) -> None:
        written = self.native.export(fspath(filepath), kind)
        logger.info("Exported %s entries to %s", written, fspath(filepath))

    def print_summary(self) -> None:
        """Writes the summary to standard output."""
        summary = self.get_summary()
        total = summary["total_cost"]
        lines = [
            "",
            _RULE,
            "COST TRACKER SUMMARY",
            _RULE,
            f"Total Cost:        ${total:.6f}",
            f"Total Entries:     {summary['total_entries']}",
        ]
        if "budget_limit" in summary:
            lines += [
                f"Budget Limit:      {dollars(summary['budget_limit'])}",
                f"Budget Remaining:  ${summary['budget_remaining']:.6f}",
                f"Budget Used:       {summary['budget_used_pct']:.1f}%",
            ]
            if summary["budget_exceeded"]:
                lines.append("⚠️  BUDGET EXCEEDED")
        for title, part in (("BY MODEL:", "by_model"), ("BY PROVIDER:", "by_provider")):
            lines += ["", title]
            costs = sorted(summary[part].items(), key=lambda it: -it[1])
            lines += [
                f"  {name:30s}: ${cost:.6f} ({100 * cost / total if total else 0.0:5.1f}%)"
                for name, cost in costs
            ]
        sys.stdout.write("\n".join([*lines, _RULE, ""]) + "\n")


async def _awaited(awaitable: Any) -> Any:
    return await awaitable
