//! The prices that come with the crate.

use std::collections::{BTreeMap, BTreeSet};

use cascade_core::ports::PriceSource;
use cascade_core::{ModelConfig, ModelPrice, Usage, Usd};
use cascade_telemetry::{Capability, CataloguedModel, ModelKind, PriceCatalogue};
use proptest::prelude::*;

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

fn find(provider: &str, model: &str) -> CataloguedModel {
    let catalogue = PriceCatalogue::embedded();
    catalogue.find(provider, model).unwrap_or_else(|| panic!("{provider}: {model}")).clone()
}

#[test]
fn twelve_providers_and_at_least_three_hundred_models() {
    let catalogue = PriceCatalogue::embedded();
    let mut models: BTreeMap<&str, usize> = BTreeMap::new();
    for (provider, _) in catalogue.models() {
        *models.entry(provider).or_default() += 1;
    }
    assert!(models.values().sum::<usize>() >= 300, "{models:?}");
    let providers: BTreeSet<&str> =
        catalogue.files().iter().map(|file| file.provider.as_str()).collect();
    let twelve = [
        "anthropic",
        "cohere",
        "deepseek",
        "fireworks",
        "groq",
        "huggingface",
        "ollama",
        "openai",
        "openrouter",
        "together",
        "vertex_ai",
        "vllm",
    ];
    assert_eq!(providers, BTreeSet::from(twelve));
    for provider in twelve.iter().filter(|name| **name != "vllm") {
        assert!(models[provider] >= 5, "{provider}: {}", models[provider]);
    }
}

#[test]
fn every_name_finds_its_own_row_and_only_that() {
    let catalogue = PriceCatalogue::embedded();
    let mut seen = BTreeSet::new();
    for (provider, model) in catalogue.models() {
        for name in std::iter::once(&model.id).chain(&model.aliases) {
            assert!(seen.insert((provider, name)), "{provider}: `{name}` twice");
            assert_eq!(catalogue.find(provider, name).unwrap().id, model.id, "{name}");
            let prefixed = format!("{provider}/{name}");
            assert_eq!(catalogue.find(provider, &prefixed).unwrap().id, model.id, "{prefixed}");
            let (at, found) = catalogue.find_by_name(&prefixed).unwrap();
            assert_eq!((at, &found.id), (provider, &model.id), "{prefixed}");
        }
    }
}

#[test]
fn rows_are_plausible() {
    for (provider, model) in PriceCatalogue::embedded().models() {
        let name = format!("{provider}: {}", model.id);
        let price = &model.price;
        if matches!(provider, "ollama" | "vllm") || model.id.ends_with(":free") {
            assert!(price.is_free(), "{name}");
            continue;
        }
        assert!(!price.is_free(), "{name}");
        // Nobody charges more than a cent for a token.
        assert!(price.output <= usd("10000"), "{name}");
        if model.kind == ModelKind::Embedding {
            assert!(price.output.is_zero() && model.can(Capability::Embeddings), "{name}");
        }
        if let Some(long) = &price.long_context {
            assert!(long.threshold_tokens >= 32_000, "{name}");
        }
        for limit in [model.context_tokens, model.output_tokens].into_iter().flatten() {
            assert!((128..=20_000_000).contains(&limit), "{name}: {limit}");
        }
    }
}

#[test]
fn well_known_prices() {
    // From the providers' price pages.
    let cases = [
        ("openai", "gpt-4o-mini", "0.15", "0.6"),
        ("openai", "gpt-4o", "2.5", "10"),
        ("openai", "gpt-4o-2024-05-13", "5", "15"),
        ("openai", "o1", "15", "60"),
        ("anthropic", "claude-sonnet-4-5", "3", "15"),
        ("anthropic", "claude-3-5-haiku-20241022", "0.8", "4"),
        ("anthropic", "claude-3-opus-20240229", "15", "75"),
        ("groq", "llama-3.1-8b-instant", "0.05", "0.08"),
        ("deepseek", "deepseek-chat", "0.28", "0.42"),
        ("vertex_ai", "gemini-2.5-pro", "1.25", "10"),
        ("cohere", "command-r-plus-08-2024", "2.5", "10"),
        ("huggingface", "meta-llama/Llama-3.1-8B-Instruct:groq", "0.05", "0.08"),
    ];
    for (provider, model, input, output) in cases {
        let price = find(provider, model).price;
        assert_eq!((price.input, price.output), (usd(input), usd(output)), "{model}");
    }
    let opus = find("anthropic", "claude-3-opus-20240229").price;
    assert_eq!(opus.cache_write_1h, Some(usd("30")));
    let gemini = find("vertex_ai", "gemini-2.5-pro").price.long_context.unwrap();
    assert_eq!(gemini.threshold_tokens, 200_000);
    assert_eq!(gemini.rates.input, Some(usd("2.5")));
}

#[test]
fn the_names_people_use_are_known() {
    for (provider, model) in [
        ("openai", "gpt-4o-2024-11-20"),
        ("openai", "GPT-4o-Mini"),
        ("openai", "gpt-4o-latest"),
        ("anthropic", "claude-3-5-sonnet-latest"),
        ("anthropic", "claude-sonnet-4-20250514"),
        ("anthropic", "claude-sonnet-4-0"),
        ("anthropic", "anthropic/claude-haiku-4-5"),
        ("anthropic", "claude-haiku-4-5-20251001"),
        ("fireworks_ai", "deepseek-v3p2"),
        ("fireworks", "accounts/fireworks/models/deepseek-v3"),
        ("together_ai", "meta-llama/Llama-3.3-70B-Instruct-Turbo"),
        ("google", "gemini-2.5-flash"),
        ("gemini", "gemini/gemini-2.5-flash"),
        ("vertex_ai", "claude-sonnet-4-5@20250929"),
        ("openrouter", "openrouter/anthropic/claude-sonnet-4.5"),
        ("OpenAI", "gpt-4.1"),
    ] {
        assert!(!find(provider, model).price.is_free(), "{model}");
    }
}

#[test]
fn local_models_are_free_and_unknown_ones_unpriced() {
    let catalogue = PriceCatalogue::embedded();
    for provider in ["ollama", "vllm", "hosted_vllm"] {
        let price = catalogue.price(&ModelConfig::new("my-own-model", provider)).unwrap();
        assert!(price.is_free());
    }
    assert_eq!(catalogue.price(&ModelConfig::new("my-own-model", "openai")), None);
    assert_eq!(catalogue.price(&ModelConfig::new("gpt-4o", "nobody")), None);
}

#[test]
fn a_service_tier_and_a_long_prompt_change_the_cost() {
    let price = find("openai", "gpt-5.4").price;
    let at = |tier: &str, input| {
        let usage =
            Usage { service_tier: cascade_core::ServiceTier::named(tier), ..Usage::new(input, 10) };
        price.cost(&usage)
    };
    assert!(at("batch", 1_000) < at("default", 1_000));
    assert!(at("priority", 1_000) > at("default", 1_000));
    assert!(
        at("default", 272_001)
            > at("default", 272_000) + at("default", 272_000) - at("default", 1_000)
    );
}

fn any_usage() -> impl Strategy<Value = Usage> {
    (0_u64..400_000, 0_u64..50_000, proptest::collection::vec(0_u64..200_000, 6)).prop_map(
        |(input, output, parts)| Usage {
            cached_input_tokens: parts[0],
            cache_write_5m_tokens: parts[1],
            cache_write_1h_tokens: parts[2],
            reasoning_tokens: parts[3],
            audio_input_tokens: parts[4],
            image_input_tokens: parts[5],
            ..Usage::new(input, output)
        },
    )
}

proptest! {
    #[test]
    fn costs_are_bounded_by_the_cheapest_and_dearest_rate(usage in any_usage(), at in 0_usize..2_000) {
        let catalogue = PriceCatalogue::embedded();
        let (_, model) = catalogue.models().nth(at % catalogue.models().count()).unwrap();
        let rates = rates_of(&model.price);
        let (low, high) = (rates.iter().min().unwrap(), rates.iter().max().unwrap());
        let cost = model.price.cost(&usage);
        prop_assert!(cost >= low.per_million(usage.total_tokens()), "{}", model.id);
        prop_assert!(cost <= high.per_million(usage.total_tokens()), "{}", model.id);
    }
}

fn rates_of(price: &ModelPrice) -> Vec<Usd> {
    let long = price.long_context.iter().flat_map(|long| {
        let r = &long.rates;
        [
            r.input,
            r.output,
            r.cached_input,
            r.cache_write_5m,
            r.cache_write_1h,
            r.reasoning,
            r.audio_input,
        ]
    });
    let own = [
        Some(price.input),
        Some(price.output),
        price.cached_input,
        price.cache_write_5m,
        price.cache_write_1h,
        price.reasoning,
        price.audio_input,
        price.image_input,
    ];
    own.into_iter().chain(long).flatten().collect()
}
