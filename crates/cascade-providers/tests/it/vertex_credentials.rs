//! Credentials of Google's cloud: service-account files, application-default credentials, tokens.

use cascade_core::ports::Provider;
use cascade_core::{ApiKey, ChatRequest, Error, ErrorKind, Message, ModelConfig};
use cascade_providers::{HttpProvider, dialect};
use cascade_testkit::http::{LoopbackServer, RecordedRequest, Script};
use rustls::SignatureScheme;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::once;

const PRIVATE_KEY: &str = include_str!("../data/service_account_key.pem");
const PUBLIC_KEY: &[u8] = include_bytes!("../data/service_account_public.der");
const EMAIL: &str = "tester@a-project.iam.gserviceaccount.com";

/// Gives tokens at `/token` and answers everything else.
fn cloud() -> LoopbackServer {
    LoopbackServer::start(|request, index| {
        if request.path == "/token" {
            let token = format!("ya29.token-{index}");
            let answer = json!({"access_token": token, "expires_in": 3599, "token_type": "Bearer"});
            return Script::json(200, &answer);
        }
        if request.path.contains("anthropic") {
            return Script::json(
                200,
                &json!({"content": [{"type": "text", "text": "Salut."}], "stop_reason": "end_turn"}),
            );
        }
        Script::json(
            200,
            &json!({"candidates": [{"content": {"parts": [{"text": "Hi."}]}, "finishReason": "STOP"}]}),
        )
    })
}

fn service_account(server: &LoopbackServer) -> Value {
    json!({
        "type": "service_account", "project_id": "a-project", "private_key_id": "1",
        "private_key": PRIVATE_KEY, "client_email": EMAIL, "client_id": "1",
        "token_uri": format!("{}/token", server.url())
    })
}

fn user(server: &LoopbackServer) -> Value {
    json!({
        "type": "authorized_user", "client_id": "id", "client_secret": "d-secret-s",
        "refresh_token": "1//refresh-me", "quota_project_id": "quota-project",
        "token_uri": format!("{}/token", server.url())
    })
}

fn model(server: &LoopbackServer, extra: Value) -> ModelConfig {
    let mut model = ModelConfig::new("gemini-2.5-flash", "vertex_ai");
    model.base_url = Some(server.url());
    model.extra.clone_from(extra.as_object().unwrap());
    model
}

fn make(
    model: &ModelConfig,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<HttpProvider, Error> {
    HttpProvider::new(dialect("vertex_ai").unwrap(), model, lookup, once())
}

async fn call(provider: &HttpProvider, model: &str) -> Result<String, Error> {
    let request = ChatRequest::new(model, vec![Message::user("Hi")]);
    provider.complete(&request).await.map(|answer| answer.content)
}

fn file(folder: &TempDir, name: &str, content: &Value) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, content.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

fn decode(text: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => u32::from(letter - b'A'),
        b'a'..=b'z' => u32::from(letter - b'a') + 26,
        b'0'..=b'9' => u32::from(letter - b'0') + 52,
        b'-' => 62,
        _ => 63,
    };
    let letters: Vec<u8> = text.bytes().filter(|letter| *letter != b'=').collect();
    let mut bytes = Vec::new();
    for group in letters.chunks(4) {
        let bits = group.iter().fold(0_u32, |bits, letter| bits << 6 | value(*letter));
        let bits = bits << (6 * (4 - group.len()));
        let [_, whole @ ..] = bits.to_be_bytes();
        bytes.extend_from_slice(&whole[..group.len() - 1]);
    }
    bytes
}

/// The claims of a signed assertion, once its signature is checked.
fn claims(request: &RecordedRequest) -> Value {
    let form: Vec<(String, String)> =
        url::form_urlencoded::parse(&request.body).into_owned().collect();
    let assertion = &form.iter().find(|(name, _)| name == "assertion").unwrap().1;
    let (signed, signature) = assertion.rsplit_once('.').unwrap();
    let provider = rustls::crypto::ring::default_provider();
    let (_, algorithms) = provider
        .signature_verification_algorithms
        .mapping
        .iter()
        .find(|(scheme, _)| *scheme == SignatureScheme::RSA_PKCS1_SHA256)
        .unwrap();
    let signature = decode(signature);
    assert!(
        algorithms
            .iter()
            .any(|a| a.verify_signature(PUBLIC_KEY, signed.as_bytes(), &signature).is_ok()),
        "the assertion is signed by the account's key"
    );
    serde_json::from_slice(&decode(signed.split_once('.').unwrap().1)).unwrap()
}

#[tokio::test]
async fn a_service_account_signs_for_a_token_that_is_used_again() {
    let server = cloud();
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "key.json", &service_account(&server));
    let lookup = |name: &str| (name == "GOOGLE_APPLICATION_CREDENTIALS").then(|| path.clone());
    let provider =
        make(&model(&server, json!({"vertex_location": "europe-west4"})), &lookup).unwrap();
    for _ in 0..2 {
        assert_eq!(call(&provider, "gemini-2.5-flash").await.unwrap(), "Hi.");
    }
    let sent = server.requests();
    let paths: Vec<&str> = sent.iter().map(|request| request.path.as_str()).collect();
    let chat = "/v1/projects/a-project/locations/europe-west4/publishers/google/models/\
                gemini-2.5-flash:generateContent";
    assert_eq!(paths, ["/token", chat, chat], "one token for both calls");
    assert_eq!(sent[1].header("authorization"), Some("Bearer ya29.token-0"));
    let claims = claims(&sent[0]);
    assert_eq!(claims["iss"], EMAIL);
    assert_eq!(claims["scope"], "https://www.googleapis.com/auth/cloud-platform");
    assert_eq!(claims["aud"], format!("{}/token", server.url()));
    assert!(sent[1].json().get("vertex_location").is_none(), "a setting is not passed on");
}

#[tokio::test]
async fn credentials_may_stand_in_a_setting_as_a_path_or_as_text() {
    let server = cloud();
    let folder = TempDir::new().unwrap();
    let key = service_account(&server);
    let path = file(&folder, "key.json", &key);
    for credentials in [json!(path), json!(key.to_string())] {
        let model = model(&server, json!({"vertex_credentials": credentials}));
        let provider = make(&model, &|_| None).unwrap();
        assert_eq!(call(&provider, "gemini-2.5-flash").await.unwrap(), "Hi.");
    }
    let mut keyed = model(&server, json!({}));
    keyed.api_key = Some(ApiKey::new(key.to_string()));
    assert_eq!(call(&make(&keyed, &|_| None).unwrap(), "gemini-2.5-flash").await.unwrap(), "Hi.");
}

#[tokio::test]
async fn application_default_credentials_of_a_person_are_refreshed() {
    let server = cloud();
    let home = TempDir::new().unwrap();
    std::fs::create_dir_all(home.path().join(".config/gcloud")).unwrap();
    file(&home, ".config/gcloud/application_default_credentials.json", &user(&server));
    let folder = home.path().to_str().unwrap().to_owned();
    let lookup = |name: &str| (name == "HOME").then(|| folder.clone());
    let provider = make(&model(&server, json!({})), &lookup).unwrap();
    for _ in 0..2 {
        assert_eq!(call(&provider, "gemini-2.5-flash").await.unwrap(), "Hi.");
    }
    let sent = server.requests();
    assert_eq!(sent.len(), 3, "one token for both calls");
    assert_eq!(
        sent[0].json(),
        json!({"grant_type": "refresh_token", "client_id": "id", "client_secret": "d-secret-s",
            "refresh_token": "1//refresh-me"})
    );
    assert!(sent[1].path.starts_with("/v1/projects/quota-project/locations/global/"));
    assert_eq!(sent[1].header("authorization"), Some("Bearer ya29.token-0"));
    // The same file can be named.
    let path = home.path().join(".config/gcloud/application_default_credentials.json");
    let path = path.to_str().unwrap().to_owned();
    let lookup = |name: &str| match name {
        "GOOGLE_APPLICATION_CREDENTIALS" => Some(path.clone()),
        "GOOGLE_CLOUD_PROJECT" => Some("named-project".to_owned()),
        _ => None,
    };
    let provider = make(&model(&server, json!({})), &lookup).unwrap();
    call(&provider, "gemini-2.5-flash").await.unwrap();
    let path = server.requests().last().unwrap().path.clone();
    assert!(path.contains("/projects/named-project/"), "{path}");
}

#[tokio::test]
async fn a_token_is_taken_as_it_is_and_claude_speaks_its_own_format() {
    let server = cloud();
    let lookup = |name: &str| match name {
        "VERTEX_ACCESS_TOKEN" => Some("ya29.mine".to_owned()),
        "VERTEX_PROJECT" => Some("p".to_owned()),
        _ => None,
    };
    let mut model = model(&server, json!({}));
    model.name = "claude-sonnet-4-5@20250929".into();
    let provider = make(&model, &lookup).unwrap();
    assert_eq!(call(&provider, &model.name).await.unwrap(), "Salut.");
    let sent = &server.requests()[0];
    assert_eq!(
        sent.path,
        "/v1/projects/p/locations/global/publishers/anthropic/models/\
         claude-sonnet-4-5@20250929:rawPredict"
    );
    assert_eq!(sent.header("authorization"), Some("Bearer ya29.mine"));
    let body = sent.json();
    assert_eq!(body["anthropic_version"], "vertex-2023-10-16");
    assert!(body.get("model").is_none() && body["max_tokens"].is_u64());
}

#[tokio::test]
async fn credentials_that_are_refused_are_an_auth_error_that_shows_nothing() {
    let server = LoopbackServer::start(|_, _| {
        Script::json(400, &json!({"error": "invalid_grant", "error_description": "revoked"}))
    });
    for credentials in [service_account(&server), user(&server)] {
        let model = model(&server, json!({"vertex_credentials": credentials.to_string()}));
        let error = call(&make(&model, &|_| None).unwrap(), "gemini-2.5-flash").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth, "{error}");
        // They are there: what is missing would be named by its variable.
        assert_eq!(error.env_var(), None);
        assert!(error.hint().is_some_and(|hint| hint.contains("GOOGLE_APPLICATION_CREDENTIALS")));
        assert_eq!((error.provider(), error.field()), (Some("vertex_ai"), Some("api_key")));
        let shown = format!("{error} {error:?}");
        for secret in ["PRIVATE KEY", "MII", "d-secret-s", "refresh-me"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

#[test]
fn a_file_that_is_no_credentials_names_the_setting() {
    let server = cloud();
    for (credentials, words) in [
        ("/no/such/file.json", "cannot be read"),
        ("{\"type\": \"wallet\"}", "of a kind"),
        ("{broken", "not JSON"),
        ("{\"type\": \"authorized_user\"}", "lack a field"),
        ("{\"type\": \"service_account\"}", "lack `client_email`"),
        ("{\"type\": \"service_account\", \"client_email\": \"a@b\"}", "lack `private_key`"),
    ] {
        let model = model(&server, json!({"vertex_credentials": credentials}));
        let error = make(&model, &|_| None).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(error.field(), Some("extra.vertex_credentials"));
        assert!(error.message().contains(words), "{error}");
    }
    let model = model(&server, json!({"vertex_location": "eu/../x"}));
    let error = make(&model, &|_| Some("ya29.x".into())).err().unwrap();
    assert_eq!(error.field(), Some("extra.vertex_location"));
}

#[tokio::test]
async fn a_project_that_nothing_names_is_asked_for() {
    let server = cloud();
    let mut model = model(&server, json!({}));
    model.api_key = Some(ApiKey::new("ya29.mine"));
    let error = call(&make(&model, &|_| None).unwrap(), "gemini-2.5-flash").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(error.field(), Some("extra.vertex_project"));
    assert_eq!(error.env_var(), Some("GOOGLE_CLOUD_PROJECT"));
}
