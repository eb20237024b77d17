//! The table of what providers are good for.

use std::collections::BTreeSet;

use cascade_core::ErrorKind;
use cascade_providers::{
    dialects, get_available_providers, get_provider_info, supported_providers, validate_provider,
};

#[test]
fn every_driver_is_in_the_table_and_says_what_it_is_good_for() {
    let mut names = BTreeSet::new();
    for provider in supported_providers() {
        for name in std::iter::once(&provider.name).chain(&provider.aliases) {
            assert!(names.insert(*name), "{name} stands twice");
        }
        for text in [provider.value, provider.cost_range, provider.speed, provider.use_case] {
            assert!(!text.trim().is_empty(), "{}", provider.name);
        }
        assert!(!provider.example_models.is_empty());
        assert_eq!(provider.built_in, dialects().iter().any(|row| row.name == provider.name));
    }
    for row in dialects() {
        let provider = get_provider_info(row.name).unwrap();
        assert_eq!((provider.display_name, &provider.aliases), (row.title, &row.aliases));
        assert_eq!(provider.requires_api_key(), row.key_required);
    }
}

#[test]
fn names_and_aliases_are_valid_in_any_case() {
    for (name, expected) in
        [("openai", "openai"), ("Fireworks_AI", "fireworks"), (" vertex ", "vertex_ai")]
    {
        assert_eq!(validate_provider(name).unwrap().name, expected);
    }
    assert!(get_provider_info("nonesuch").is_none());
}

#[test]
fn an_unknown_name_is_told_the_known_ones_and_the_nearest() {
    let error = validate_provider("nonesuch").unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Validation, Some("provider")));
    let text = error.to_string();
    assert!(text.contains("nonesuch"));
    for provider in supported_providers() {
        assert!(text.contains(provider.name), "{text}");
    }
    let hint = validate_provider("antropic").unwrap_err().hint().unwrap().to_owned();
    assert!(hint.starts_with("did you mean `anthropic`?"), "{hint}");
}

#[test]
fn available_are_those_with_a_credential_and_those_that_need_none() {
    assert_eq!(get_available_providers(&|_| None), ["ollama", "vllm"]);
    let lookup = |name: &str| {
        matches!(name, "CO_API_KEY" | "GOOGLE_APPLICATION_CREDENTIALS").then(|| "x".to_owned())
    };
    assert_eq!(get_available_providers(&lookup), ["ollama", "vllm", "cohere", "vertex_ai"]);
}
