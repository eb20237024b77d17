"""The published classes and names behave as published."""

from __future__ import annotations

import asyncio
import copy
import importlib
import pickle
from typing import Any

import pytest
from conftest import ANSWER, QUESTION, agent_of, fake, models

import cascadeflow
from cascadeflow import (
    CascadeAgent,
    CascadeResult,
    ModelConfig,
    QualityConfig,
    QualityValidator,
    StreamEvent,
    StreamEventType,
    cascadeflowError,
)
from cascadeflow.core.batch_config import BatchConfig, BatchStrategy
from cascadeflow.quality.complexity import ComplexityDetector, QueryComplexity
from cascadeflow.quality.quality import ResponseAnalyzer
from cascadeflow.schema import exceptions
from cascadeflow.schema.config import (
    DEFAULT_TIERS,
    EXAMPLE_WORKFLOWS,
    CascadeConfig,
    OptimizationWeights,
    UserTier,
)
from cascadeflow.schema.usage import Usage
from cascadeflow.utils import helpers, messages, presets


class TestModelConfig:
    def test_published_defaults(self) -> None:
        model = ModelConfig("gpt-4o", provider="OpenAI", cost=1)
        assert repr(model) == (
            "ModelConfig(name='gpt-4o', provider='openai', cost=1.0, keywords=[], domains=[], "
            "max_tokens=4096, system_prompt=None, temperature=0.7, api_key=None, base_url=None, "
            "extra={}, speed_ms=1000, quality_score=0.7, supports_tools=True, http_config=None)"
        )
        assert ModelConfig("m", provider="openai").cost == 0.0

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("cost", -1),
            ("cost", "x"),
            ("temperature", 2.5),
            ("max_tokens", 0),
            ("max_tokens", 1.5),
            ("provider", "nobody"),
            ("name", ""),
            ("quality_score", 2),
            ("keywords", "x"),
        ],
    )
    def test_bad_fields_are_named_with_the_remedy(self, field: str, value: Any) -> None:
        good: dict[str, Any] = {"name": "m", "provider": "openai"}
        with pytest.raises(exceptions.ValidationError) as caught:
            ModelConfig(**{**good, field: value})
        assert caught.value.field == field
        assert caught.value.hint
        assert caught.value.errors()[0]["loc"] == (field,)
        assert isinstance(caught.value, (ValueError, cascadeflowError))

    def test_missing_fields(self) -> None:
        for values, field in [({"provider": "openai"}, "name"), ({"name": "nope"}, "provider")]:
            with pytest.raises(exceptions.ValidationError) as caught:
                ModelConfig(**values)  # type: ignore[arg-type]
            assert caught.value.field == field
        with pytest.raises(TypeError):
            ModelConfig("m", "openai")  # type: ignore[misc]

    def test_the_provider_of_a_known_model_is_inferred(self) -> None:
        assert ModelConfig("gpt-4o-mini").provider == "openai"

    def test_extras_copies_and_equality(self) -> None:
        model = ModelConfig("m", provider="openai", tier="gold", cost="0.5")  # type: ignore[arg-type]
        assert model.tier == "gold"  # type: ignore[attr-defined]
        assert model.model_extra == {"tier": "gold"}
        assert model.cost == 0.5
        assert model.model_dump()["tier"] == "gold"
        for twin in (
            copy.copy(model),
            copy.deepcopy(model),
            pickle.loads(pickle.dumps(model)),
            model.model_copy(),
            ModelConfig.model_validate(model.model_dump()),
        ):
            assert twin == model
            assert twin is not model
            assert twin.to_native() == model.to_native()
        changed = model.model_copy(update={"cost": 2.0})
        assert (changed.cost, model.cost) == (2.0, 0.5)
        with pytest.raises(TypeError):
            hash(model)

    def test_an_unset_cost_stays_unset(self) -> None:
        unset = ModelConfig("m", provider="openai")
        assert "cost" not in unset.to_native()
        assert "cost" not in ModelConfig(**unset.model_dump()).to_native()
        assert "cost" not in pickle.loads(pickle.dumps(unset)).to_native()
        assert ModelConfig("m", provider="openai", cost=0).to_native()["cost"] == "0.0"

    def test_keys_are_not_shown(self) -> None:
        model = ModelConfig("m", provider="openai", api_key="sk-secret")
        assert "sk-secret" not in f"{model!r} {model}"


class TestOtherConfigs:
    def test_ranges(self) -> None:
        for values, field in [
            ({"quality_threshold": 2}, "quality_threshold"),
            ({"max_budget": -1}, "max_budget"),
            ({"timeout": 0}, "timeout"),
            ({"routing_strategy": "x"}, "routing_strategy"),
        ]:
            with pytest.raises(exceptions.ValidationError) as caught:
                CascadeConfig(**values)
            assert caught.value.field == field
        with pytest.raises(ValueError, match="sum"):
            OptimizationWeights(1, 1, 1)

    def test_tiers_and_workflows(self) -> None:
        free = DEFAULT_TIERS["free"]
        assert list(DEFAULT_TIERS) == ["free", "standard", "premium", "enterprise"]
        assert free.allows_model("anything")
        assert free.to_dict()["latency"] == {"max_total_ms": 15000, "max_per_model_ms": 10000}
        narrow = free.model_copy(update={"allowed_models": ["a"], "exclude_models": ["b"]})
        assert isinstance(narrow, UserTier)
        assert narrow.allows_model("a")
        assert not narrow.allows_model("b")
        assert len(EXAMPLE_WORKFLOWS) == 5

    def test_batches(self) -> None:
        assert BatchConfig().total_timeout == 300.0
        assert BatchStrategy.AUTO == "auto"
        assert str(BatchStrategy.AUTO) == "BatchStrategy.AUTO"
        assert repr(BatchStrategy.AUTO) == "<BatchStrategy.AUTO: 'auto'>"


class TestAgent:
    def test_models_are_sorted_and_the_input_is_left_alone(self) -> None:
        given = list(reversed(models()))
        agent = CascadeAgent(given)
        assert [m.name for m in agent.models] == ["small", "big"]
        assert [m.name for m in given] == ["big", "small"]
        assert agent.models[0] is given[1]
        assert agent.cascade is not None
        assert (agent.cascade.drafter.name, agent.cascade.verifier.name) == ("small", "big")
        cascade = agent_of().cascade
        assert cascade is not None
        result = asyncio.run(cascade.execute(QUESTION))
        assert (result.content, result.drafter_model) == (ANSWER, "small")
        assert CascadeAgent(models()[:1]).cascade is None

    @pytest.mark.parametrize("empty", [[], None, ()])
    def test_no_models(self, empty: Any) -> None:
        with pytest.raises(cascadeflowError, match="at least one model is required") as caught:
            CascadeAgent(empty)
        assert caught.value.field == "models"

    def test_wrong_models(self) -> None:
        with pytest.raises(exceptions.ConfigError) as caught:
            CascadeAgent(["gpt-4o"])  # type: ignore[list-item]
        assert caught.value.field == "models[0]"

    def test_quality(self) -> None:
        agent = CascadeAgent(models(), quality={"threshold": 0.5})
        assert set(agent.quality_config.confidence_thresholds.values()) == {0.5}
        agent.update_quality_threshold(0.9)
        assert agent.get_config_snapshot()["quality_threshold"] == 0.9
        with pytest.raises(ValueError, match="threshold"):
            agent.update_quality_threshold(1.5)
        with pytest.raises(exceptions.ConfigError) as caught:
            CascadeAgent(models(), quality={"threshold": 7})
        assert "confidence_thresholds" in str(caught.value.field)

    def test_a_changed_threshold_decides(self) -> None:
        agent = agent_of(fake("Paris is the capital of France."))
        assert agent.run_sync(QUESTION).draft_accepted
        agent.update_quality_threshold(1.0)
        assert not agent.run_sync(QUESTION).draft_accepted

    def test_unused_parameters_are_told(self) -> None:
        with pytest.warns(UserWarning, match="enable_factual_risk_routing"):
            CascadeAgent(models(), enable_factual_risk_routing=True)

    def test_update_models(self) -> None:
        agent = agent_of()
        agent.update_models(models()[:1])
        assert [m.name for m in agent.models] == ["small"]
        with pytest.raises(cascadeflowError):
            agent.update_models([])

    def test_from_config(self) -> None:
        cascadeflow.PROVIDER_REGISTRY["openai"] = fake()
        plain = {
            "models": [
                {"name": "small", "provider": "openai", "cost": "0.001"},
                {"name": "big", "provider": "openai", "cost": "0.01"},
            ],
            "quality": {"confidence_thresholds": {"trivial": 0.9}},
        }
        agent = CascadeAgent.from_config(plain)
        assert agent.run_sync(QUESTION).content == ANSWER
        with pytest.raises(exceptions.ConfigError) as caught:
            CascadeAgent.from_config({**plain, "modles": []})
        assert caught.value.field == "modles"
        assert "models" in str(caught.value.hint)

    @pytest.mark.parametrize(
        ("options", "field"),
        [
            ({"max_tokens": 0}, "max_tokens"),
            ({"temperature": "hot"}, "temperature"),
            ({"complexity_hint": "impossible"}, "complexity_hint"),
            ({"tools": "hammer"}, "tools"),
            ({"tools": [{}]}, "tools[0].name"),
            ({"tool_choice": 5}, "tool_choice"),
            ({"stream_policy": "x"}, "stream_policy"),
            ({"deadline": 0}, "deadline"),
            ({"strategy": {"name": "s"}}, "strategy"),
            ({"metadata": []}, "metadata"),
        ],
    )
    def test_bad_options_are_named(self, options: dict[str, Any], field: str) -> None:
        with pytest.raises(exceptions.ValidationError) as caught:
            asyncio.run(agent_of().run(QUESTION, **options))
        assert caught.value.field == field
        assert caught.value.hint

    def test_what_was_chosen_wins(self) -> None:
        cascadeflow.PROVIDER_REGISTRY["openai"] = fake()
        agent = CascadeAgent([ModelConfig("m", provider="openai", cost=1, max_tokens=9)])
        agent.run_sync(QUESTION)
        agent.run_sync(QUESTION, max_tokens=5)
        calls = agent.providers["openai"].calls
        assert [call["max_tokens"] for call in calls] == [9, 5]

    def test_plan(self) -> None:
        plan = asyncio.run(agent_of().plan(QUESTION))
        assert plan["route"] == "cascade"
        assert [step["models"] for step in plan["steps"]] == [["small"], ["big"]]

    def test_statistics(self, capsys: pytest.CaptureFixture[str]) -> None:
        agent = agent_of()
        agent.run_sync(QUESTION)
        list(agent.stream_sync(QUESTION))
        stats = agent.get_stats()
        assert stats["total_queries"] == 2
        assert stats["streaming_used"] == 1
        assert stats["acceptance_rate"] == 100.0
        assert agent.stats["cascade_used"] == 2
        agent.print_stats()
        assert "queries       2" in capsys.readouterr().out


class TestResult:
    def test_a_result_made_by_hand(self) -> None:
        result = CascadeResult(
            "x", "m", 0.2, 1.0, "simple", True, True, "cascade", "r", cost_saved=0.6
        )
        assert result.baseline_cost == pytest.approx(0.8)
        assert result.cost_saved_percentage == pytest.approx(75)
        assert result.metadata == {}
        assert result.text == "x"
        assert result.record() is None
        with pytest.raises(AttributeError):
            _ = result.attempts
        with pytest.raises(TypeError):
            CascadeResult()  # type: ignore[call-arg]

    def test_a_result_of_the_engine(self) -> None:
        result = agent_of().run_sync(QUESTION)
        assert set(result.to_dict()) >= {
            "content",
            "timing_breakdown",
            "cost_breakdown",
            "metadata",
        }
        result.metadata["mine"] = 1
        assert result.metadata["mine"] == 1
        result.content = "changed"
        assert result.content == "changed"
        twin = pickle.loads(pickle.dumps(result))
        assert twin == result
        assert "content='changed'" in repr(result)
        record = result.record()
        assert record is not None
        assert record["total_cost"] == str(result.total_cost_exact)
        with pytest.raises(AttributeError, match="nonsense"):
            _ = result.nonsense  # type: ignore[attr-defined]

    def test_usage(self) -> None:
        cases: list[tuple[Any, tuple[int, int, int]]] = [
            (None, (0, 0, 0)),
            ({"prompt_tokens": 3, "completion_tokens": 4}, (3, 4, 0)),
            ({"input_tokens": 3, "output_tokens": 4, "cache_read_input_tokens": 2}, (3, 4, 2)),
            ({"prompt_tokens": 3, "prompt_tokens_details": {"cached_tokens": 2}}, (3, 0, 2)),
        ]
        for payload, counts in cases:
            usage = Usage.from_payload(payload)
            assert (usage.input_tokens, usage.output_tokens, usage.cached_input_tokens) == counts
        assert Usage(1, 2).to_dict()["total_tokens"] == 3


class TestQuality:
    def test_published_thresholds(self) -> None:
        assert list(QualityConfig().confidence_thresholds.values()) == [
            0.55,
            0.50,
            0.45,
            0.42,
            0.40,
        ]
        cascade = QualityConfig.for_cascade()
        assert list(cascade.confidence_thresholds.values()) == [0.25, 0.40, 0.55, 0.70, 0.80]
        assert list(cascade.min_length_thresholds.values()) == [1, 8, 20, 40, 80]
        strict = QualityConfig.strict()
        assert list(strict.confidence_thresholds.values()) == [0.70, 0.80, 0.85, 0.90, 0.95]
        assert len(vars(strict)) == 10

    def test_validate(self) -> None:
        validator = QualityValidator()
        good = validator.validate(ANSWER, QUESTION, 0.9, "trivial")
        assert good.passed
        assert good.failed_checks == []
        bad = validator.validate("", QUESTION, 0.9)
        assert not bad.passed
        assert "empty" in bad.failed_checks
        assert not validator.validate(ANSWER, QUESTION, 0.9, threshold_override=0.99).passed

    def test_analyzer(self) -> None:
        assert ResponseAnalyzer.analyze_length(ANSWER, "simple")["appropriate"]
        assert ResponseAnalyzer.analyze_length("", "expert")["too_short"]
        assert ResponseAnalyzer.detect_hedging(ANSWER)["acceptable"]
        assert ResponseAnalyzer.detect_hedging("I cannot help with that.")["severe"]
        assert ResponseAnalyzer.detect_hallucinations(ANSWER)["risk_level"] == "low"
        vague = "It depends on many things, and there are various aspects to consider. " * 3
        assert not ResponseAnalyzer.analyze_specificity(vague, "expert")["meets_requirement"]

    def test_complexity(self) -> None:
        detector = ComplexityDetector()
        assert detector.detect("hi") == (QueryComplexity.TRIVIAL, 0.95)
        assert detector.detect(QUESTION)[0] is QueryComplexity.TRIVIAL
        level, _, metadata = detector.detect("hi", return_metadata=True)
        assert level is QueryComplexity.TRIVIAL
        assert metadata["word_count"] == 1
        assert detector.get_stats()["total_detected"] == 3


class TestStreams:
    def test_events_of_an_accepted_and_of_a_rejected_draft(self) -> None:
        async def types(agent: CascadeAgent, **options: Any) -> list[str]:
            events = [event async for event in agent.stream_events(QUESTION, **options)]
            assert events[-1].data is not None
            assert events[-1].data["result"]["content"] == events[-1].result.content  # type: ignore[union-attr]
            kinds = [event.type.value for event in events]
            return [k for i, k in enumerate(kinds) if i == 0 or kinds[i - 1] != k]

        accepted = asyncio.run(types(agent_of()))
        assert accepted[0] == "routing"
        assert sorted(accepted[1:-1]) == ["chunk", "draft_decision"]
        rejecting = agent_of(fake(lambda m: ANSWER if m == "big" else ""))
        assert asyncio.run(types(rejecting)) == [
            "routing",
            "draft_decision",
            "switch",
            "chunk",
            "complete",
        ]
        direct = asyncio.run(types(agent_of(), force_direct=True))
        assert direct == ["routing", "chunk", "complete"]

    def test_failure_is_an_event_of_stream_events_and_an_error_of_run_streaming(self) -> None:
        agent = agent_of(fake(lambda _: RuntimeError("boom")))

        async def main() -> None:
            events = [event async for event in agent.stream(QUESTION)]
            assert events[-1].type is StreamEventType.ERROR
            assert events[-1].data is not None
            assert "boom" in events[-1].data["error"]
            assert events[-1].data["type"] == "RuntimeError"
            with pytest.raises(cascadeflowError):
                await agent.run_streaming(QUESTION, enable_visual=False)

        asyncio.run(main())

    def test_the_visual_form(self, capsys: pytest.CaptureFixture[str]) -> None:
        result = asyncio.run(agent_of().run_streaming(QUESTION))
        assert capsys.readouterr().out == result.content

    def test_the_class(self) -> None:
        event = StreamEvent(StreamEventType.CHUNK, "x")
        assert event.data == {}
        assert event.metadata is event.data
        assert repr(event) == (
            "StreamEvent(type=<StreamEventType.CHUNK: 'chunk'>, content='x', data={})"
        )


class TestBatches:
    def test_results_and_errors_in_order(self) -> None:
        seen: list[Any] = []
        agent = agent_of(fake(lambda m: RuntimeError("boom") if broken else ANSWER))
        broken = False
        batch = asyncio.run(agent.run_batch(["a", "b", "c"], on_progress=seen.append))
        assert [r.content for r in batch.results if r] == [ANSWER] * 3
        assert batch.success_rate == 1.0
        assert [p.done for p in seen] == [1, 2, 3]
        assert seen[-1].cost == pytest.approx(batch.total_cost)
        broken = True
        batch = asyncio.run(agent.run_batch(["a", "b"], BatchConfig(retry_failed=False)))
        assert (batch.success_count, batch.failure_count) == (0, 2)
        assert batch.results == [None, None]
        assert all("boom" in str(error) for error in batch.errors)
        assert all(isinstance(error, cascadeflowError) for error in batch.exceptions)
        assert asyncio.run(agent.run_batch([])).results == []

    def test_bad_options(self) -> None:
        with pytest.raises(exceptions.ValidationError) as caught:
            asyncio.run(agent_of().run_batch(["a"], BatchConfig(max_parallel=0)))
        assert caught.value.field == "max_parallel"


class TestNames:
    @pytest.mark.parametrize(
        ("alias", "target"),
        [
            ("exceptions", "schema.exceptions"),
            ("result", "schema.result"),
            ("config", "schema.config"),
            ("core.config", "schema.config"),
            ("cascade", "core.cascade"),
            ("speculative", "core.cascade"),
        ],
    )
    def test_alias_modules(self, alias: str, target: str) -> None:
        other = importlib.import_module(f"cascadeflow.{alias}")
        module = importlib.import_module(f"cascadeflow.{target}")
        for name in module.__all__:
            assert getattr(other, name) is getattr(module, name)

    def test_every_lazy_name_resolves(self) -> None:
        for name in dir(cascadeflow):
            assert getattr(cascadeflow, name) is not None
        with pytest.raises(AttributeError):
            _ = cascadeflow.no_such_name  # type: ignore[attr-defined]

    def test_exception_classes(self) -> None:
        error = exceptions.ProviderError("m", "p", ValueError("x"), 500)
        assert (str(error), error.provider, error.status_code) == ("m", "p", 500)
        assert exceptions.RateLimitError("m").retry_after == 3600
        assert exceptions.BudgetExceededError("m", 2.0).remaining == 2.0
        assert exceptions.HarnessStopError("m", "r").reason == "r"
        assert exceptions.ToolExecutionError("m", "t").tool_name == "t"
        assert issubclass(exceptions.AuthenticationError, exceptions.ProviderError)
        assert not issubclass(exceptions.RateLimitError, exceptions.ProviderError)
        assert exceptions.ConfigError("m").kind == "config"


class TestTools:
    def test_helpers(self) -> None:
        assert helpers.format_cost(0.0012) == "$0.0012"
        assert helpers.parse_model_identifier("openai:gpt-4") == ("openai", "gpt-4")
        assert helpers.parse_model_identifier("gpt-4") == ("", "gpt-4")
        assert helpers.truncate_text("abcdefghij", 5) == "ab..."
        assert helpers.estimate_tokens("") == 1
        assert helpers.estimate_tokens("hello world foo") >= 3
        assert helpers.calculate_cosine_similarity([1, 0], [1, 1]) == pytest.approx(
            0.7071, abs=1e-4
        )
        with pytest.raises(ValueError, match="NO_SUCH_VARIABLE"):
            helpers.get_env_or_raise("NO_SUCH_VARIABLE")

    def test_messages(self) -> None:
        conversation = [
            {"role": "system", "content": "S"},
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": "yo"},
            {"role": "user", "content": "q"},
        ]
        text = messages.messages_to_prompt(conversation)
        assert text == "System: S\nUser: hi\nAssistant: yo\nUser: q"
        assert messages.get_last_user_message(conversation) == "q"
        assert messages.detect_multi_turn("", conversation)
        assert not messages.detect_multi_turn("hello")

    def test_presets(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("OPENAI", "ANTHROPIC", "GROQ", "TOGETHER"):
            monkeypatch.delenv(f"{name}_API_KEY", raising=False)
        with pytest.raises(exceptions.ConfigError, match="OPENAI_API_KEY"):
            presets.get_balanced_agent()
        with pytest.raises(ValueError, match="unknown preset"):
            presets.auto_agent("nonsense")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
        names = [m.name for m in presets.auto_agent().models]
        assert names == ["gpt-4o-mini", "gpt-4o"]
        assert [m.name for m in CascadeAgent.from_env().models] == names
        for preset in ("cost_optimized", "speed_optimized", "quality_optimized", "development"):
            assert presets.auto_agent(preset).models

    def test_providers_by_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from cascadeflow.providers import get_available_providers, get_provider

        monkeypatch.delenv("OPENAI_API_KEY", raising=False)
        assert get_provider("openai") is None
        assert get_provider("nobody") is None
        assert {"ollama", "vllm"} <= set(get_available_providers())
        assert "openai" not in get_available_providers()
