use std::sync::Arc;

use cascade_core::ports::Provider;
use cascade_core::{ApiKey, ChatResponse, ErrorKind, ModelConfig};
use cascade_providers::{ProviderRegistry, configured_providers};
use cascade_testkit::InstantProvider;

#[test]
fn the_builtin_names_are_known() {
    let registry = ProviderRegistry::builtin();
    let names: Vec<_> = registry.names().collect();
    assert_eq!(
        names,
        [
            "anthropic",
            "cohere",
            "deepseek",
            "fireworks",
            "google",
            "groq",
            "huggingface",
            "ollama",
            "openai",
            "openrouter",
            "together",
            "vertex_ai",
            "vllm"
        ]
    );
    for (alias, name) in [
        ("together_ai", "together"),
        ("fireworks_ai", "fireworks"),
        ("OpenAI", "openai"),
        ("vertex", "vertex_ai"),
        ("gemini", "google"),
        ("vllm", "vllm"),
    ] {
        assert_eq!(registry.canonical_name(alias), Some(name));
    }
    assert_eq!(registry.canonical_name("acme"), None);
}

#[test]
fn a_missing_key_names_field_variable_and_remedy() {
    for (provider, variable) in [
        ("openai", "OPENAI_API_KEY"),
        ("anthropic", "ANTHROPIC_API_KEY"),
        ("groq", "GROQ_API_KEY"),
        ("together_ai", "TOGETHER_API_KEY"),
        ("huggingface", "HF_TOKEN"),
        ("cohere", "COHERE_API_KEY"),
        ("google", "GEMINI_API_KEY"),
    ] {
        let model = ModelConfig::new("m", provider);
        let blank = |_: &str| Some("  ".to_owned());
        for lookup in [&|_: &str| None as Option<String>, &blank as &dyn Fn(&str) -> _] {
            let error = ProviderRegistry::builtin().create(&model, lookup).err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Auth);
            assert_eq!((error.field(), error.env_var()), (Some("api_key"), Some(variable)));
            assert!(error.hint().unwrap().contains(variable));
        }
        let found = |name: &str| (name == variable).then(|| "k".to_owned());
        assert!(ProviderRegistry::builtin().create(&model, &found).is_ok());
        let mut keyed = model;
        keyed.api_key = Some(ApiKey::new("k"));
        assert!(ProviderRegistry::builtin().create(&keyed, &|_| None).is_ok());
    }
}

#[test]
fn local_servers_need_no_key() {
    for provider in ["ollama", "vllm"] {
        let model = ModelConfig::new("m", provider);
        let made = ProviderRegistry::builtin().create(&model, &|_| None).unwrap();
        assert_eq!(made.name(), provider);
    }
}

#[test]
fn a_key_that_cannot_be_sent_is_refused_unseen() {
    let mut model = ModelConfig::new("m", "openai");
    model.api_key = Some(ApiKey::new("sk-secret\nx"));
    let error = ProviderRegistry::builtin().create(&model, &|_| None).err().unwrap();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Auth, Some("api_key")));
    assert!(!format!("{error:?}").contains("secret"));
}

#[test]
fn an_unknown_provider_names_the_known_ones_and_the_nearest() {
    let create = |provider: &str| {
        ProviderRegistry::builtin().create(&ModelConfig::new("m", provider), &|_| None)
    };
    let error = create("opnai").err().unwrap();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Validation, Some("provider")));
    assert!(error.message().contains("`opnai`"));
    let hint = error.hint().unwrap();
    assert!(hint.contains("did you mean `openai`?") && hint.contains("anthropic"), "{hint}");
    let error = create("something-else").err().unwrap();
    assert!(!error.hint().unwrap().contains("did you mean"));
}

#[test]
fn a_registered_factory_takes_the_place_of_the_builtin() {
    let mut registry = ProviderRegistry::builtin();
    registry.register(
        "openai",
        Arc::new(|model, _| {
            let answer = ChatResponse::from_text(format!("from {}", model.name));
            Ok(Arc::new(InstantProvider::new("mine", answer)) as Arc<dyn Provider>)
        }),
    );
    let made = registry.create(&ModelConfig::new("m", "openai"), &|_| None).unwrap();
    assert_eq!(made.name(), "mine");
    registry.register("together_ai", registry_entry());
    assert_eq!(registry.canonical_name("together_ai"), Some("together_ai"));
}

fn registry_entry() -> cascade_providers::ProviderFactory {
    Arc::new(|_, _| Ok(Arc::new(InstantProvider::from_text("x", "y")) as Arc<dyn Provider>))
}

#[test]
fn configured_providers_are_those_with_a_key() {
    let lookup = |name: &str| {
        matches!(name, "ANTHROPIC_API_KEY" | "TOGETHERAI_API_KEY").then(|| "k".to_owned())
    };
    assert_eq!(configured_providers(&lookup), ["anthropic", "together"]);
    assert!(configured_providers(&|_| None).is_empty());
}
