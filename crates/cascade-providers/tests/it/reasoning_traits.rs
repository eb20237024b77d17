use cascade_providers::{ReasoningTraits, dialect, reasoning_traits};

fn of(provider: &str, model: &str) -> ReasoningTraits {
    reasoning_traits(dialect(provider).unwrap(), model)
}

#[test]
fn reasoning_models_are_known_by_their_names() {
    for (provider, model) in [
        ("openai", "o1"),
        ("openai", "O3-mini"),
        ("openai", "gpt-5-mini"),
        ("openrouter", "openai/gpt-5"),
        ("anthropic", "claude-sonnet-4-5"),
        ("anthropic", "claude-3-7-sonnet-20250219"),
        ("ollama", "deepseek-r1:7b"),
        ("vllm", "deepseek-ai/DeepSeek-R1"),
        ("groq", "openai/gpt-oss-120b"),
        ("deepseek", "deepseek-reasoner"),
        ("google", "gemini-2.5-pro"),
    ] {
        assert!(of(provider, model).is_reasoning, "{provider} {model}");
    }
    for (provider, model) in [
        ("openai", "gpt-4o"),
        ("openai", "gpt-5-chat-latest"),
        ("anthropic", "claude-3-5-sonnet-20241022"),
        ("ollama", "llama3.1"),
        ("vllm", "o1-of-my-own"),
        ("deepseek", "deepseek-chat"),
        ("openai", ""),
    ] {
        assert!(!of(provider, model).is_reasoning, "{provider} {model}");
    }
}

#[test]
fn what_a_model_takes_agrees_with_what_is_sent_to_it() {
    let o3 = of("openai", "o3");
    assert!(o3.requires_max_completion_tokens && o3.supports_reasoning_effort);
    assert!(!o3.supports_temperature && !o3.supports_logprobs);
    let plain = of("openai", "gpt-4o");
    assert!(!plain.requires_max_completion_tokens && !plain.supports_reasoning_effort);
    assert!(plain.supports_temperature && plain.supports_logprobs && plain.supports_tools);
    let claude = of("anthropic", "claude-sonnet-4-5");
    assert!(claude.supports_extended_thinking && claude.requires_thinking_budget);
    assert!(!claude.supports_logprobs);
}
