use std::collections::BTreeMap;
use std::sync::Arc;

use cascade_core::{
    LongContext, LongContextScope, ModelPrice, ServiceTier, TierRates, TokenRates, Usage, Usd,
};
use proptest::prelude::*;

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

#[test]
fn decimal_text_is_exact() {
    assert_eq!(Usd::from_f64(0.1).unwrap() + Usd::from_f64(0.2).unwrap(), usd("0.3"));
    assert_eq!(usd("1e-7"), usd("0.0000001"));
    assert_eq!(usd("0.00015").per_thousand(30), usd("0.0000045"));
    assert_eq!(usd("2.5").per_million(1), usd("0.0000025"));
    assert_eq!(usd("0.30").to_string(), "0.3");
    assert!(Usd::from_f64(f64::NAN).is_err());
    assert!(Usd::from_f64(f64::INFINITY).is_err());
    assert!("ten".parse::<Usd>().is_err());
}

#[test]
fn every_kind_of_token_has_its_price() {
    let price = ModelPrice {
        cached_input: Some(usd("0.3")),
        cache_write_5m: Some(usd("3.75")),
        cache_write_1h: Some(usd("6")),
        reasoning: Some(usd("20")),
        ..ModelPrice::new(usd("3"), usd("15"))
    };
    let usage = Usage {
        input_tokens: 1_000,
        cached_input_tokens: 400,
        cache_write_5m_tokens: 200,
        cache_write_1h_tokens: 100,
        output_tokens: 50,
        reasoning_tokens: 20,
        ..Usage::default()
    };
    // 300·3 + 400·0.3 + 200·3.75 + 100·6 + 30·15 + 20·20 = 3220 per million.
    assert_eq!(price.cost(&usage), usd("0.00322"));
}

proptest! {
    #[test]
    fn amounts_survive_text_and_json(cents in -10_i64.pow(15)..10_i64.pow(15), scale in 0_u32..9) {
        let digits = format!("{cents}e-{scale}");
        let amount: Usd = digits.parse().unwrap();
        prop_assert_eq!(amount.to_string().parse::<Usd>().unwrap(), amount);
        let json = serde_json::to_string(&amount).unwrap();
        prop_assert_eq!(serde_json::from_str::<Usd>(&json).unwrap(), amount);
        prop_assert_eq!(amount.to_f64(), digits.parse::<f64>().unwrap());
    }

    #[test]
    fn prices_are_linear_in_tokens(price in 0_u64..10_u64.pow(9), a in 0_u64..10_u64.pow(9), b in 0_u64..10_u64.pow(9)) {
        let price: Usd = format!("{price}e-9").parse().unwrap();
        prop_assert_eq!(price.per_thousand(a) + price.per_thousand(b), price.per_thousand(a + b));
    }
}

fn rates(input: Option<u64>, output: Option<u64>) -> TokenRates {
    let amount = |price: u64| Usd::from_decimal(price.into());
    TokenRates { input: input.map(amount), output: output.map(amount), ..TokenRates::default() }
}

fn price_with(scope: LongContextScope, threshold_tokens: u64, prices: [u64; 4]) -> ModelPrice {
    let [input, output, more_input, more_output] = prices;
    let amount = |price: u64| Usd::from_decimal(price.into());
    let long = rates(Some(input + more_input), Some(output + more_output));
    ModelPrice {
        long_context: Some(Arc::new(LongContext { threshold_tokens, scope, rates: long })),
        ..ModelPrice::new(amount(input), amount(output))
    }
}

#[test]
fn a_tier_that_is_not_listed_costs_what_the_standard_one_does() {
    let tiers = BTreeMap::from([(
        ServiceTier::Batch,
        TierRates { rates: rates(Some(1), None), long_context: None },
    )]);
    let price = ModelPrice { tiers: Some(Arc::new(tiers)), ..ModelPrice::new(usd("2"), usd("4")) };
    let cost =
        |service_tier| price.cost(&Usage { service_tier, ..Usage::new(1_000_000, 1_000_000) });
    assert_eq!(cost(None), usd("6"));
    assert_eq!(cost(Some(ServiceTier::Standard)), usd("6"));
    assert_eq!(cost(Some(ServiceTier::Priority)), usd("6"));
    assert_eq!(cost(Some(ServiceTier::Batch)), usd("5"));
    assert_eq!(ServiceTier::named("default"), Some(ServiceTier::Standard));
    assert_eq!(ServiceTier::named("scale"), None);
}

#[test]
fn what_usage_does_not_have_is_not_written() {
    let plain = serde_json::to_value(Usage::new(1, 2)).unwrap();
    assert!(plain.get("audio_input_tokens").is_none() && plain.get("service_tier").is_none());
    let usage =
        Usage { audio_input_tokens: 1, service_tier: Some(ServiceTier::Flex), ..Usage::new(1, 2) };
    let json = serde_json::to_string(&usage).unwrap();
    assert_eq!(serde_json::from_str::<Usage>(&json).unwrap(), usage);
}

#[test]
fn a_misspelt_price_is_refused() {
    let error =
        serde_json::from_str::<ModelPrice>(r#"{"input": "1", "output": "1", "cached": "1"}"#);
    assert!(error.unwrap_err().to_string().contains("cached"));
}

proptest! {
    #[test]
    fn long_prompts_cost_no_less_and_marginal_ones_lie_between(
        threshold in 1_u64..500_000,
        prices in proptest::array::uniform4(0_u64..100),
        input in 0_u64..1_000_000,
        output in 0_u64..100_000,
        cached in 0_u64..1_000_000,
    ) {
        let usage = Usage { cached_input_tokens: cached, ..Usage::new(input, output) };
        let plain = ModelPrice::new(
            Usd::from_decimal(prices[0].into()),
            Usd::from_decimal(prices[1].into()),
        );
        let (plain, request, marginal) = (
            plain.cost(&usage),
            price_with(LongContextScope::Request, threshold, prices).cost(&usage),
            price_with(LongContextScope::Marginal, threshold, prices).cost(&usage),
        );
        prop_assert!(plain <= marginal && marginal <= request);
        if input <= threshold {
            prop_assert_eq!(plain, request);
        }
    }

    #[test]
    fn every_token_is_priced_exactly_once(
        parts in proptest::array::uniform9(0_u64..2_000),
        input in 0_u64..4_000,
        output in 0_u64..4_000,
    ) {
        // With one price for every kind the cost is that of the totals, whatever the details say.
        let usage = Usage {
            cached_input_tokens: parts[0],
            cached_audio_input_tokens: parts[1],
            cache_write_5m_tokens: parts[2],
            cache_write_1h_tokens: parts[3],
            audio_input_tokens: parts[4],
            image_input_tokens: parts[5],
            reasoning_tokens: parts[6],
            audio_output_tokens: parts[7],
            image_output_tokens: parts[8],
            ..Usage::new(input, output)
        };
        let price = ModelPrice::new(usd("3"), usd("15"));
        let totals = usd("3").per_million(input) + usd("15").per_million(output);
        prop_assert_eq!(price.cost(&usage), totals);
    }
}
