//! Vectors: batches, counts, and answers that do not fit.

use cascade_core::ports::Embedder;
use cascade_core::{ApiKey, ErrorKind, ModelConfig, Usage};
use cascade_providers::{EmbeddingProvider, HttpConfig, ProviderRegistry, dialect};
use cascade_testkit::http::{LoopbackServer, Script};
use serde_json::{Value, json};

use crate::support::once;

fn model(provider: &str, server: &LoopbackServer) -> ModelConfig {
    let mut model = ModelConfig::new("embedder", provider);
    model.api_key = Some(ApiKey::new("k"));
    model.base_url = Some(server.url());
    model
}

fn embedder(provider: &str, server: &LoopbackServer, config: HttpConfig) -> EmbeddingProvider {
    EmbeddingProvider::new(dialect(provider).unwrap(), &model(provider, server), &|_| None, config)
        .unwrap()
}

/// Gives each text a vector of its length, and counts a token a text.
fn counting() -> LoopbackServer {
    LoopbackServer::start(|request, _| {
        let body = request.json();
        let texts = body["texts"].as_array().or(body["input"].as_array()).unwrap().clone();
        let vector = |text: &Value| json!([text.as_str().unwrap().len(), 1]);
        let vectors: Vec<Value> = texts.iter().map(vector).collect();
        if request.path.ends_with("/embed") {
            return Script::json(
                200,
                &json!({"embeddings": {"float": vectors},
                    "meta": {"billed_units": {"input_tokens": texts.len()}}}),
            );
        }
        let data: Vec<Value> = vectors
            .into_iter()
            .enumerate()
            .rev()
            .map(|(index, embedding)| json!({"index": index, "embedding": embedding}))
            .collect();
        Script::json(200, &json!({"data": data, "usage": {"prompt_tokens": texts.len()}}))
    })
}

#[tokio::test]
async fn many_texts_go_in_batches_and_are_counted_together() {
    for (provider, requests) in [("cohere", 3), ("together", 2), ("openai", 1)] {
        let server = counting();
        let texts: Vec<String> = (0..200).map(|n| "x".repeat(n + 1)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let made = embedder(provider, &server, once()).embed_counted(&texts).await.unwrap();
        let lengths: Vec<f32> = made.vectors.iter().map(|vector| vector[0]).collect();
        let expected: Vec<f32> = (1..=200_u16).map(f32::from).collect();
        assert_eq!(lengths, expected, "in the order of the texts");
        assert_eq!(made.usage, Some(Usage::new(200, 0)));
        assert_eq!(server.counts().requests, requests, "{provider}");
    }
}

#[tokio::test]
async fn nothing_is_asked_for_nothing() {
    let server = counting();
    let made = embedder("openai", &server, once()).embed(&[]).await.unwrap();
    assert!(made.is_empty());
    assert_eq!(server.counts().requests, 0);
}

#[tokio::test]
async fn answers_that_do_not_fit_are_refused() {
    for (data, words) in [
        (json!([{"index": 0, "embedding": [1.0]}]), "1 vectors for 2 texts"),
        (
            json!([{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [1.0, 2.0]}]),
            "different lengths",
        ),
        (json!([{"index": 0, "embedding": []}, {"index": 1, "embedding": []}]), "without numbers"),
        (json!([{"index": 0, "embedding": ["a"]}]), "cannot be read"),
    ] {
        let server = LoopbackServer::sequence([Script::json(200, &json!({ "data": data }))]);
        let error = embedder("openai", &server, once()).embed(&["a", "b"]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(error.message().contains(words), "{error}");
    }
    let report = json!({"error": {"message": "no such model", "code": "model_not_found"}});
    let server = LoopbackServer::sequence([Script::json(404, &report)]);
    let error = embedder("openai", &server, once()).embed(&["a"]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!((error.provider(), error.model()), (Some("openai"), Some("embedder")));
}

#[tokio::test]
async fn gemini_and_vertex_are_asked_in_their_own_words() {
    let values = json!({"values": [0.5, 0.25]});
    let server =
        LoopbackServer::sequence([Script::json(200, &json!({"embeddings": [values, values]}))]);
    let made = embedder("google", &server, once()).embed_counted(&["a", "b"]).await.unwrap();
    assert_eq!((made.vectors.len(), made.usage), (2, None));
    let sent = &server.requests()[0];
    assert_eq!(sent.path, "/v1beta/models/embedder:batchEmbedContents");
    assert_eq!(sent.header("x-goog-api-key"), Some("k"));
    assert_eq!(
        sent.json()["requests"][1],
        json!({"model": "models/embedder", "content": {"parts": [{"text": "b"}]}})
    );

    let prediction = json!({"embeddings": {"values": [0.5],
        "statistics": {"token_count": 3.0, "truncated": false}}});
    let server =
        LoopbackServer::sequence([Script::json(200, &json!({"predictions": [prediction]}))]);
    let mut model = model("vertex_ai", &server);
    model.name = "gemini-embedding-001".into();
    model.extra =
        json!({"vertex_project": "p", "outputDimensionality": 1}).as_object().unwrap().clone();
    let made = ProviderRegistry::builtin().create_embedder(&model, &|_| None).unwrap();
    let made = made.embed_counted(&["a", "b"]).await.unwrap();
    assert_eq!((made.vectors.len(), made.usage), (2, Some(Usage::new(6, 0))));
    let sent = server.requests();
    assert_eq!(sent.len(), 2, "one text a request");
    assert_eq!(
        sent[1].json(),
        json!({"instances": [{"content": "b"}], "parameters": {"outputDimensionality": 1}})
    );
}

#[test]
fn a_provider_without_embeddings_says_so() {
    let server = counting();
    for provider in ["anthropic", "groq", "deepseek", "huggingface"] {
        let made =
            ProviderRegistry::builtin().create_embedder(&model(provider, &server), &|_| None);
        let error = made.err().unwrap();
        assert_eq!((error.kind(), error.field()), (ErrorKind::Validation, Some("provider")));
    }
    let made = ProviderRegistry::builtin().create_embedder(&model("nonesuch", &server), &|_| None);
    assert!(made.err().unwrap().message().contains("unknown provider"));
}
