"""A person: the tier, and what was agreed with them alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timezone
from typing import Any

from .. import _native
from ..schema.exceptions import ValidationError
from .tier_config import TIER_PRESETS, TierConfig, TierLevel

__all__ = ["UserProfile"]


def _now() -> datetime:
    return datetime.now(timezone.utc).replace(tzinfo=None)


@dataclass
class UserProfile:
    """A person and what holds for them.

    `custom_daily_budget` (USD), `custom_requests_per_hour` and `custom_requests_per_day` hold
    instead of the tier's, 0 included; `None` leaves the tier's. `cost_sensitivity` is `aggressive`,
    `balanced` or `quality_first`. `created_at` is in UTC, without a zone.
    """

    user_id: str
    created_at: datetime = field(default_factory=_now)
    tier: TierConfig = field(default_factory=lambda: TIER_PRESETS[TierLevel.FREE])
    custom_daily_budget: float | None = None
    custom_requests_per_hour: int | None = None
    custom_requests_per_day: int | None = None
    preferred_models: list[str] | None = None
    cost_sensitivity: str = "balanced"
    preferred_domains: list[str] | None = None
    domain_models: dict[str, list[str]] | None = None
    enable_content_moderation: bool = False
    enable_pii_detection: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rate_limits()

    @classmethod
    def from_tier(cls, tier: TierLevel | str, user_id: str, **kwargs: Any) -> UserProfile:
        """A person of a preset tier; keywords are further fields.

        Raises:
            ValidationError: when there is no such tier.
        """
        return cls(user_id=user_id, tier=TierConfig.from_preset(tier), **kwargs)

    def rate_limits(self) -> dict[str, Any]:
        """The limits that hold for the person, as plain data; amounts are decimal texts.

        Raises:
            ValidationError: when a field is malformed.
        """
        # The metadata is the caller's own, of any kind.
        plain = {
            name: value
            for name, value in vars(self).items()
            if name not in ("created_at", "metadata")
        }
        plain["tier"] = self.tier.to_native()
        limits: dict[str, Any] = _native.check_profile(plain)
        return limits

    def get_daily_budget(self) -> float | None:
        """USD a day; `None` without a limit."""
        budget = self.rate_limits()["daily_budget"]
        return None if budget is None else float(budget)

    def get_requests_per_hour(self) -> int | None:
        """Requests an hour; `None` without a limit."""
        limit: int | None = self.rate_limits()["requests_per_hour"]
        return limit

    def get_requests_per_day(self) -> int | None:
        """Requests a day; `None` without a limit."""
        limit: int | None = self.rate_limits()["requests_per_day"]
        return limit

    def to_dict(self) -> dict[str, Any]:
        """The profile as plain data, for `from_dict`."""
        plain = dict(vars(self))
        plain["created_at"] = self.created_at.isoformat()
        plain["tier"] = asdict(self.tier)
        return plain

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> UserProfile:
        """The profile that `to_dict` wrote.

        The tier may also be the name of a preset, and leave out what the preset says. Unknown keys
        are passed over.

        Raises:
            ValidationError: when `user_id` is missing, or a field is malformed.
        """
        if "user_id" not in data:
            error = ValidationError("`user_id` is missing (hint: give the person's id)")
            error.field = "user_id"
            raise error
        known = {f.name for f in fields(cls)}
        plain = {name: value for name, value in data.items() if name in known}
        created = plain.get("created_at")
        if isinstance(created, str):
            plain["created_at"] = datetime.fromisoformat(created)
        plain["tier"] = _tier_of(plain.get("tier"))
        return cls(**plain)


def _tier_of(given: Any) -> TierConfig:
    if given is None:
        return TIER_PRESETS[TierLevel.FREE]
    if isinstance(given, TierConfig):
        return given
    if isinstance(given, str):
        return TierConfig.from_preset(given)
    plain = dict(given)
    name = plain.get("name", "free")
    if len(plain) <= 1:
        return TierConfig.from_preset(name)
    preset = TIER_PRESETS[TierLevel(name)].to_native() if name in set(TierLevel) else {}
    return TierConfig(**{**preset, **plain, "name": name})
