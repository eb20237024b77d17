use cascade_core::{ModelConfig, ModelPrice, Usd};
use cascade_telemetry::{CascadeTokens, CostCalculator, PriceCatalogue};
use proptest::prelude::*;

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

fn calculator() -> CostCalculator {
    CostCalculator::new(
        ModelPrice::flat_per_thousand(usd("0.001")),
        ModelPrice::flat_per_thousand(usd("0.01")),
    )
}

#[test]
fn an_accepted_draft_saves_what_the_verifier_would_have_cost() {
    let tokens = CascadeTokens { input: 50, draft_output: 100, verifier_output: 200 };
    let it = calculator().calculate(tokens, true);
    assert_eq!((it.draft_cost, it.verifier_cost), (usd("0.00015"), Usd::ZERO));
    assert_eq!((it.baseline_cost, it.cost_saved), (usd("0.0015"), usd("0.00135")));
    assert!((it.savings_percent - 90.0).abs() < 1e-9);
    assert_eq!((it.draft_tokens, it.verifier_tokens, it.total_tokens), (150, 0, 150));
}

#[test]
fn a_rejected_draft_costs_more_than_the_verifier_alone() {
    let tokens = CascadeTokens { input: 50, draft_output: 100, verifier_output: 200 };
    let it = calculator().calculate(tokens, false);
    assert_eq!((it.total_cost, it.cost_saved), (usd("0.00265"), usd("-0.00015")));
    assert!((it.savings_percent + 6.0).abs() < 1e-9);
    assert_eq!((it.verifier_tokens, it.total_tokens), (250, 400));
}

#[test]
fn nothing_costs_nothing() {
    let it = calculator().calculate(CascadeTokens::default(), true);
    assert_eq!((it.total_cost, it.savings_percent), (Usd::ZERO, 0.0));
}

#[test]
fn a_models_own_cost_wins_over_the_catalogue() {
    let own = ModelConfig { cost: Some(usd("0.002")), ..ModelConfig::new("gpt-4o", "openai") };
    let listed = ModelConfig::new("gpt-4o", "openai");
    let catalogue = PriceCatalogue::embedded();
    let calculator = CostCalculator::of_models(&catalogue, &own, &listed).unwrap();
    let unknown = ModelConfig::new("nobody-knows-it", "openai");
    let error = CostCalculator::of_models(&catalogue, &own, &unknown).unwrap_err();
    assert_eq!((error.field(), error.model()), (Some("cost"), Some("nobody-knows-it")));
    let tokens = CascadeTokens { input: 1_000, draft_output: 0, verifier_output: 1_000 };
    let it = calculator.calculate(tokens, false);
    assert_eq!((it.draft_cost, it.verifier_cost), (usd("0.002"), usd("0.0125")));
}

proptest! {
    #[test]
    fn total_and_saving_make_the_baseline(
        input in 0_u64..1_000_000, draft in 0_u64..1_000_000, verifier in 0_u64..1_000_000,
        accepted: bool,
    ) {
        let tokens = CascadeTokens { input, draft_output: draft, verifier_output: verifier };
        let it = calculator().calculate(tokens, accepted);
        prop_assert_eq!(it.total_cost + it.cost_saved, it.baseline_cost);
        prop_assert_eq!(it.draft_cost + it.verifier_cost, it.total_cost);
        prop_assert_eq!(it.draft_tokens + it.verifier_tokens, it.total_tokens);
        prop_assert_eq!(it.cost_saved.is_negative(), !accepted && !it.draft_cost.is_zero());
    }
}
