"""People, their tiers, and what a tier allows."""

from .profile_manager import UserProfileManager
from .tier_config import TIER_PRESETS, TierConfig, TierLevel
from .user_profile import UserProfile

__all__ = ["TIER_PRESETS", "TierConfig", "TierLevel", "UserProfile", "UserProfileManager"]
