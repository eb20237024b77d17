"""Tiers of people and what each allows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from .. import _native
from ..schema.exceptions import ValidationError

__all__ = ["TIER_PRESETS", "TierConfig", "TierLevel"]


class TierLevel(str, Enum):
    """The tiers that come with the package, smallest first."""

    FREE = "free"
    STARTER = "starter"
    PRO = "pro"
    BUSINESS = "business"
    ENTERPRISE = "enterprise"


@dataclass
class TierConfig:
    """What people of a tier may do. Budgets are in USD; `None` means no limit.

    Raises:
        ValidationError: when an amount is negative or a quality is not in [0, 1].
    """

    name: str
    daily_budget: float | None = None
    weekly_budget: float | None = None
    monthly_budget: float | None = None
    requests_per_hour: int | None = None
    requests_per_day: int | None = None
    tokens_per_minute: int | None = None
    enable_streaming: bool = True
    enable_batch: bool = False
    enable_embeddings: bool = False
    min_quality: float = 0.6
    target_quality: float = 0.8
    allowed_models: list[str] | None = None
    blocked_models: list[str] | None = None
    support_priority: str = "community"

    def __post_init__(self) -> None:
        _native.check_tier(self.to_native())

    @classmethod
    def from_preset(cls, tier: TierLevel | str) -> TierConfig:
        """The preset of a tier.

        Raises:
            ValidationError: when there is no such tier.
        """
        return TIER_PRESETS[level_of(tier)]

    def to_native(self) -> dict[str, Any]:
        """The tier as plain data."""
        return asdict(self)


def level_of(tier: TierLevel | str) -> TierLevel:
    """The level that a name stands for.

    Raises:
        ValidationError: when there is no such tier.
    """
    try:
        return TierLevel(tier)
    except ValueError as cause:
        hint = f"give one of: {', '.join(level.value for level in TierLevel)}"
        error = ValidationError(f"{tier!r} is not a valid TierLevel (hint: {hint})")
        error.field = "tier"
        error.hint = hint
        raise error from cause


def _preset(plain: dict[str, Any]) -> TierConfig:
    budgets = ("daily_budget", "weekly_budget", "monthly_budget")
    amounts = {name: None if plain[name] is None else float(plain[name]) for name in budgets}
    return TierConfig(**{**plain, **amounts})


TIER_PRESETS: dict[TierLevel, TierConfig] = {
    TierLevel(plain["name"]): _preset(plain) for plain in _native.tier_presets()
}
