"""What a tracker shows of its users."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .cost_entry import CostEntry

if TYPE_CHECKING:
    from .cost_tracker import CostTracker

__all__ = ["UserEntries", "UserPeriods", "plain_standing"]


class UserEntries(Mapping[str, list[CostEntry]]):
    """Entries by user id; no entries of somebody unknown."""

    def __init__(self, tracker: CostTracker) -> None:
        self._tracker = tracker

    def __getitem__(self, user_id: str) -> list[CostEntry]:
        return self._tracker.get_entries(user_id=user_id)

    def __iter__(self) -> Iterator[str]:
        return iter(self._tracker.get_all_users())

    def __len__(self) -> int:
        return len(self._tracker.get_all_users())

    def __contains__(self, user_id: object) -> bool:
        return user_id in self._tracker.get_all_users()


class UserPeriods(Mapping[str, set[str]]):
    """Names of the periods of which a user has used so many percent, by user id."""

    def __init__(self, tracker: CostTracker, percent: float, *, exceeded: bool) -> None:
        self._tracker = tracker
        self._percent = percent
        self._exceeded = exceeded

    def __getitem__(self, user_id: str) -> set[str]:
        # By the tier that the user's last cost was booked under.
        newest = self._tracker.get_entries(user_id=user_id, limit=1, newest=True)
        tier = newest[0].user_tier if newest else None
        budgets = self._tracker.native.user_summary(user_id, tier)["budgets"]
        return {
            standing["name"]
            for standing in budgets
            if (standing["exceeded"] if self._exceeded else standing["used_pct"] >= self._percent)
        }

    def __iter__(self) -> Iterator[str]:
        return iter(self._tracker.get_all_users())

    def __len__(self) -> int:
        return len(self._tracker.get_all_users())


def plain_standing(standing: dict[str, Any]) -> dict[str, Any]:
    """How a limit stands, in numbers."""
    number = float if standing["measure"] == "cost" else int
    return {
        "cost" if standing["measure"] == "cost" else "used": number(standing["used"]),
        "limit": number(standing["limit"]),
        "remaining": number(standing["remaining"]),
        "reserved": number(standing["reserved"]),
        "used_pct": standing["used_pct"],
        "exceeded": standing["exceeded"],
        "resets_at": standing["resets_at"],
    }
