use cascade_core::ErrorKind;
use cascade_providers::{BaseUrl, dialect};

fn chat(name: &str, base_url: &str, path: &str) -> String {
    BaseUrl::parse(base_url, dialect(name).unwrap()).unwrap().join(path).to_string()
}

#[test]
fn every_form_of_a_base_url_leads_to_the_same_place() {
    let cases = [
        ("openai", "https://api.openai.com/v1", "https://api.openai.com/v1/x"),
        ("openai", "https://api.openai.com/v1///", "https://api.openai.com/v1/x"),
        ("openai", "https://api.openai.com", "https://api.openai.com/v1/x"),
        ("openai", " https://api.openai.com/ ", "https://api.openai.com/v1/x"),
        ("openai", "http://localhost:1234/v1/", "http://localhost:1234/v1/x"),
        ("openai", "https://host/v1beta/openai", "https://host/v1beta/openai/x"),
        ("openai", "https://host/inference", "https://host/inference/x"),
        ("vllm", "http://gpu:8000", "http://gpu:8000/v1/x"),
        ("vllm", "http://gpu:8000/", "http://gpu:8000/v1/x"),
        ("vllm", "http://gpu:8000/v1", "http://gpu:8000/v1/x"),
        ("vllm", "http://gpu/models/a/", "http://gpu/models/a/v1/x"),
        ("anthropic", "https://api.anthropic.com", "https://api.anthropic.com/v1/x"),
        ("anthropic", "https://api.anthropic.com/v1/", "https://api.anthropic.com/v1/x"),
        ("anthropic", "https://gate.way/anthropic", "https://gate.way/anthropic/v1/x"),
        ("ollama", "http://localhost:11434", "http://localhost:11434/x"),
        ("ollama", "http://localhost:11434/v1", "http://localhost:11434/x"),
        ("ollama", "http://localhost:11434/api/", "http://localhost:11434/x"),
        ("ollama", "0.0.0.0:11434", "http://127.0.0.1:11434/x"),
        ("ollama", "[::1]:11434", "http://[::1]:11434/x"),
        ("groq", "https://api.groq.com/openai/v1", "https://api.groq.com/openai/v1/x"),
    ];
    for (name, given, expected) in cases {
        assert_eq!(chat(name, given, "/x"), expected, "{name} {given}");
    }
}

#[test]
fn malformed_urls_name_the_field_and_hide_passwords() {
    for given in ["", "ftp://host", "http://", "https://user:hunter2@ho st/v1", "http://a:b:c"] {
        let error = BaseUrl::parse(given, dialect("openai").unwrap()).unwrap_err();
        assert_eq!((error.kind(), error.field()), (ErrorKind::Config, Some("base_url")), "{given}");
        assert!(error.hint().is_some());
        assert!(!format!("{error:?}").contains("hunter2"));
    }
    let url = BaseUrl::parse("https://user:hunter2@host/v1", dialect("openai").unwrap()).unwrap();
    assert_eq!(url.origin(), "https://host");
}

#[test]
fn this_machine_is_recognised() {
    for (given, expected) in [
        ("http://localhost:1", true),
        ("http://127.0.0.9", true),
        ("http://[::1]:5", true),
        ("https://example.com", false),
        ("http://10.0.0.1", false),
    ] {
        let url = BaseUrl::parse(given, dialect("vllm").unwrap()).unwrap();
        assert_eq!(url.is_loopback(), expected, "{given}");
    }
}
