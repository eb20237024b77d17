//! What a call will cost.

use cascade_core::{ErrorKind, Message, ModelConfig, Priced, ServiceTier, Usd};
use cascade_telemetry::{CostEstimator, CountSource, PriceCatalogue, PriceFile, TokenCounter};

const PRICES: &str = r#"{
  "provider": "anthropic", "source": "test", "date": "2026-01-02",
  "models": [
    {"id": "claude-x", "output_tokens": 1000,
     "price": {"input": "3", "output": "15", "tiers": {"batch": {"rates": {"input": "1.5", "output": "7.5"}}}}}
  ]
}"#;

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

fn estimator() -> CostEstimator {
    CostEstimator::new(PriceCatalogue::from_files(vec![PriceFile::parse(PRICES).unwrap()]))
}

fn messages() -> Vec<Message> {
    vec![Message::user("Name the capital of France, and say why it is the capital.")]
}

#[test]
fn the_prompt_and_the_longest_answer_are_priced() {
    let prompt = TokenCounter::estimate().messages(&messages()).tokens;
    for name in ["claude-x", "anthropic/claude-x"] {
        let estimate = estimator().estimate_cost(name, &messages(), Some(200)).unwrap();
        assert_eq!(estimate.provider.as_deref(), Some("anthropic"));
        assert_eq!(estimate.model, "claude-x");
        assert_eq!((estimate.input_tokens, estimate.output_tokens), (prompt, 200));
        assert_eq!(estimate.input_cost, Some(usd("3").per_million(prompt)));
        assert_eq!(estimate.cost, Some(usd("3").per_million(prompt) + usd("0.003")));
        assert_eq!(estimate.priced, Priced::Catalogue);
        assert_eq!(estimate.counted, CountSource::Estimate);
    }
    let longest = estimator().estimate_cost("claude-x", &messages(), None).unwrap();
    assert_eq!(longest.output_tokens, 1_000);
    let batch = estimator().at_tier(ServiceTier::Batch);
    let batch = batch.estimate_cost("claude-x", &messages(), Some(200)).unwrap();
    assert_eq!(batch.cost, Some(usd("1.5").per_million(prompt) + usd("0.0015")));
}

#[test]
fn an_unknown_model_is_unpriced_not_free() {
    let estimate = estimator().estimate_cost("who-knows", &messages(), Some(10)).unwrap();
    assert_eq!((estimate.cost, estimate.priced), (None, Priced::Unpriced));
    assert_eq!(estimate.provider, None);
    let error = estimator().estimate_cost("who-knows", &messages(), None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
    assert_eq!(error.field(), Some("max_tokens"));
}

#[test]
fn a_local_model_is_free() {
    let estimator = CostEstimator::new(PriceCatalogue::embedded());
    let estimate = estimator.estimate_cost("ollama/my-model", &messages(), Some(10)).unwrap();
    assert_eq!((estimate.cost, estimate.priced), (Some(Usd::ZERO), Priced::Free));
    assert_eq!(estimate.provider.as_deref(), Some("ollama"));
}

#[test]
fn a_configured_cost_wins() {
    let model = ModelConfig::new("claude-x", "anthropic").with_cost(usd("0.002"));
    let estimate = estimator().estimate_model(&model, &messages(), Some(100)).unwrap();
    let tokens = estimate.input_tokens + 100;
    assert_eq!(estimate.cost, Some(usd("0.002").per_thousand(tokens)));
    assert_eq!(estimate.priced, Priced::Configured);
    let free = ModelConfig::new("claude-x", "anthropic").with_cost(Usd::ZERO);
    assert_eq!(
        estimator().estimate_model(&free, &messages(), Some(1)).unwrap().priced,
        Priced::Free
    );
    let mut listed = ModelConfig::new("claude-x", "anthropic");
    assert_eq!(
        estimator().estimate_model(&listed, &messages(), None).unwrap().output_tokens,
        1_000
    );
    listed.max_tokens = Some(50);
    assert_eq!(estimator().estimate_model(&listed, &messages(), None).unwrap().output_tokens, 50);
}
