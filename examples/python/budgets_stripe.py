"""Who may ask what: a Stripe subscription decides, before each request."""

import asyncio
import json
import os
import urllib.parse
import urllib.request

from cascadeflow import BudgetExceededError, CascadeAgent, ModelConfig
from cascadeflow.telemetry import CostTracker, EnforcementCallbacks, EnforcementContext

STRIPE = os.environ.get("STRIPE_API_BASE", "https://api.stripe.com")


def plan_of(customer: str) -> str | None:
    """The plan a customer pays for: the lookup key of the price; `None` of none."""
    query = urllib.parse.urlencode({"customer": customer, "status": "active", "limit": 1})
    request = urllib.request.Request(f"{STRIPE}/v1/subscriptions?{query}")
    request.add_header("authorization", f"Bearer {os.environ['STRIPE_SECRET_KEY']}")
    with urllib.request.urlopen(request, timeout=3) as response:
        subscriptions = json.load(response)["data"]
    return subscriptions[0]["items"]["data"][0]["price"]["lookup_key"] if subscriptions else None


async def by_subscription(ctx: EnforcementContext) -> tuple[str, str | None]:
    plan = await asyncio.to_thread(plan_of, ctx.user_id)
    if plan is None:
        return "block", "no active subscription"
    if plan == "free":
        return "degrade", "the free plan is answered by the small model"
    return "allow", None


async def main() -> None:
    tracker = CostTracker(
        # Where Stripe cannot be reached nobody is let in.
        enforcement_callbacks=EnforcementCallbacks(by_subscription, fail_open=False)
    )
    agent = CascadeAgent(
        models=[
            ModelConfig(name="gpt-4o-mini", provider="openai", cost=0.00015),
            ModelConfig(name="gpt-4o", provider="openai", cost=0.00625),
        ],
        enable_cascade=False,
        cost_tracker=tracker,
    )
    for customer in ("cus_ada", "cus_bob", "cus_eve"):
        try:
            result = await agent.run("What is the capital of France?", user_id=customer)
            print(f"{customer}: {result.model_used}")
        except BudgetExceededError as error:
            print(f"{customer}: {error.message}")
    print(f"customers who paid: {tracker.get_all_users()}")


asyncio.run(main())

# expect: cus_ada: gpt-4o
# expect: cus_bob: gpt-4o-mini
# expect: cus_eve: no active subscription
# expect: customers who paid: ['cus_ada', 'cus_bob']
