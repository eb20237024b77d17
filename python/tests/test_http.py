"""Built-in providers over real HTTP, against a server on this machine."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from conftest import ANSWER, QUESTION, Loopback, models

from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.providers import OpenAIProvider
from cascadeflow.schema import exceptions


def agent_at(server: Loopback, **options: Any) -> CascadeAgent:
    return CascadeAgent(models(api_key="sk-secret", base_url=server.url), **options)


def test_a_cascade_never_enters_python(loopback: Loopback) -> None:
    agent = agent_at(loopback)
    assert not agent._native.calls_python
    result = asyncio.run(agent.run(QUESTION))
    assert result.content == ANSWER
    assert result.model_used == "small"
    assert result.usage.input_tokens == 14
    assert result.total_cost == 0.000022
    assert loopback.requests[0]["model"] == "small"
    assert loopback.headers[0]["authorization"] == "Bearer sk-secret"


def test_repeated_loops_and_synchronous_calls(loopback: Loopback) -> None:
    agent = agent_at(loopback)
    for _ in range(5):
        assert asyncio.run(agent.run(QUESTION)).content == ANSWER
        assert agent.run_sync(QUESTION).content == ANSWER

    async def notebook() -> None:
        # A cell of a notebook runs inside a loop.
        assert agent.run_sync(QUESTION).content == ANSWER

    asyncio.run(notebook())


def test_streaming(loopback: Loopback) -> None:
    agent = agent_at(loopback)

    async def main() -> None:
        events = [event async for event in agent.stream_events(QUESTION)]
        assert events[0].type.value == "routing"
        assert events[-1].type.value == "complete"
        text = "".join(e.content for e in events if e.type.value == "chunk")
        assert text.strip() == ANSWER
        plain = await agent.run(QUESTION)
        streamed = events[-1].result
        assert streamed is not None
        assert streamed.model_used == plain.model_used
        assert streamed.total_cost == plain.total_cost

    asyncio.run(main())
    assert (
        "".join(e.content for e in agent.stream_sync(QUESTION) if e.type.value == "chunk").strip()
        == ANSWER
    )


def test_cancelling_closes_the_socket(loopback: Loopback) -> None:
    loopback.hold.clear()

    async def main() -> None:
        task = asyncio.create_task(agent_at(loopback).run(QUESTION))
        await asyncio.to_thread(loopback.received.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(loopback.disconnected.wait, 10)

    asyncio.run(main())


def test_leaving_a_timeout_closes_the_socket(loopback: Loopback) -> None:
    loopback.hold.clear()

    async def main() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(agent_at(loopback).run(QUESTION), 0.2)
        assert await asyncio.to_thread(loopback.disconnected.wait, 10)

    asyncio.run(main())


def test_the_deadline(loopback: Loopback) -> None:
    loopback.hold.clear()
    agent = agent_at(loopback, deadline=0.2)
    with pytest.raises(exceptions.TimeoutError) as caught:
        agent.run_sync(QUESTION)
    assert caught.value.kind == "timeout"
    assert loopback.disconnected.wait(10)


@pytest.mark.parametrize(
    ("status", "cls", "kind"),
    [
        (401, exceptions.AuthenticationError, "auth"),
        (403, exceptions.ProviderError, "permission"),
        (404, exceptions.ModelError, "not_found"),
        (400, exceptions.ProviderError, "invalid_request"),
        (429, exceptions.RateLimitError, "rate_limit"),
        (500, exceptions.ProviderError, "overloaded"),
    ],
)
def test_errors_carry_what_is_known(
    loopback: Loopback, status: int, cls: type[Exception], kind: str
) -> None:
    loopback.status = status
    loopback.error = {"message": "no, because of reasons", "type": "x"}
    loopback.extra_headers = {"x-request-id": "req-1", "retry-after": "0"}
    agent = agent_at(loopback, max_retries=0)
    with pytest.raises(cls) as caught:
        asyncio.run(agent.run(QUESTION, force_direct=True))
    error: Any = caught.value
    assert error.kind == kind
    assert error.status_code == status
    assert (error.provider, error.model) == ("openai", "big")
    assert error.request_id == "req-1"
    assert "sk-secret" not in f"{error} {error.attempts} {error!r}"


def test_http_settings_reach_the_driver(loopback: Loopback) -> None:
    loopback.hold.clear()
    from cascadeflow.providers.base import HttpConfig

    quick = HttpConfig(timeout=0.2)
    agent = CascadeAgent(models(api_key="k", base_url=loopback.url, http_config=quick))
    with pytest.raises(exceptions.TimeoutError):
        agent.run_sync(QUESTION, force_direct=True)
    provider = OpenAIProvider("k", loopback.url, http_config=quick)
    with pytest.raises(exceptions.TimeoutError):
        asyncio.run(provider.complete(QUESTION, "m"))


def test_a_missing_key_is_an_error_of_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    agent = CascadeAgent([ModelConfig("gpt-4o", provider="openai", cost=0.1)])
    with pytest.raises(exceptions.AuthenticationError) as caught:
        asyncio.run(agent.run(QUESTION))
    assert caught.value.env_var_name == "OPENAI_API_KEY"
    assert "OPENAI_API_KEY" in str(caught.value)
    with pytest.raises(ValueError, match="OPENAI_API_KEY"):
        OpenAIProvider()


def test_a_key_from_the_environment(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-env")
    model = ModelConfig("m", provider="openai", cost=0.1, base_url=loopback.url)
    assert asyncio.run(CascadeAgent([model]).run(QUESTION)).content == ANSWER
    assert loopback.headers[0]["authorization"] == "Bearer sk-env"


def test_a_provider_by_itself(loopback: Loopback) -> None:
    provider = OpenAIProvider(api_key="sk-secret", base_url=loopback.url)

    async def main() -> None:
        answer = await provider.complete(QUESTION, model="gpt-4o-mini", max_tokens=5)
        assert answer.content == ANSWER
        assert answer.provider == "openai"
        assert answer.tokens_used == 22
        assert answer.metadata is not None
        assert answer.metadata["prompt_tokens"] == 14
        assert answer.metadata["finish_reason"] == "stop"
        assert answer.cost is not None
        assert answer.cost > 0
        pieces = [piece async for piece in provider.stream(QUESTION, "gpt-4o-mini")]
        assert "".join(pieces).strip() == ANSWER
        assert len(pieces) > 1
        with pytest.raises(exceptions.ValidationError):
            await provider.complete(QUESTION)

    asyncio.run(main())
    assert loopback.requests[0]["max_tokens"] == 5
    assert "sk-secret" not in repr(vars(provider).get("_native"))


def test_an_instance_with_its_own_address(loopback: Loopback) -> None:
    agent = CascadeAgent(models(api_key="other"))
    agent.providers = {"openai": OpenAIProvider(api_key="sk-mine", base_url=loopback.url)}
    assert not agent._native.calls_python
    assert asyncio.run(agent.run(QUESTION)).content == ANSWER
    assert loopback.headers[0]["authorization"] == "Bearer sk-mine"


def test_a_subclass_over_the_builtin_driver(loopback: Loopback) -> None:
    import cascadeflow

    class Shouting(OpenAIProvider):
        async def _complete_impl(self, *args: Any, **kwargs: Any) -> Any:
            answer = await super()._complete_impl(*args, **kwargs)
            answer.content += " Indeed."
            return answer

    cascadeflow.PROVIDER_REGISTRY["openai"] = Shouting
    result = asyncio.run(agent_at(loopback).run(QUESTION))
    assert result.content == f"{ANSWER} Indeed."


def test_threads_share_an_agent(loopback: Loopback) -> None:
    agent = agent_at(loopback)
    answers: list[str] = []

    def asynchronous() -> None:
        async def main() -> None:
            results = await asyncio.gather(*(agent.run(QUESTION) for _ in range(5)))
            answers.extend(result.content for result in results)

        asyncio.run(main())

    def synchronous() -> None:
        answers.extend(agent.run_sync(QUESTION).content for _ in range(5))

    threads = [threading.Thread(target=t) for t in (asynchronous, synchronous) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [ANSWER] * 40
