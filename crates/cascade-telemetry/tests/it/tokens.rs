//! Counting.

use cascade_core::{ImageSource, Message, Part, Role, ToolCall};
use cascade_telemetry::{CountSource, Encoding, TokenCounter};

#[test]
fn models_of_the_openai_family_have_a_vocabulary() {
    let cases = [
        ("gpt-4o-mini", Some(Encoding::O200k)),
        ("gpt-4.1-nano", Some(Encoding::O200k)),
        ("gpt-5.5", Some(Encoding::O200k)),
        ("o3-mini", Some(Encoding::O200k)),
        ("openai/gpt-oss-120b", Some(Encoding::O200k)),
        ("ft:gpt-4o-2024-08-06", Some(Encoding::O200k)),
        ("GPT-4o", Some(Encoding::O200k)),
        ("gpt-4-turbo", Some(Encoding::Cl100k)),
        ("gpt-4", Some(Encoding::Cl100k)),
        ("gpt-3.5-turbo", Some(Encoding::Cl100k)),
        ("text-embedding-3-small", Some(Encoding::Cl100k)),
        ("claude-sonnet-4-5", None),
        ("gemini-2.5-pro", None),
        ("llama-3.1-8b-instant", None),
        ("", None),
    ];
    for (model, encoding) in cases {
        assert_eq!(Encoding::of_model(model), encoding, "{model}");
    }
}

#[cfg(feature = "tiktoken")]
#[test]
fn texts_are_counted_as_openai_counts_them() {
    // Counts of the reference implementation, OpenAI's `tiktoken` 0.14 for Python.
    let cases = include_str!("../data/token_counts.json");
    let cases: Vec<serde_json::Value> = serde_json::from_str(cases).unwrap();
    assert!(cases.len() >= 20);
    for case in cases {
        let text = case["text"].as_str().unwrap();
        for (model, key) in [("gpt-4o", "o200k_base"), ("gpt-4", "cl100k_base")] {
            let count = TokenCounter::for_model(model).text(text);
            assert_eq!(count.tokens, case[key].as_u64().unwrap(), "{key}: {text:?}");
            assert_eq!(count.source, CountSource::Vocabulary);
        }
    }
}

#[cfg(feature = "tiktoken")]
#[test]
fn a_conversation_has_the_marks_of_the_chat_format() {
    let counter = TokenCounter::for_model("gpt-4o");
    let text = |text: &str| counter.text(text).tokens;
    let messages = [Message::system("You are helpful."), Message::user("Hello!")];
    // Three marks and the role for each message, three before the answer.
    let expected = text("You are helpful.") + text("Hello!") + 2 * 4 + 3;
    assert_eq!(counter.messages(&messages).tokens, expected);
    let mut named = messages.clone();
    named[1].name = Some("ann".into());
    assert_eq!(counter.messages(&named).tokens, expected + 1 + text("ann"));
    assert_eq!(counter.messages(&[]).tokens, 0);
}

#[test]
fn other_models_are_estimated() {
    let counter = TokenCounter::for_model("claude-sonnet-4-5");
    assert_eq!(counter.source(), CountSource::Estimate);
    assert_eq!(counter, TokenCounter::estimate());
    let text = "The quick brown fox jumps over the lazy dog.";
    assert_eq!(counter.text(text).tokens, cascade_core::query::estimate_tokens(text));
}

#[test]
fn every_part_of_a_message_counts() {
    let counter = TokenCounter::estimate();
    let with = |part| {
        let message = Message { role: Role::User, parts: vec![part], name: None };
        counter.messages(&[message]).tokens
    };
    let empty = with(Part::text(""));
    let call = ToolCall {
        id: "1".into(),
        name: "weather".into(),
        arguments: r#"{"city": "Paris"}"#.into(),
    };
    let picture = ImageSource::Url { url: "https://example.org/a.png".into() };
    let result = Part::ToolResult { call_id: "1".into(), content: "sunny".into(), is_error: false };
    let thinking =
        Part::Thinking { text: "hmm, let me see".into(), signature: None, redacted: None };
    assert!(with(Part::ToolCall(call)) > empty);
    assert!(with(result) > empty);
    assert!(with(thinking) > empty);
    assert_eq!(with(Part::Image { source: picture }), empty + 1_000);
}

/// The largest error of the estimate against the newer vocabulary that the documentation admits, in per
/// cent, by family of text.
#[cfg(feature = "tiktoken")]
const ADMITTED: [(&str, f64); 26] = [
    ("arabic", 30.0),
    ("chinese", 15.0),
    ("code_javascript", 25.0),
    ("code_python", 25.0),
    ("code_rust", 25.0),
    ("code_sql", 25.0),
    ("emoji", 25.0),
    ("english_prose", 10.0),
    ("english_technical", 15.0),
    ("french", 15.0),
    ("german", 20.0),
    ("greek", 30.0),
    ("hindi", 65.0),
    ("italian", 35.0),
    ("japanese", 15.0),
    ("json", 15.0),
    ("korean", 15.0),
    ("logs", 20.0),
    ("markdown", 20.0),
    ("mathematics", 15.0),
    ("polish", 45.0),
    ("portuguese", 15.0),
    ("russian", 25.0),
    ("spanish", 15.0),
    ("turkish", 45.0),
    ("vietnamese", 20.0),
];

#[cfg(feature = "tiktoken")]
#[test]
fn the_estimate_stays_within_the_documented_error() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/families");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), ADMITTED.len());
    for (family, admitted) in ADMITTED {
        let text = std::fs::read_to_string(format!("{folder}/{family}.txt")).unwrap();
        let sum = |counter: TokenCounter| -> u64 {
            text.trim_end().split("\n----\n").map(|text| counter.text(text).tokens).sum()
        };
        let (exact, estimate) =
            (sum(TokenCounter::for_model("gpt-4o")), sum(TokenCounter::estimate()));
        let error = (estimate as f64 / exact as f64 - 1.0) * 100.0;
        assert!(error.abs() <= admitted, "{family}: {error:+.1} %");
    }
}
