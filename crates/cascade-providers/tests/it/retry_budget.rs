//! How many retries all calls together may make.

use std::time::Duration;

use cascade_core::ports::Provider;
use cascade_core::{ApiKey, ModelConfig};
use cascade_providers::{HttpConfig, HttpProvider, RetryPolicy, dialect};
use cascade_testkit::http::{LoopbackServer, Script};
use serde_json::json;

use crate::support::ask;

fn provider(server: &LoopbackServer, config: HttpConfig, retries: Option<u32>) -> HttpProvider {
    let mut model = ModelConfig::new("small", "openai");
    model.api_key = Some(ApiKey::new("k"));
    model.base_url = Some(server.url());
    model.max_retries = retries;
    HttpProvider::new(dialect("openai").unwrap(), &model, &|_| None, config).unwrap()
}

fn config(reserve: u32) -> HttpConfig {
    HttpConfig {
        retry: RetryPolicy {
            base_delay: Duration::from_millis(1),
            budget_reserve: reserve,
            ..RetryPolicy::default()
        },
        circuit: None,
        ..HttpConfig::default()
    }
}

fn down() -> LoopbackServer {
    LoopbackServer::sequence([Script::json(503, &json!({}))])
}

#[tokio::test]
async fn a_failing_provider_gets_a_tenth_more_calls_and_not_three_times_as_many() {
    let server = down();
    let provider = provider(&server, config(4), None);
    for _ in 0..100 {
        provider.complete(&ask("?")).await.unwrap_err();
    }
    let requests = server.counts().requests;
    assert!((110..=114).contains(&requests), "{requests} requests for 100 calls");
}

#[tokio::test]
async fn the_budget_is_shared_by_providers_of_one_model_and_key() {
    let server = down();
    for _ in 0..20 {
        provider(&server, config(4), None).complete(&ask("?")).await.unwrap_err();
    }
    assert!(server.counts().requests <= 26, "{:?}", server.counts());
}

#[tokio::test]
async fn a_model_says_how_often_it_is_tried_again() {
    for (retries, requests) in [(Some(0), 1), (Some(1), 2), (Some(4), 5), (None, 3)] {
        let server = down();
        provider(&server, config(20), retries).complete(&ask("?")).await.unwrap_err();
        assert_eq!(server.counts().requests, requests, "{retries:?}");
    }
}
