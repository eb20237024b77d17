"""How much may be spent: the app metadata of an Auth0 user says, and is kept for five minutes."""

import asyncio
import json
import os
import urllib.parse
import urllib.request

from cascadeflow import BudgetExceededError, CascadeAgent, ModelConfig
from cascadeflow.profiles import UserProfile, UserProfileManager
from cascadeflow.telemetry import CostTracker, EnforcementCallbacks, EnforcementContext

AUTH0 = os.environ.get("AUTH0_API_BASE", "https://example.eu.auth0.com")


def read_user(user_id: str) -> dict[str, object]:
    """What Auth0 keeps of a user for the application."""
    name = urllib.parse.quote(user_id, safe="")
    request = urllib.request.Request(f"{AUTH0}/api/v2/users/{name}")
    request.add_header("authorization", f"Bearer {os.environ['AUTH0_TOKEN']}")
    with urllib.request.urlopen(request, timeout=3) as response:
        user: dict[str, dict[str, object]] = json.load(response)
    return user["app_metadata"]


async def load_profile(user_id: str) -> UserProfile:
    metadata = await asyncio.to_thread(read_user, user_id)
    return UserProfile.from_dict(
        {
            "user_id": user_id,
            "tier": metadata["plan"],
            "custom_daily_budget": metadata["daily_budget"],
        }
    )


async def main() -> None:
    profiles = UserProfileManager(cache_ttl_seconds=300, load_callback=load_profile)
    tracker = CostTracker()

    async def within_profile(ctx: EnforcementContext) -> tuple[str, str | None]:
        profile = await profiles.get_profile(ctx.user_id)
        budget = profile.get_daily_budget()
        spent = tracker.by_user[ctx.user_id]
        if budget is not None and spent + ctx.estimated_cost > budget:
            return "block", f"{profile.tier.name} plan: {budget} USD a day"
        return "allow", None

    agent = CascadeAgent(
        models=[ModelConfig(name="gpt-4o", provider="openai", cost=0.00625)],
        cost_tracker=tracker,
        enforcement_callbacks=EnforcementCallbacks(on_budget_check=within_profile),
    )
    for user in ("auth0|ada", "auth0|bob", "auth0|ada"):
        try:
            result = await agent.run("What is the capital of France?", user_id=user)
            print(f"{user}: {result.content}")
        except BudgetExceededError as error:
            print(f"{user}: {error.message}")


asyncio.run(main())

# expect: auth0|ada: The capital of France is Paris.
# expect: auth0|bob: free plan: 0.0001 USD a day
# expect: auth0|ada: The capital of France is Paris.
