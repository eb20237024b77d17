use std::sync::Arc;
use std::time::Duration;

use cascade_core::{Error, ErrorKind, Result};
use cascade_telemetry::{CallbackData, CallbackEvent, CallbackManager};
use cascade_testkit::FakeClock;
use parking_lot::Mutex;
use serde_json::{Map, json};

fn manager() -> Arc<CallbackManager> {
    let clock = FakeClock::new().with_epoch(Duration::from_secs(100));
    Arc::new(CallbackManager::new(Arc::new(clock)))
}

fn data() -> Map<String, serde_json::Value> {
    json!({"a": 1}).as_object().unwrap().clone()
}

#[test]
fn listeners_hear_what_they_asked_for() {
    let manager = manager();
    let heard: Arc<Mutex<Vec<CallbackData>>> = Arc::default();
    let kept = heard.clone();
    let listener = move |data: &CallbackData| -> Result<()> {
        kept.lock().push(data.clone());
        Ok(())
    };
    let id = manager.register(CallbackEvent::QueryStart, Arc::new(listener)).unwrap();
    manager.trigger(CallbackEvent::QueryStart, "q", data(), Some("pro"), Some("w"));
    manager.trigger(CallbackEvent::CacheHit, "q", Map::new(), None, None);
    {
        let heard = heard.lock();
        assert_eq!(heard.len(), 1);
        assert_eq!((heard[0].query.as_str(), heard[0].timestamp), ("q", 100.0));
        assert_eq!(heard[0].user_tier.as_deref(), Some("pro"));
        assert_eq!(serde_json::to_value(&heard[0]).unwrap()["event"], "query_start");
    }
    let stats = manager.stats();
    assert_eq!((stats.total_triggers, stats.by_event.len()), (2, 12));
    assert_eq!(stats.registered_events, [CallbackEvent::QueryStart]);
    assert!(manager.unregister(CallbackEvent::QueryStart, id));
    assert!(!manager.unregister(CallbackEvent::QueryStart, id));
    manager.trigger(CallbackEvent::QueryStart, "q", data(), None, None);
    assert_eq!(heard.lock().len(), 1);
    manager.reset_stats();
    assert_eq!(manager.stats().total_triggers, 0);
}

#[test]
fn failing_listeners_harm_nobody() {
    let manager = manager();
    let heard = Arc::new(Mutex::new(0));
    let count = heard.clone();
    let fails = |_: &CallbackData| -> Result<()> { Err(Error::new(ErrorKind::UserCode, "no")) };
    let panics = |_: &CallbackData| -> Result<()> { panic!("listener") };
    let counts = move |_: &CallbackData| -> Result<()> {
        *count.lock() += 1;
        Ok(())
    };
    let event = CallbackEvent::QueryComplete;
    manager.register(event, Arc::new(fails)).unwrap();
    manager.register(event, Arc::new(panics)).unwrap();
    manager.register(event, Arc::new(counts)).unwrap();
    manager.trigger(event, "", Map::new(), None, None);
    assert_eq!((*heard.lock(), manager.stats().callback_errors), (1, 2));
}

#[test]
fn events_within_events_end() {
    let manager = manager();
    let again = Arc::downgrade(&manager);
    let listener = move |_: &CallbackData| -> Result<()> {
        if let Some(manager) = again.upgrade() {
            manager.trigger(CallbackEvent::CacheMiss, "", Map::new(), None, None);
        }
        Ok(())
    };
    manager.register(CallbackEvent::CacheMiss, Arc::new(listener)).unwrap();
    manager.trigger(CallbackEvent::CacheMiss, "", Map::new(), None, None);
    assert_eq!(manager.stats().dropped, 1);
    assert_eq!(manager.stats().total_triggers, 9);
}

#[test]
fn listeners_are_bounded_and_events_named() {
    let manager = manager();
    let event = CallbackEvent::ModelCallError;
    let register =
        || manager.register(event, Arc::new(|_: &CallbackData| -> Result<()> { Ok(()) }));
    for _ in 0..256 {
        register().unwrap();
    }
    assert_eq!(register().unwrap_err().field(), Some("callback"));
    manager.clear(None);
    assert!(!manager.is_heard(event));
    register().unwrap();
    for event in CallbackEvent::ALL {
        assert_eq!(event.as_str().parse::<CallbackEvent>().unwrap(), event);
    }
    assert_eq!("query_end".parse::<CallbackEvent>().unwrap_err().field(), Some("event"));
}
