use cascade_core::{ModelPrice, Usage, Usd};
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
