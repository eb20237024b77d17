"""Prepaid credits in Firestore: read before each request, and used up by what it cost."""

import asyncio
import json
import os
import urllib.request

from cascadeflow import BudgetExceededError, CascadeAgent, ModelConfig
from cascadeflow.telemetry import CostTracker, EnforcementCallbacks, EnforcementContext

FIRESTORE = os.environ.get("FIRESTORE_API_BASE", "https://firestore.googleapis.com")
DOCUMENTS = f"{FIRESTORE}/v1/projects/sea/databases/(default)/documents"


def credits_of(user_id: str) -> float:
    """The USD that a user has paid for in advance."""
    request = urllib.request.Request(f"{DOCUMENTS}/users/{user_id}")
    request.add_header("authorization", f"Bearer {os.environ['FIRESTORE_TOKEN']}")
    with urllib.request.urlopen(request, timeout=3) as response:
        fields = json.load(response)["fields"]
    return float(fields["credits"]["doubleValue"])


async def main() -> None:
    tracker = CostTracker()

    async def within_credits(ctx: EnforcementContext) -> tuple[str, str | None]:
        left = await asyncio.to_thread(credits_of, ctx.user_id) - tracker.by_user[ctx.user_id]
        if left <= 0:
            return "block", "no credits left"
        if left < ctx.estimated_cost:
            return "degrade", f"{left:.4f} USD of credits left"
        return "allow", None

    agent = CascadeAgent(
        models=[
            ModelConfig(name="gpt-4o-mini", provider="openai", cost=0.00015),
            ModelConfig(name="gpt-4o", provider="openai", cost=0.00625),
        ],
        cost_tracker=tracker,
        enforcement_callbacks=EnforcementCallbacks(on_budget_check=within_credits),
    )
    for user in ("ada", "bob"):
        try:
            result = await agent.run("What is the capital of Italy?", user_id=user)
            print(f"{user}: {result.content}")
        except BudgetExceededError as error:
            print(f"{user}: {error.message}")
    summary = tracker.get_user_summary("ada")
    print(f"to be taken off the credits of ada: {summary['total_cost']:.7f} USD")


asyncio.run(main())

# expect: ada: The capital of Italy is Rome.
# expect: bob: no credits left
# expect: to be taken off the credits of ada: 0.00000
