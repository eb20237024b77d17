"""A cascade of two models: one question that the small one answers, and one that it refuses."""

import asyncio

from cascadeflow import CascadeAgent, ModelConfig


async def main() -> None:
    agent = CascadeAgent(
        models=[
            ModelConfig(name="gpt-4o-mini", provider="openai", cost=0.00015),
            ModelConfig(name="gpt-4o", provider="openai", cost=0.00625),
        ]
    )
    for query in ("What is the capital of France?", "What are the rivers of Eritrea?"):
        result = await agent.run(query)
        print(f"{result.content} ({result.model_used}, {result.total_cost:.7f} USD)")


asyncio.run(main())

# expect: The capital of France is Paris. (gpt-4o-mini,
# expect: The Barka, the Anseba and the Gash
# expect: (gpt-4o-mini+gpt-4o,
