use cascadeflow::{ModelConfig, Usd};

/// Reads `provider/name[:cost]`.
///
/// Names may hold slashes and colons of their own (`groq/meta-llama/llama-4`, `ollama/qwen3:8b`):
/// the provider ends at the first slash, and only a number after the last colon is a cost.
pub(super) fn parse_model(text: &str) -> Result<ModelConfig, String> {
    let Some((provider, name)) = text.split_once('/') else {
        return Err("write `provider/name`, such as `openai/gpt-4o-mini`".to_owned());
    };
    let (name, cost) = match name.rsplit_once(':') {
        Some((before, after)) => match after.parse::<Usd>() {
            Ok(cost) => (before, Some(cost)),
            Err(_) => (name, None),
        },
        None => (name, None),
    };
    let mut model = ModelConfig::new(name.trim(), provider.trim().to_lowercase());
    model.cost = cost;
    model.validate().map_err(|error| match error.hint() {
        Some(hint) => format!("{}; {hint}", error.message()),
        None => error.message().to_owned(),
    })?;
    Ok(model)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_provider_ends_at_the_first_slash_and_the_cost_is_a_number() {
        for (text, provider, name, cost) in [
            ("openai/gpt-4o-mini", "openai", "gpt-4o-mini", None),
            ("OpenAI/gpt-4o-mini:0.00015", "openai", "gpt-4o-mini", Some("0.00015")),
            ("ollama/qwen3:8b", "ollama", "qwen3:8b", None),
            ("ollama/qwen3:8b:0", "ollama", "qwen3:8b", Some("0")),
            ("groq/meta-llama/llama-4", "groq", "meta-llama/llama-4", None),
        ] {
            let model = parse_model(text).expect(text);
            assert_eq!((model.provider.as_str(), model.name.as_str()), (provider, name), "{text}");
            assert_eq!(model.cost.map(|cost| cost.to_string()).as_deref(), cost, "{text}");
        }
    }

    #[test]
    fn what_names_no_model_is_refused() {
        for text in ["gpt-4o-mini", "/gpt-4o", "openai/", "openai/gpt-4o:-1"] {
            assert!(parse_model(text).is_err(), "{text}");
        }
    }
}
