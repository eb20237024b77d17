"""Provider classes of users: every form they may take, and every way they may fail."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from conftest import ANSWER, QUESTION, agent_of, fake, models

import cascadeflow
from cascadeflow import (
    BaseProvider,
    CascadeAgent,
    ModelConfig,
    ModelResponse,
    cascadeflowError,
)
from cascadeflow.providers import OpenAIProvider
from cascadeflow.schema import exceptions
from cascadeflow.schema.usage import Usage


def run(agent: CascadeAgent, query: Any = QUESTION, **options: Any) -> Any:
    return asyncio.run(agent.run(query, **options))


def response(text: str = ANSWER, **fields: Any) -> ModelResponse:
    return ModelResponse(text, "m", "openai", confidence=0.95, **fields)


def test_the_abstract_methods_must_be_there() -> None:
    class Half(BaseProvider):
        async def _complete_impl(self, **kwargs: Any) -> ModelResponse:
            return response()

    with pytest.raises(TypeError, match="abstract"):
        Half()  # type: ignore[abstract]


def test_synchronous_methods_and_generators() -> None:
    class Plain(BaseProvider):
        def _complete_impl(self, prompt: str, model: str) -> ModelResponse:
            return response()

        def _stream_impl(self, prompt: str, model: str) -> Iterator[str]:
            yield from ("Paris ", "is the capital ", "of France.")

        def estimate_cost(self, tokens: int, model: str) -> float:
            return 0.0

    agent = agent_of(Plain)
    assert run(agent).content == ANSWER
    assert agent.run_sync(QUESTION).content == ANSWER
    assert asyncio.run(agent.run_streaming(QUESTION, enable_visual=False)).content == ANSWER


def test_objects_without_the_base_class() -> None:
    class Duck:
        async def complete(self, prompt: str, model: str, **kwargs: Any) -> ModelResponse:
            return response(f"{ANSWER} ({model})")

    agent = agent_of(Duck)
    assert run(agent).content == f"{ANSWER} (small)"
    # Without a method that streams, the whole answer is one chunk.
    assert run_stream(agent) == f"{ANSWER} (small)"


def run_stream(agent: CascadeAgent) -> str:
    async def main() -> str:
        events = [e async for e in agent.stream_events(QUESTION)]
        return "".join(e.content for e in events if e.type.value == "chunk")

    return asyncio.run(main())


def test_a_method_that_cannot_stream_is_not_streamed() -> None:
    class NoStream(fake()):  # type: ignore[misc]
        async def _stream_impl(self, **kwargs: Any) -> Any:
            raise NotImplementedError
            yield ""

    assert run_stream(agent_of(NoStream)) == ANSWER

    class NoStreamEither(fake()):  # type: ignore[misc]
        def _stream_impl(self, **kwargs: Any) -> Any:
            raise NotImplementedError

    assert run_stream(agent_of(NoStreamEither)) == ANSWER


def test_a_coroutine_that_gives_an_iterator_streams() -> None:
    class Late(fake()):  # type: ignore[misc]
        async def _stream_impl(self, **kwargs: Any) -> Any:
            return iter(["Paris ", "is it."])

    assert run_stream(agent_of(Late)) == "Paris is it."


def test_overridden_public_methods_are_called() -> None:
    class Public(fake("not this")):  # type: ignore[misc]
        async def complete(self, prompt: Any = None, **kwargs: Any) -> ModelResponse:
            inner = await super().complete(prompt=prompt, **kwargs)
            inner.content = ANSWER
            return inner

    assert run(agent_of(Public)).content == ANSWER


def test_what_a_method_is_given() -> None:
    cls = fake()
    agent = agent_of(cls)
    run(agent)
    call = agent.model_providers["small"].calls[0]
    assert call == {
        "prompt": QUESTION,
        "model": "small",
        "max_tokens": 100,
        "temperature": 0.7,
        "system_prompt": None,
        "logprobs": True,
        "top_logprobs": 5,
    }
    run(agent, max_tokens=7, temperature=0, system_prompt="Be brief.", top_p=0.5, custom="x")
    call = agent.model_providers["small"].calls[1]
    assert call["max_tokens"] == 7
    assert call["temperature"] == 0
    assert call["system_prompt"] == "Be brief."
    assert call["top_p"] == 0.5
    assert call["custom"] == "x"


def test_a_method_gets_only_what_its_signature_accepts() -> None:
    seen: list[Any] = []

    class Narrow(fake()):  # type: ignore[misc]
        async def _complete_impl(self, prompt: str, model: str, max_tokens: int = 5) -> Any:
            seen.append((prompt, model, max_tokens))
            return response()

    run(agent_of(Narrow), max_tokens=9, system_prompt="Be brief.")
    assert seen == [(f"System: Be brief.\n{QUESTION}", "small", 9)]

    class Positional(fake()):  # type: ignore[misc]
        async def _complete_impl(self, p: str, m: str, /) -> Any:
            seen.append((p, m))
            return response()

    run(agent_of(Positional))
    assert seen[-1] == (QUESTION, "small")


def test_conversations_arrive_as_text_or_as_messages() -> None:
    conversation = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": QUESTION},
    ]
    cls = fake()
    agent = agent_of(cls)
    run(agent, conversation)
    call = agent.model_providers["big"].calls or agent.model_providers["small"].calls
    assert call[0]["prompt"] == f"User: hi\nAssistant: Hello\nUser: {QUESTION}"
    assert call[0]["system_prompt"] == "Be brief."
    seen: list[Any] = []

    class Messages(fake()):  # type: ignore[misc]
        async def _complete_impl(self, messages: Any, model: str) -> Any:
            seen.append(messages)
            return response()

    run(agent_of(Messages), conversation)
    assert seen == [conversation]
    with pytest.raises(exceptions.ValidationError) as caught:
        run(agent, [{"role": "robot", "content": "hi"}])
    assert caught.value.field == "query[0].role"


def test_tools_and_their_calls() -> None:
    seen: list[Any] = []
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {}}}]

    class Tools(fake()):  # type: ignore[misc]
        async def complete_with_tools(self, **kwargs: Any) -> Any:
            seen.append(kwargs)
            call = {"id": "1", "name": "weather", "arguments": {"city": "Paris"}}
            return response("", tool_calls=[call])

    result = run(agent_of(Tools), "What is the weather in Paris?", tools=tools, tool_choice="auto")
    assert result.has_tool_calls
    assert result.tool_calls[0]["name"] == "weather"
    assert result.tool_calls[0]["arguments"] == {"city": "Paris"}
    assert result.tool_calls[0]["function"]["name"] == "weather"
    assert seen[0]["tools"][0]["name"] == "weather"
    assert seen[0]["messages"] == [{"role": "user", "content": "What is the weather in Paris?"}]
    assert "prompt" not in seen[0]


@pytest.mark.parametrize("asynchronous", [True, False])
def test_a_tool_executor_is_asked_until_no_tool_is_called(asynchronous: bool) -> None:
    executed: list[Any] = []

    def plain(call: dict[str, Any]) -> Any:
        executed.append(call["name"])
        if len(executed) == 2:
            raise TypeError("no city")
        return {"degrees": 21}

    async def waiting(call: dict[str, Any]) -> Any:
        await asyncio.sleep(0)
        return plain(call)

    class Tools(fake()):  # type: ignore[misc]
        async def complete_with_tools(self, messages: Any, **kwargs: Any) -> Any:
            results = [m for m in messages if m["role"] == "tool"]
            if len(results) == 2:
                assert results[0]["content"] == '{"degrees":21}'
                assert "TypeError: no city" in results[1]["content"]
                return response("It is 21 degrees in Paris.")
            call = {"id": str(len(results)), "name": "weather", "arguments": {}}
            return response("", tool_calls=[call])

    tools = [{"name": "weather", "description": "", "parameters": {"type": "object"}}]
    agent = agent_of(Tools, tool_executor=waiting if asynchronous else plain)
    result = run(agent, "What is the weather in Paris?", tools=tools, force_direct=True)
    assert result.content == "It is 21 degrees in Paris."
    assert executed == ["weather", "weather"]
    assert len(result.attempts) == 3


def test_usage_and_cost() -> None:
    metadata = {"prompt_tokens": 20, "completion_tokens": 80, "finish_reason": "stop", "mine": 1}
    result = run(agent_of(fake(lambda _: response(metadata=dict(metadata), cost=5.0))))
    assert result.usage == Usage(20, 80, 0)
    assert result.total_cost == 0.0001
    assert result.cost_saved == 0.0009
    assert result.baseline_cost == 0.001
    assert result.cost_saved_percentage == pytest.approx(90)
    assert str(result.total_cost_exact) == "0.0001"
    assert result.metadata["mine"] == 1
    assert result.finish_reason == "stop"
    details = {"input_tokens": 100, "output_tokens": 5, "cached_input_tokens": 40}
    result = run(agent_of(fake(lambda _: response(usage=details))))
    assert result.usage == Usage(100, 5, 40)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("reported", ["metadata", "usage"])
@pytest.mark.parametrize("name", ["prompt_tokens", "completion_tokens"])
def test_a_count_that_is_not_reported_is_estimated(
    name: str, reported: str, streamed: bool
) -> None:
    def ask(counts: dict[str, int]) -> Any:
        agent = agent_of(fake(lambda _: response(**({reported: counts} if counts else {}))))
        if streamed:
            return asyncio.run(agent.run_streaming(QUESTION, enable_visual=False))
        return run(agent)

    guessed = ask({}).usage
    assert guessed.input_tokens > 0
    assert guessed.output_tokens > 0
    result = ask({name: 70})
    assert result.metadata["tokens_estimated"]
    if name == "prompt_tokens":
        assert result.usage == Usage(70, guessed.output_tokens, 0)
    else:
        assert result.usage == Usage(guessed.input_tokens, 70, 0)
    tokens = result.usage.input_tokens + result.usage.output_tokens
    assert str(result.total_cost_exact) == f"{Decimal(tokens) / 1_000_000:f}"
    whole = ask({"prompt_tokens": 3, "completion_tokens": 70})
    assert whole.usage == Usage(3, 70, 0)
    assert not whole.metadata["tokens_estimated"]


def test_the_cost_of_the_class_counts_where_the_model_has_none() -> None:
    cascadeflow.PROVIDER_REGISTRY["mine"] = fake(lambda _: response(cost=0.25))
    agent = CascadeAgent([ModelConfig("unheard-of", provider="mine")])
    result = run(agent)
    assert result.total_cost == 0.25
    assert result.attempts[0]["priced"] == "reported"


def test_logprobs_reach_the_judge() -> None:
    sure = response(tokens=["Paris"], logprobs=[-0.01], top_logprobs=[{"Paris": -0.01}])
    unsure = response(tokens=["Paris"], logprobs=[-5.0], top_logprobs=[{"Rome": -0.1}])
    sure.confidence = unsure.confidence = None
    confident = run(agent_of(fake(lambda m: sure))).draft_confidence
    doubtful = run(agent_of(fake(lambda m: unsure))).draft_confidence
    assert confident > doubtful


def test_an_exception_keeps_its_cause_and_names_the_place() -> None:
    boom = RuntimeError("boom")
    with pytest.raises(exceptions.ProviderError) as caught:
        run(agent_of(fake(lambda _: boom)), force_direct=True)
    error = caught.value
    assert error.kind == "user_code"
    assert error.__cause__ is boom
    assert error.original_error is boom
    assert (error.provider, error.model) == ("openai", "big")
    assert "Fake._complete_impl" in str(error)
    assert "boom" in str(error)
    assert [a["outcome"] for a in error.attempts] == ["failed"]


def test_both_models_failing_is_an_error_with_the_attempts() -> None:
    def fail(model: str) -> Any:
        return ValueError(model) if model == "big" else KeyError(model)

    with pytest.raises(cascadeflowError) as caught:
        run(agent_of(fake(fail)))
    assert [a["model"] for a in caught.value.attempts] == ["small", "big"]
    assert isinstance(caught.value.__cause__, ValueError)


def test_a_failed_draft_is_not_an_error() -> None:
    result = run(agent_of(fake(lambda m: ANSWER if m == "big" else RuntimeError("boom"))))
    assert result.content == ANSWER
    assert not result.draft_accepted
    assert result.draft_cost == 0


@pytest.mark.parametrize(
    ("raised", "kind", "cls"),
    [
        (exceptions.RateLimitError("slow down", retry_after=7), "rate_limit", "RateLimitError"),
        (exceptions.AuthenticationError("no"), "auth", "AuthenticationError"),
        (TimeoutError("late"), "timeout", "TimeoutError"),
        (asyncio.TimeoutError(), "timeout", "TimeoutError"),
        (ConnectionResetError("gone"), "connection", "ProviderError"),
    ],
)
def test_known_exceptions_keep_their_kind(raised: Exception, kind: str, cls: str) -> None:
    with pytest.raises(cascadeflowError) as caught:
        run(agent_of(fake(lambda _: raised)), force_direct=True)
    assert caught.value.kind == kind
    assert type(caught.value).__name__ == cls
    if kind == "rate_limit":
        assert caught.value.retry_after == 7


@pytest.mark.parametrize("wrong", [None, {"content": "x"}, 5, "text"])
def test_a_wrong_return_type_is_named(wrong: Any) -> None:
    class Wrong(fake()):  # type: ignore[misc]
        async def _complete_impl(self, **kwargs: Any) -> Any:
            return wrong

    with pytest.raises(exceptions.ProviderError) as caught:
        run(agent_of(Wrong), force_direct=True)
    message = str(caught.value)
    assert "Wrong._complete_impl" in message
    assert f"`{type(wrong).__name__}`" in message
    assert "ModelResponse" in message
    assert caught.value.kind == "user_code"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"content": 5}, "content"),
        ({"confidence": "high"}, "confidence"),
        ({"tool_calls": "none"}, "tool_calls"),
        ({"logprobs": ["x"]}, "logprobs"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], field: str) -> None:
    def answer(_: str) -> ModelResponse:
        made = response()
        for name, value in fields.items():
            setattr(made, name, value)
        return made

    with pytest.raises(exceptions.ProviderError) as caught:
        run(agent_of(fake(answer)), force_direct=True)
    assert caught.value.field == field


def test_a_wrong_chunk_is_named() -> None:
    class Wrong(fake()):  # type: ignore[misc]
        async def _stream_impl(self, **kwargs: Any) -> Any:
            yield 5

    with pytest.raises(exceptions.ProviderError, match="yielded `int`"):
        asyncio.run(agent_of(Wrong).run_streaming(QUESTION, force_direct=True, enable_visual=False))


def test_factories_instances_and_later_assignment() -> None:
    made: list[dict[str, Any]] = []

    def factory(**kwargs: Any) -> Any:
        made.append(kwargs)
        return fake()()

    cascadeflow.PROVIDER_REGISTRY["openai"] = factory
    assert run(CascadeAgent(models(api_key="k", base_url="http://x"))).content == ANSWER
    assert made == [{"api_key": "k", "base_url": "http://x"}] * 2
    cascadeflow.PROVIDER_REGISTRY["openai"] = fake("Paris, by an instance.")()
    assert run(CascadeAgent(models())).content == "Paris, by an instance."


def test_assigning_providers_afterwards() -> None:
    agent = CascadeAgent(models())  # no key, and none needed
    agent.providers = {"openai": fake("Paris, assigned.")()}
    assert run(agent).content == "Paris, assigned."
    agent.providers["openai"] = fake("Paris, assigned again.")()
    assert run(agent).content == "Paris, assigned again."
    agent.model_providers["small"] = fake("Paris, for small.")()
    assert run(agent).content == "Paris, for small."
    assert run(agent, force_direct=True).content == "Paris, assigned again."


def test_a_subclass_of_a_builtin_class_is_user_code() -> None:
    class Mine(OpenAIProvider):
        async def _complete_impl(self, *args: Any, **kwargs: Any) -> Any:
            return response("Paris, by a subclass.")

    cascadeflow.PROVIDER_REGISTRY["openai"] = Mine
    assert run(CascadeAgent(models(api_key="k"))).content == "Paris, by a subclass."


def test_a_class_that_cannot_be_made_is_named() -> None:
    class Broken:
        def __init__(self) -> None:
            raise RuntimeError("no socket")

    cascadeflow.PROVIDER_REGISTRY["openai"] = Broken
    with pytest.raises(exceptions.ConfigError, match="Broken") as caught:
        CascadeAgent(models())
    assert isinstance(caught.value.__cause__, RuntimeError)
    cascadeflow.PROVIDER_REGISTRY["openai"] = dict
    with pytest.raises(exceptions.ConfigError, match="no method that answers"):
        CascadeAgent(models())


def test_one_registry() -> None:
    import cascadeflow.agent
    import cascadeflow.providers

    assert cascadeflow.PROVIDER_REGISTRY is cascadeflow.providers.PROVIDER_REGISTRY
    assert cascadeflow.PROVIDER_REGISTRY is cascadeflow.agent.PROVIDER_REGISTRY
