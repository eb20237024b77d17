//! Status 200 with a web page, with cut JSON, with the wrong content type.

use cascade_core::ErrorKind;
use cascade_core::ports::Provider;
use cascade_providers::wire::http_status;
use cascade_testkit::http::{LoopbackServer, Script};

use crate::support::{
    ask, fail, hear_all, once, openai_answer, openai_chunks, provider, provider_with,
};

const SECRET: &str = "internal-host-17";

fn junk() -> Vec<Script> {
    let page = format!("<html><body>{SECRET}</body></html>");
    let cut = format!("{{\"id\": \"{SECRET}\", \"choices\": [{{\"mess");
    vec![
        Script::body(200, "text/html", page.clone()),
        Script::body(200, "application/json", page),
        Script::body(200, "application/json", cut.clone()),
        Script::body(200, "application/json", cut).header("content-length", "900").cut(),
        Script::body(200, "application/json", ""),
        Script::body(200, "application/json", format!("{{\"note\": \"{SECRET}\"}}")),
    ]
}

#[tokio::test]
async fn it_is_a_bad_gateway_and_the_body_is_not_echoed() {
    for script in junk() {
        for name in ["openai", "anthropic", "ollama", "cohere", "google"] {
            let server = LoopbackServer::sequence([script.clone()]);
            let error = fail(&provider_with(name, &server, once()), &ask("?")).await;
            assert!(
                matches!(error.kind(), ErrorKind::Protocol | ErrorKind::Connection),
                "{name}: {error}"
            );
            assert_eq!(http_status(&error), 502, "{name}: {error}");
            assert!(!format!("{error} {error:?}").contains(SECRET), "{name}: {error}");
        }
    }
}

#[tokio::test]
async fn it_is_tried_again() {
    for script in junk() {
        let good = Script::json(200, &openai_answer("Paris."));
        let server = LoopbackServer::sequence([script, good]);
        let response = provider("openai", &server).complete(&ask("?")).await.unwrap();
        assert_eq!((&*response.content, server.counts().requests), ("Paris.", 2));
    }
}

#[tokio::test]
async fn a_wrong_content_type_over_a_right_answer_does_no_harm() {
    let body = openai_answer("Paris.").to_string();
    let server = LoopbackServer::sequence([Script::body(200, "text/plain", body)]);
    let response = provider("openai", &server).complete(&ask("?")).await.unwrap();
    assert_eq!(response.content, "Paris.");
    let script = openai_chunks(&["Paris."])
        .iter()
        .fold(Script::stream("application/octet-stream"), |script, event| {
            script.piece(format!("data: {event}\n\n"))
        });
    let server = LoopbackServer::sequence([script]);
    assert_eq!(hear_all(&provider("openai", &server), &ask("?")).await.text, "Paris.");
}
