"""Loads, keeps and saves profiles."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from .. import _native
from ..schema.exceptions import ValidationError
from .tier_config import TierConfig, TierLevel
from .user_profile import UserProfile

__all__ = ["UserProfileManager"]

Load: TypeAlias = "Callable[[str], Awaitable[UserProfile | None] | UserProfile | None]"
Save: TypeAlias = "Callable[[UserProfile], Awaitable[None] | None]"


class UserProfileManager:
    """Profiles by user id.

    `load_callback` gets an id and gives a profile, or `None` of somebody unknown, who is given a
    free one; `save_callback` gets a profile. Both may be asynchronous. What was loaded is kept for
    `cache_ttl_seconds`, of at most `max_cached` people. Callers that ask for the same person at
    once share one load. `clock` tells the seconds since the Unix epoch; `None` takes the system's.
    """

    def __init__(
        self,
        cache_ttl_seconds: float = 300,
        load_callback: Load | None = None,
        save_callback: Save | None = None,
        *,
        max_cached: int = 100_000,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._cache = _native.ProfileCache(cache_ttl_seconds, max_cached, clock)
        self._load_callback = load_callback
        self._save_callback = save_callback
        self._loading: dict[tuple[int, str], asyncio.Future[UserProfile]] = {}

    async def get_profile(self, user_id: str) -> UserProfile:
        """The profile of `user_id`."""
        cached: UserProfile | None = self._cache.get(user_id)
        if cached is not None:
            return cached
        # A future belongs to the loop that made it.
        key = (id(asyncio.get_running_loop()), user_id)
        loading = self._loading.get(key)
        if loading is None:
            loading = asyncio.ensure_future(self._load(user_id))
            self._loading[key] = loading
            loading.add_done_callback(lambda _: self._loading.pop(key, None))
        return await asyncio.shield(loading)

    async def _load(self, user_id: str) -> UserProfile:
        loaded = None if self._load_callback is None else self._load_callback(user_id)
        if inspect.isawaitable(loaded):
            loaded = await loaded
        profile = UserProfile.from_tier(TierLevel.FREE, user_id) if loaded is None else loaded
        self._cache.insert(user_id, profile)
        return profile

    async def save_profile(self, profile: UserProfile) -> None:
        """Saves a profile, and keeps it."""
        saved = None if self._save_callback is None else self._save_callback(profile)
        if inspect.isawaitable(saved):
            await saved
        self._cache.insert(profile.user_id, profile)

    async def update_tier(self, user_id: str, new_tier: TierLevel | str) -> UserProfile:
        """Moves a person to another preset tier and saves them.

        Raises:
            ValidationError: when there is no such tier.
        """
        tier = TierConfig.from_preset(new_tier)
        profile = replace(await self.get_profile(user_id), tier=tier)
        await self.save_profile(profile)
        return profile

    def invalidate_cache(self, user_id: str) -> None:
        """Forgets what is kept of `user_id`, so that it is loaded anew."""
        self._cache.remove(user_id)

    def clear_cache(self) -> None:
        """Forgets what is kept of everybody."""
        self._cache.clear()

    def create_bulk(self, user_data: list[dict[str, Any]]) -> list[UserProfile]:
        """Profiles of dicts with `user_id`, `tier` (free when left out) and further fields.

        They are neither saved nor kept.

        Raises:
            ValidationError: when an id is missing or there is no such tier.
        """
        return [self._made(row, at) for at, row in enumerate(user_data)]

    @staticmethod
    def _made(row: Mapping[str, Any], at: int) -> UserProfile:
        try:
            return UserProfile.from_dict({"tier": TierLevel.FREE, **row})
        except ValidationError as error:
            error.field = f"user_data[{at}].{error.field}"
            raise
