//! `cascadeflow models`.

use serde_json::Value;

use crate::command::{cascadeflow, cascadeflow_in};

#[test]
fn the_list_has_prices_as_numbers() {
    let models = cascadeflow(["models", "--json"]).json();
    let models = models.as_array().unwrap();
    for model in models {
        for field in ["id", "provider"] {
            assert!(model[field].as_str().is_some_and(|text| !text.is_empty()), "{model}");
        }
        for field in ["input", "output"] {
            assert!(model[field].as_f64().is_some_and(|price| price >= 0.0), "{model}");
        }
        assert!(model["cached_input"].is_null() || model["cached_input"].is_number(), "{model}");
    }
    let mini = models.iter().find(|model| model["id"] == "gpt-4o-mini").unwrap();
    assert_eq!((&mini["provider"], &mini["input"]), (&Value::from("openai"), &Value::from(0.15)));
}

#[test]
fn the_table_tells_which_keys_are_set_and_never_shows_one() {
    let outcome = cascadeflow_in(["models"], [("OPENAI_API_KEY", "sk-secret")], "");
    assert_eq!(outcome.code, 0);
    let line = |name: &str| outcome.out.lines().find(|line| line.contains(name)).unwrap();
    assert!(line(" gpt-4o-mini ").contains(" set "));
    assert!(line(" claude-sonnet-4-5 ").contains(" missing "));
    let missing = line("Keys that are not set");
    assert!(missing.contains("ANTHROPIC_API_KEY") && !missing.contains("OPENAI_API_KEY"));
    assert!(!outcome.out.contains("sk-secret"));
}

#[test]
fn one_provider_can_be_asked_for() {
    let models = cascadeflow(["models", "--json", "--provider", "groq"]).json();
    assert!(models.as_array().unwrap().iter().all(|model| model["provider"] == "groq"));
    let unknown = cascadeflow(["models", "--provider", "grok"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("`grok`") && unknown.err.contains("groq"), "{}", unknown.err);
}
