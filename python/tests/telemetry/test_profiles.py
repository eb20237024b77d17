"""Tiers, profiles and their manager."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cascadeflow import ConfigError, ValidationError
from cascadeflow.profiles import (
    TIER_PRESETS,
    TierConfig,
    TierLevel,
    UserProfile,
    UserProfileManager,
)


class TestTiers:
    def test_presets_have_the_published_values(self) -> None:
        rows = {
            level.value: (
                tier.daily_budget,
                tier.requests_per_hour,
                tier.requests_per_day,
                tier.tokens_per_minute,
                tier.enable_streaming,
                tier.enable_batch,
                tier.min_quality,
                tier.target_quality,
                tier.support_priority,
            )
            for level, tier in TIER_PRESETS.items()
        }
        assert rows == {
            "free": (0.1, 10, 100, None, False, False, 0.6, 0.7, "community"),
            "starter": (1.0, 100, 1000, None, True, False, 0.7, 0.8, "community"),
            "pro": (10.0, 1000, 10000, 100000, True, True, 0.75, 0.85, "priority"),
            "business": (50.0, 5000, 50000, 500000, True, True, 0.8, 0.9, "priority"),
            "enterprise": (None, None, None, None, True, True, 0.85, 0.95, "dedicated"),
        }

    def test_a_preset_is_found_by_level_and_by_name(self) -> None:
        assert TierConfig.from_preset(TierLevel.PRO) is TIER_PRESETS[TierLevel.PRO]
        assert TierConfig.from_preset("pro") is TIER_PRESETS[TierLevel.PRO]
        assert TierLevel.PRO == "pro"

    def test_an_unknown_tier_names_those_there_are(self) -> None:
        with pytest.raises(ValueError, match=r"'gold' is not a valid TierLevel.*enterprise"):
            TierConfig.from_preset("gold")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("daily_budget", -1),
            ("monthly_budget", -0.01),
            ("min_quality", 5),
            ("target_quality", -1),
        ],
    )
    def test_a_bad_value_names_its_field(self, field: str, value: float) -> None:
        with pytest.raises(ValidationError) as raised:
            TierConfig("own", **{field: value})  # type: ignore[arg-type]
        assert raised.value.field == field


class TestProfiles:
    def test_what_was_agreed_wins_over_the_tier(self) -> None:
        person = UserProfile.from_tier(
            "pro", "ada", custom_daily_budget=0, custom_requests_per_hour=5
        )
        assert person.get_daily_budget() == 0
        assert person.get_requests_per_hour() == 5
        assert person.get_requests_per_day() == 10000

    def test_somebody_without_a_tier_is_free(self) -> None:
        person = UserProfile("ada")
        assert person.tier.name == "free"
        assert (person.cost_sensitivity, person.metadata) == ("balanced", {})

    def test_a_profile_survives_being_written_and_read(self) -> None:
        own = TierConfig("own", daily_budget=3.5, allowed_models=["gpt-4o"])
        person = UserProfile("ada", tier=own, metadata={"plan": 7}, preferred_models=["gpt-4o"])
        assert UserProfile.from_dict(person.to_dict()) == person

    def test_reading_takes_a_tier_by_name_and_passes_over_the_unknown(self) -> None:
        person = UserProfile.from_dict({"user_id": "ada", "tier": "pro", "other": 1})
        assert person.tier is TIER_PRESETS[TierLevel.PRO]
        assert UserProfile.from_dict({"user_id": "ada"}).tier.name == "free"
        plain = {"user_id": "ada", "tier": {"name": "pro", "daily_budget": 2.0}}
        assert UserProfile.from_dict(plain).get_daily_budget() == 2.0

    def test_a_profile_without_an_id_is_refused(self) -> None:
        with pytest.raises(ValidationError) as raised:
            UserProfile.from_dict({})
        assert raised.value.field == "user_id"
        with pytest.raises(ValidationError, match="user id is empty"):
            UserProfile("")

    def test_an_unknown_sensitivity_is_refused(self) -> None:
        with pytest.raises(ConfigError, match=r"cost_sensitivity.*quality_first"):
            UserProfile("ada", cost_sensitivity="whatever")


class Store:
    """A database of profiles that counts how often it is asked."""

    def __init__(self, **people: str) -> None:
        self.people = people
        self.loaded: list[str] = []
        self.saved: list[UserProfile] = []

    async def load(self, user_id: str) -> UserProfile | None:
        self.loaded.append(user_id)
        await asyncio.sleep(0)
        tier = self.people.get(user_id)
        return None if tier is None else UserProfile.from_tier(tier, user_id)

    async def save(self, profile: UserProfile) -> None:
        self.saved.append(profile)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class TestManager:
    def test_a_profile_is_loaded_once_while_it_is_fresh(self) -> None:
        store, clock = Store(ada="pro"), Clock()
        manager = UserProfileManager(60, store.load, store.save, clock=clock)

        async def read() -> UserProfile:
            return await manager.get_profile("ada")

        first = asyncio.run(read())
        assert (first.tier.name, asyncio.run(read()) is first, store.loaded) == (
            "pro",
            True,
            ["ada"],
        )
        clock.now += 60
        asyncio.run(read())
        assert store.loaded == ["ada", "ada"]

    def test_callers_at_once_share_one_load(self) -> None:
        store = Store(ada="pro")
        manager = UserProfileManager(load_callback=store.load)

        async def read() -> list[UserProfile]:
            return await asyncio.gather(*(manager.get_profile("ada") for _ in range(50)))

        found = asyncio.run(read())
        assert len({id(profile) for profile in found}) == 1
        assert store.loaded == ["ada"]

    def test_somebody_unknown_is_free_and_not_saved(self) -> None:
        store = Store()
        manager = UserProfileManager(load_callback=store.load, save_callback=store.save)
        assert asyncio.run(manager.get_profile("eve")).tier.name == "free"
        assert store.saved == []

    def test_a_new_tier_is_saved_and_kept(self) -> None:
        store = Store(ada="pro")
        manager = UserProfileManager(load_callback=store.load, save_callback=store.save)

        async def move() -> UserProfile:
            await manager.update_tier("ada", TierLevel.FREE)
            return await manager.get_profile("ada")

        moved = asyncio.run(move())
        assert moved.tier.name == "free"
        assert [profile.tier.name for profile in store.saved] == ["free"]
        assert store.loaded == ["ada"]

    def test_forgetting_loads_anew(self) -> None:
        store = Store(ada="pro")
        manager = UserProfileManager(load_callback=store.load)

        async def twice() -> None:
            await manager.get_profile("ada")
            manager.invalidate_cache("ada")
            manager.invalidate_cache("nobody")
            await manager.get_profile("ada")

        asyncio.run(twice())
        assert store.loaded == ["ada", "ada"]

    def test_what_the_loader_raises_gets_through_and_is_tried_again(self) -> None:
        calls = 0

        async def broken(user_id: str) -> UserProfile | None:
            nonlocal calls
            calls += 1
            raise OSError("the database is down")

        manager = UserProfileManager(load_callback=broken)
        for _ in range(2):
            with pytest.raises(OSError, match="down"):
                asyncio.run(manager.get_profile("ada"))
        assert calls == 2

    def test_plain_functions_load_too(self) -> None:
        manager = UserProfileManager(load_callback=lambda user: UserProfile.from_tier("pro", user))
        assert asyncio.run(manager.get_profile("ada")).tier.name == "pro"

    def test_no_more_than_so_many_are_kept(self) -> None:
        store = Store()
        manager = UserProfileManager(load_callback=store.load, max_cached=10)

        async def fill() -> None:
            for at in range(100):
                await manager.get_profile(f"user{at}")

        asyncio.run(fill())
        assert len(manager._cache) == 10

    def test_many_are_made_at_once(self) -> None:
        manager = UserProfileManager()
        rows: list[dict[str, Any]] = [
            {"user_id": "a", "tier": "pro", "custom_daily_budget": 2.0},
            {"user_id": "b", "tier": TierLevel.STARTER},
            {"user_id": "c"},
        ]
        made = manager.create_bulk(rows)
        assert [(p.user_id, p.tier.name) for p in made] == [
            ("a", "pro"),
            ("b", "starter"),
            ("c", "free"),
        ]
        assert made[0].get_daily_budget() == 2.0
        with pytest.raises(ValidationError) as raised:
            manager.create_bulk([{"user_id": "a"}, {"tier": "pro"}])
        assert raised.value.field == "user_data[1].user_id"
        with pytest.raises(ValueError, match="'zz' is not a valid TierLevel"):
            manager.create_bulk([{"user_id": "a", "tier": "zz"}])

    def test_a_negative_time_is_refused(self) -> None:
        with pytest.raises(ValidationError) as raised:
            UserProfileManager(-1)
        assert raised.value.field == "cache_ttl_seconds"
