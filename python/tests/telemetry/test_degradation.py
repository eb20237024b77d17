"""Cheaper models instead of dear ones, and what cascades cost."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from cascadeflow import ModelConfig, ValidationError
from cascadeflow.telemetry import (
    DEFAULT_DEGRADATION_MAP,
    CostBreakdown,
    CostCalculator,
    estimate_cost_savings,
    get_cheaper_model,
    get_cheaper_models,
    get_degradation_chain,
)


class TestDegradation:
    def test_the_map(self) -> None:
        assert len(DEFAULT_DEGRADATION_MAP) == 16
        assert DEFAULT_DEGRADATION_MAP["gpt-4"] == "gpt-4o-mini"
        assert DEFAULT_DEGRADATION_MAP["claude-3-haiku"] is None

    def test_the_cheaper_model(self) -> None:
        assert get_cheaper_model("gpt-4o") == "gpt-4o-mini"
        assert get_cheaper_model("llama-3.1-8b") is None
        assert get_cheaper_model("nobody-knows-it") == "gpt-3.5-turbo"
        assert get_cheaper_model("a", {"a": "b"}) == "b"

    def test_a_model_of_the_catalogue_gets_one_of_its_provider(self) -> None:
        assert get_cheaper_model("gpt-5") == "gpt-5-mini"

    def test_the_chain(self) -> None:
        assert get_degradation_chain("gpt-4") == ["gpt-4", "gpt-4o-mini", "gpt-3.5-turbo"]
        assert get_degradation_chain("a", {"a": "b", "b": "a"}) == ["a", "b"]

    def test_the_saving(self) -> None:
        saving = estimate_cost_savings("gpt-4", "gpt-4o-mini")
        assert saving is not None
        assert 0.98 < saving < 1
        assert estimate_cost_savings("gpt-4o-mini", "gpt-4") == 0.0
        assert estimate_cost_savings("gpt-4", "nobody-knows-it") is None

    def test_the_cheaper_ones_of_an_agents_models(self) -> None:
        dear = ModelConfig(name="dear", provider="openai", cost=0.03)
        cheap = ModelConfig(name="cheap", provider="openai", cost=0.003)
        free = ModelConfig(name="free", provider="ollama", cost=0.0)
        found = get_cheaper_models([dear, cheap, free], dear)
        assert [model.name for model, _ in found] == ["free", "cheap"]
        assert [saving for _, saving in found] == [1.0, pytest.approx(0.9)]
        assert get_cheaper_models([dear, cheap, free], "free") == []
        assert get_cheaper_models([dear], "unknown") == []


@pytest.fixture
def calculator() -> CostCalculator:
    drafter = ModelConfig(name="d", provider="openai", cost=0.001)
    verifier = ModelConfig(name="v", provider="openai", cost=0.01)
    return CostCalculator(drafter, verifier)


class TestCalculator:
    def test_an_accepted_draft(self, calculator: CostCalculator) -> None:
        it = calculator.calculate_from_tokens(100, 0, True, 50)
        assert (it.draft_cost, it.verifier_cost, it.bigonly_cost) == (0.00015, 0.0, 0.0015)
        assert (it.cost_saved, it.savings_percent) == (0.00135, pytest.approx(90))
        assert repr(it) == (
            "CostBreakdown(total=$0.000150, draft=$0.000150, verifier=$0.000000, "
            "saved=$0.001350 (90.0%), draft_accepted)"
        )

    def test_a_rejected_draft_saves_less_than_nothing(self, calculator: CostCalculator) -> None:
        it = calculator.calculate_from_tokens(100, 200, False, 50)
        assert (it.total_cost, it.cost_saved) == (0.00265, -0.00015)
        assert it.savings_percent == pytest.approx(-6)
        assert (it.draft_tokens, it.verifier_tokens, it.total_tokens) == (150, 250, 400)
        assert it.metadata == {
            "calculation_method": "from_tokens",
            "drafter_model": "d",
            "verifier_model": "v",
            "query_input_tokens": 50,
            "draft_output_tokens": 100,
            "verifier_output_tokens": 200,
        }
        assert it.to_dict()["total_cost"] == 0.00265

    def test_a_result_of_another_kind(self, calculator: CostCalculator) -> None:
        result = SimpleNamespace(
            content="word " * 100,
            draft_accepted=True,
            metadata={"prompt_tokens": 5, "completion_tokens": 100},
        )
        it = calculator.calculate(result, "what is this")
        assert (it.draft_tokens, it.draft_cost) == (105, 0.000105)

    def test_a_negative_count_is_refused(self, calculator: CostCalculator) -> None:
        with pytest.raises(ValidationError) as raised:
            calculator.calculate_from_tokens(-5, 0, True)
        assert raised.value.field == "draft_output_tokens"

    def test_tokens_of_a_text(self) -> None:
        texts = ("", "a", "hello world", "word " * 100)
        assert [CostCalculator.estimate_tokens(text) for text in texts] == [0, 1, 2, 130]

    def test_a_breakdown_made_by_hand(self) -> None:
        it = CostBreakdown(1, 2, 3, 4, 5, 6, 7, 8, 9, True, False)
        assert it.metadata == {}
