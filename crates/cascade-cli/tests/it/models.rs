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
    assert!(unknown.err.contains("`grok`") && unknown.err.contains("`groq`"), "{}", unknown.err);
    let by_alias = cascadeflow(["models", "--json", "--provider", "together_ai"]).json();
    let by_name = cascadeflow(["models", "--json", "--provider", "together"]).json();
    assert_eq!(by_alias, by_name);
    assert!(by_name.as_array().is_some_and(|models| !models.is_empty()));
    let strange = cascadeflow(["models", "--provider", "something-else"]);
    assert!(
        strange.err.contains("use one of") && strange.err.contains("openai"),
        "{}",
        strange.err
    );
}

#[test]
fn everything_that_is_known_of_a_model_is_told() {
    let models = cascadeflow(["models", "--json"]).json();
    let models = models.as_array().unwrap();
    for model in models {
        for field in ["source", "date"] {
            assert!(model[field].as_str().is_some_and(|text| !text.is_empty()), "{model}");
        }
        for field in ["capabilities", "aliases"] {
            assert!(model[field].is_array(), "{model}");
        }
        assert!(model["tiers"].is_object(), "{model}");
        for field in ["long_context", "context_tokens", "output_tokens", "deprecated_on"] {
            assert!(model.get(field).is_some(), "{field}: {model}");
        }
    }
    let find = |provider: &str, id: &str| {
        let is = |model: &&Value| model["provider"] == provider && model["id"] == id;
        models.iter().find(is).unwrap()
    };
    let mini = find("openai", "gpt-4o-mini");
    assert!(mini["capabilities"].as_array().unwrap().contains(&Value::from("tools")));
    assert_eq!(mini["context_tokens"], 128_000);
    assert_eq!(mini["tiers"]["batch"]["input"], 0.075);
    let long = models.iter().filter(|model| model["long_context"].is_object());
    for model in long.clone() {
        let threshold = model["long_context"]["threshold_tokens"].as_u64();
        assert!(threshold.is_some_and(|tokens| tokens > 0), "{model}");
        assert!(model["long_context"]["input"].as_f64() > model["input"].as_f64(), "{model}");
    }
    assert!(long.count() > 0);
}

#[test]
fn models_are_found_by_parts_of_their_names() {
    let ids = |words: &[&str]| -> Vec<String> {
        let arguments: Vec<&str> = ["models", "--json"].iter().chain(words).copied().collect();
        let models = cascadeflow(arguments).json();
        models.as_array().unwrap().iter().map(|model| model["id"].to_string()).collect()
    };
    let found = ids(&["Sonnet", "anthropic"]);
    assert!(!found.is_empty() && found.iter().all(|id| id.contains("sonnet")), "{found:?}");
    assert!(found.len() < ids(&["anthropic"]).len());
    assert_eq!(ids(&["no-such-model"]), Vec::<String>::new());
    let outcome = cascadeflow(["models", "no-such-model"]);
    assert_eq!(outcome.code, 0);
    assert!(outcome.out.contains("No model"), "{}", outcome.out);
}
