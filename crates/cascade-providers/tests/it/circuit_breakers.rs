//! Circuit breakers by themselves, by a clock that tests move, and around calls over HTTP.

use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::Provider;
use cascade_core::{ApiKey, ErrorKind, ModelConfig};
use cascade_providers::{
    CircuitBreaker, CircuitBreakerConfig, CircuitBreakerRegistry, CircuitOpen, CircuitState,
    HttpConfig, HttpProvider, RetryPolicy, dialect,
};
use cascade_testkit::FakeClock;
use cascade_testkit::http::{LoopbackServer, Script};
use parking_lot::Mutex;
use serde_json::json;

use crate::support::{ask, hear_all, openai_answer, openai_chunks};

fn config() -> CircuitBreakerConfig {
    CircuitBreakerConfig { failure_threshold: 3, ..CircuitBreakerConfig::default() }
}

fn breaker(config: CircuitBreakerConfig) -> (Arc<CircuitBreaker>, FakeClock) {
    let clock = FakeClock::new().with_epoch(Duration::from_secs(1_000));
    (Arc::new(CircuitBreaker::new("b", config, Arc::new(clock.clone()))), clock)
}

#[test]
fn it_opens_lets_one_probe_through_and_closes_again() {
    let (breaker, clock) = breaker(config());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hearing = Arc::clone(&heard);
    breaker.on_state_change(Arc::new(move |from, to| hearing.lock().push((from, to))));
    for _ in 0..2 {
        breaker.try_acquire().unwrap().fail();
    }
    breaker.try_acquire().unwrap().succeed();
    assert_eq!(breaker.state(), CircuitState::Closed);
    breaker.try_acquire().unwrap().fail();
    assert_eq!(breaker.state(), CircuitState::Open);
    assert_eq!(breaker.time_until_retry(), Some(Duration::from_secs(30)));
    assert!(breaker.try_acquire().is_none());

    clock.advance(Duration::from_secs(29));
    assert!(breaker.try_acquire().is_none());
    assert_eq!(breaker.time_until_retry(), Some(Duration::from_secs(1)));
    clock.advance(Duration::from_secs(1));
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
    let probe = breaker.try_acquire().unwrap();
    assert!(breaker.try_acquire().is_none(), "one probe at a time");
    probe.fail();
    assert_eq!(breaker.state(), CircuitState::Open);

    clock.advance(Duration::from_secs(30));
    breaker.try_acquire().unwrap().succeed();
    assert_eq!(breaker.state(), CircuitState::Closed);
    assert!(breaker.try_acquire().is_some());
    assert_eq!(
        *heard.lock(),
        [
            (CircuitState::Closed, CircuitState::Open),
            (CircuitState::Open, CircuitState::HalfOpen),
            (CircuitState::HalfOpen, CircuitState::Open),
            (CircuitState::Open, CircuitState::HalfOpen),
            (CircuitState::HalfOpen, CircuitState::Closed),
        ]
    );
    let metrics = breaker.metrics();
    assert_eq!((metrics.total_calls, metrics.successful_calls), (6, 2));
    assert_eq!((metrics.failed_calls, metrics.rejected_calls), (4, 3));
    assert_eq!(metrics.state_changes.len(), 5);
    assert_eq!(metrics.last_success_time, Some(Duration::from_secs(1_060)));
}

#[test]
fn old_failures_do_not_count() {
    let (breaker, clock) = breaker(config());
    for _ in 0..9 {
        breaker.try_acquire().unwrap().fail();
        clock.advance(Duration::from_secs(31));
    }
    assert_eq!(breaker.state(), CircuitState::Closed, "never three within a minute");
}

#[test]
fn a_probe_that_is_given_up_leaves_its_place_to_another() {
    let (breaker, clock) = breaker(config());
    breaker.force_open();
    clock.advance(Duration::from_secs(30));
    drop(breaker.try_acquire().unwrap());
    assert!(breaker.try_acquire().is_some());
    // The outcome of a probe may never be told where permits are not used.
    let (breaker, clock) = self::breaker(config());
    breaker.force_open();
    clock.advance(Duration::from_secs(30));
    assert!(breaker.can_execute() && !breaker.can_execute());
    clock.advance(Duration::from_secs(31));
    assert!(breaker.can_execute());
}

#[test]
fn several_probes_and_successes_can_be_asked_for() {
    let (breaker, clock) =
        breaker(CircuitBreakerConfig { half_open_max_calls: 3, success_threshold: 2, ..config() });
    breaker.force_open();
    clock.advance(Duration::from_secs(30));
    let probes: Vec<_> = (0..4).filter_map(|_| breaker.try_acquire()).collect();
    assert_eq!(probes.len(), 3);
    let mut probes = probes.into_iter();
    probes.next().unwrap().succeed();
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
    probes.next().unwrap().succeed();
    assert_eq!(breaker.state(), CircuitState::Closed);
}

#[test]
fn a_registry_shows_and_resets_its_breakers() {
    let clock = FakeClock::new();
    let registry = CircuitBreakerRegistry::new(Arc::new(clock));
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hearing = Arc::clone(&heard);
    registry.on_state_change(move |name, _, to| hearing.lock().push((name.to_owned(), to)));
    registry.set_default_config(CircuitBreakerConfig { failure_threshold: 1, ..config() });
    let a = registry.get_or_create("a", None);
    assert!(Arc::ptr_eq(&a, &registry.get("a").unwrap()));
    registry.get_or_create("b", Some(config()));
    a.record_failure();
    let states: Vec<_> = registry.list().into_iter().map(|s| (s.name, s.state)).collect();
    assert_eq!(states, [("a".into(), CircuitState::Open), ("b".into(), CircuitState::Closed)]);
    assert_eq!(registry.available(), ["b"]);
    assert_eq!(*heard.lock(), [("a".to_owned(), CircuitState::Open)]);
    assert!(registry.reset("a") && !registry.reset("c"));
    assert_eq!(registry.available(), ["a", "b"]);
    a.record_failure();
    registry.reset_all();
    assert_eq!((registry.available().len(), registry.len()), (2, 2));
    assert_eq!(a.metrics().total_calls, 0);
}

fn provider(server: &LoopbackServer, config: &HttpConfig, key: &str) -> HttpProvider {
    let mut model = ModelConfig::new("small", "openai");
    model.api_key = Some(ApiKey::new(key));
    model.base_url = Some(server.url());
    HttpProvider::new(dialect("openai").unwrap(), &model, &|_| None, config.clone()).unwrap()
}

fn watched() -> (HttpConfig, FakeClock) {
    let clock = FakeClock::new();
    let http = HttpConfig {
        retry: RetryPolicy::never(),
        circuit: Some(config()),
        breakers: CircuitBreakerRegistry::new(Arc::new(clock.clone())),
        ..HttpConfig::default()
    };
    (http, clock)
}

fn failing(status: u16) -> Script {
    Script::json(status, &json!({"error": {"message": "no"}}))
}

#[tokio::test]
async fn calls_stop_going_out_until_a_probe_succeeds() {
    let down = failing(500);
    let good = Script::json(200, &openai_answer("Paris."));
    let server = LoopbackServer::sequence([down.clone(), down.clone(), down, good]);
    let (http, clock) = watched();
    let provider = provider(&server, &http, "k");
    for _ in 0..3 {
        assert_eq!(provider.complete(&ask("?")).await.unwrap_err().status(), Some(500));
    }
    let error = provider.complete(&ask("?")).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Overloaded, None));
    assert_eq!((error.provider(), error.model()), (Some("openai"), Some("small")));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    let open = error.shared_source().unwrap().downcast_ref::<CircuitOpen>().unwrap();
    assert!(open.name.starts_with("openai@http://127.0.0.1"), "{}", open.name);
    assert!(provider.stream(&ask("?")).await.is_err(), "streams stop, too");
    assert_eq!(server.counts().requests, 3);
    clock.advance(Duration::from_secs(30));
    assert_eq!(provider.complete(&ask("?")).await.unwrap().content, "Paris.");
    assert_eq!(http.breakers.list()[0].state, CircuitState::Closed);
}

#[tokio::test]
async fn only_what_speaks_of_the_service_counts() {
    for status in [400, 401, 403, 404, 422, 429] {
        let server = LoopbackServer::sequence([failing(status)]);
        let (http, _) = watched();
        let provider = provider(&server, &http, "k");
        for _ in 0..6 {
            provider.complete(&ask("?")).await.unwrap_err();
        }
        assert_eq!(server.counts().requests, 6, "{status}");
    }
    let page = Script::body(200, "text/html", "<html>");
    let cut = Script::body(200, "application/json", "{").header("content-length", "90").cut();
    let broken = Script::sse(&openai_chunks(&["a"])[..2]).cut();
    for script in [failing(503), page, cut] {
        let server = LoopbackServer::sequence([script]);
        let (http, _) = watched();
        let provider = provider(&server, &http, "k");
        for _ in 0..6 {
            provider.complete(&ask("?")).await.unwrap_err();
        }
        assert_eq!(server.counts().requests, 3);
    }
    let server = LoopbackServer::sequence([broken]);
    let (http, _) = watched();
    let provider = provider(&server, &http, "k");
    for _ in 0..3 {
        assert!(hear_all(&provider, &ask("?")).await.error.is_some());
    }
    assert_eq!(http.breakers.list()[0].state, CircuitState::Open, "streams that break count");
}

#[tokio::test]
async fn each_model_and_key_has_its_own() {
    let server = LoopbackServer::sequence([failing(500)]);
    let (http, _) = watched();
    let first = provider(&server, &http, "sk-one-secret");
    for _ in 0..3 {
        first.complete(&ask("?")).await.unwrap_err();
    }
    assert!(first.complete(&ask("?")).await.unwrap_err().shared_source().is_some());
    let second = provider(&server, &http, "sk-two-secret");
    assert_eq!(second.complete(&ask("?")).await.unwrap_err().status(), Some(500));
    let mut other = ask("?");
    other.model = "large".into();
    assert_eq!(first.complete(&other).await.unwrap_err().status(), Some(500));
    let names: Vec<_> = http.breakers.list().into_iter().map(|status| status.name).collect();
    assert_eq!(names.len(), 3);
    assert!(names.iter().all(|name| !name.contains("secret")), "{names:?}");
    // Another provider of the same model and key shares the breaker.
    let again = provider(&server, &http, "sk-one-secret");
    assert_eq!(again.complete(&ask("?")).await.unwrap_err().status(), None);
}

#[tokio::test]
async fn a_caller_in_a_hurry_does_not_open_it() {
    let slow = Script::json(200, &openai_answer("late")).delay_head(Duration::from_secs(5));
    let server = LoopbackServer::sequence([slow]);
    let (http, _) = watched();
    let provider = provider(&server, &http, "k");
    let mut request = ask("?");
    request.time_left = Some(Duration::from_millis(30));
    for _ in 0..4 {
        assert_eq!(provider.complete(&request).await.unwrap_err().kind(), ErrorKind::Timeout);
    }
    assert_eq!(http.breakers.list()[0].state, CircuitState::Closed);
}

#[tokio::test]
async fn retries_are_attempts_and_an_opening_between_them_ends_the_call() {
    let server = LoopbackServer::sequence([failing(500)]);
    let (mut http, _) = watched();
    http.retry = RetryPolicy {
        max_attempts: 9,
        base_delay: Duration::from_millis(1),
        ..RetryPolicy::default()
    };
    let error = provider(&server, &http, "k").complete(&ask("?")).await.unwrap_err();
    assert_eq!(error.status(), Some(500), "what opened it says more than that it is open");
    assert_eq!(server.counts().requests, 3);
}

#[tokio::test]
async fn they_can_be_turned_off() {
    let server = LoopbackServer::sequence([failing(500)]);
    let (mut http, _) = watched();
    http.circuit = None;
    let provider = provider(&server, &http, "k");
    for _ in 0..9 {
        provider.complete(&ask("?")).await.unwrap_err();
    }
    assert_eq!((server.counts().requests, http.breakers.len()), (9, 0));
}
