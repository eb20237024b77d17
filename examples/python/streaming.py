"""Shows an answer as it comes, and what was decided on the way."""

import asyncio

from cascadeflow import CascadeAgent, ModelConfig


async def main() -> None:
    agent = CascadeAgent(
        models=[
            ModelConfig(name="gpt-4o-mini", provider="openai", cost=0.00015),
            ModelConfig(name="gpt-4o", provider="openai", cost=0.00625),
        ]
    )
    async for event in agent.stream_events("What are the rivers of Eritrea?"):
        kind = getattr(event.type, "value", event.type)
        if kind == "chunk":
            print(event.content, end="")
        elif kind == "switch":
            print("[the draft was rejected]")
        elif kind == "complete":
            print(f"\n[{event.data['result']['model_used']}]")


asyncio.run(main())

# expect: [the draft was rejected]
# expect: The Barka, the Anseba and the Gash are the main rivers of Eritrea.
# expect: [gpt-4o-mini+gpt-4o]
