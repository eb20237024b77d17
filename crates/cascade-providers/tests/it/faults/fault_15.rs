//! All providers are down.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cascade_core::{Agent, ErrorKind, ModelConfig, RunOptions};
use cascade_providers::wire::http_status;
use cascade_testkit::http::{LoopbackServer, Script};
use serde_json::json;

use crate::support::{once, provider_with};

#[tokio::test]
async fn the_chain_runs_once_and_says_what_was_tried() {
    let down = || LoopbackServer::sequence([Script::json(503, &json!({"error": "down"}))]);
    let servers = [down(), down(), down()];
    let mut builder =
        Agent::builder().cascade_enabled(false).deadline(Some(Duration::from_secs(30)));
    for (name, (server, cost)) in
        ["a", "b", "c"].into_iter().zip(servers.iter().zip(["0.03", "0.02", "0.01"]))
    {
        builder = builder.model(
            ModelConfig::new(name, "openai").with_cost(cost.parse().unwrap()),
            Arc::new(provider_with("openai", server, once())),
        );
    }
    let agent = builder.fallbacks(vec!["b".to_owned(), "c".to_owned()]).build().unwrap();
    let start = Instant::now();
    let error = agent.run("Anyone?", RunOptions::default()).await.unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(30), "before the deadline");
    assert_eq!((error.kind(), http_status(&error)), (ErrorKind::Overloaded, 503));
    let tried: Vec<_> = error.attempts().iter().map(|attempt| &*attempt.model).collect();
    assert_eq!(tried, ["a", "b", "c"]);
    for server in &servers {
        assert_eq!(server.counts().requests, 1, "each is asked once");
    }
}
