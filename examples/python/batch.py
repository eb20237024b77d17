"""Runs several questions at once and sums up what they cost."""

import asyncio

from cascadeflow import CascadeAgent, ModelConfig


async def main() -> None:
    agent = CascadeAgent(
        models=[
            ModelConfig(name="claude-haiku-4-5", provider="anthropic", cost=0.002),
            ModelConfig(name="claude-sonnet-4-5", provider="anthropic", cost=0.009),
        ]
    )
    countries = ("France", "Italy", "Spain")
    report = await agent.run_batch([f"What is the capital of {name}?" for name in countries])
    for result in report.results:
        print(result.content)
    print(f"{report.success_count} answers")


asyncio.run(main())

# expect: The capital of France is Paris.
# expect: The capital of Italy is Rome.
# expect: The capital of Spain is Madrid.
# expect: 3 answers
