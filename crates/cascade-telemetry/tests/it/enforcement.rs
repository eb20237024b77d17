use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{BoxFuture, EnforcementAction};
use cascade_core::{Error, ErrorKind, ModelConfig, Result, Usd};
use cascade_telemetry::{
    BuiltInEnforcement, EnforcementCallback, EnforcementChain, EnforcementContext, FailurePolicy,
    read_decision, read_model_filter,
};
use cascade_testkit::FakeClock;
use parking_lot::Mutex;
use serde_json::json;

/// Answers always alike: an action, a failure, or never.
enum Scripted {
    Answers(EnforcementAction),
    Fails,
    Hangs,
    Leaves(Vec<usize>),
}

impl EnforcementCallback for Scripted {
    fn check<'a>(
        &'a self,
        _context: &'a EnforcementContext,
    ) -> BoxFuture<'a, Result<EnforcementAction>> {
        match self {
            Self::Answers(action) => Box::pin(std::future::ready(Ok(action.clone()))),
            Self::Fails => {
                let error = Error::new(ErrorKind::UserCode, "the callback raised");
                Box::pin(std::future::ready(Err(error)))
            }
            Self::Hangs => Box::pin(std::future::pending()),
            Self::Leaves(_) => Box::pin(std::future::ready(Ok(EnforcementAction::Allow))),
        }
    }

    fn filter_models<'a>(
        &'a self,
        _context: &'a EnforcementContext,
        _models: &'a [Arc<ModelConfig>],
    ) -> BoxFuture<'a, Result<Option<Vec<usize>>>> {
        let Self::Leaves(positions) = self else {
            return Box::pin(std::future::ready(Ok(None)));
        };
        Box::pin(std::future::ready(Ok(Some(positions.clone()))))
    }
}

fn chain(
    on_failure: FailurePolicy,
    callbacks: Vec<Scripted>,
) -> (EnforcementChain, Arc<Mutex<Vec<String>>>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&heard);
    let chain = EnforcementChain::new(
        Arc::new(FakeClock::jumping()),
        Duration::from_millis(250),
        on_failure,
        move |error| told.lock().push(error.message().to_owned()),
    );
    for callback in callbacks {
        chain.register(Arc::new(callback));
    }
    (chain, heard)
}

#[tokio::test]
async fn the_first_answer_other_than_allow_counts() {
    let (chain, heard) = chain(
        FailurePolicy::Allow,
        vec![
            Scripted::Answers(EnforcementAction::Allow),
            Scripted::Answers(EnforcementAction::Warn("careful".into())),
            Scripted::Answers(EnforcementAction::Block("too late".into())),
        ],
    );
    let context = EnforcementContext::default();
    assert_eq!(chain.decide(&context).await, EnforcementAction::Warn("careful".into()));
    assert!(chain.remove(1) && !chain.remove(5));
    assert_eq!(chain.decide(&context).await, EnforcementAction::Block("too late".into()));
    chain.clear();
    assert_eq!(chain.decide(&context).await, EnforcementAction::Allow);
    assert_eq!((chain.checks(), chain.failures(), heard.lock().len()), (3, 0, 0));
}

#[tokio::test]
async fn failures_and_callbacks_that_take_too_long_count_as_the_policy_says() {
    let told = ["the callback raised", "an enforcement callback took more than 250 ms"];
    let callbacks = || vec![Scripted::Fails, Scripted::Hangs];
    let (open, heard) = chain(FailurePolicy::Allow, callbacks());
    let context = EnforcementContext::default();
    assert_eq!(open.decide(&context).await, EnforcementAction::Allow);
    assert_eq!(*heard.lock(), told);
    let (closed, heard) = chain(FailurePolicy::Block, callbacks());
    assert!(matches!(closed.decide(&context).await, EnforcementAction::Block(_)));
    assert_eq!(*heard.lock(), told[..1]);
    assert_eq!((open.failures(), closed.failures()), (2, 1));
}

#[tokio::test]
async fn filters_leave_what_all_of_them_leave() {
    let models: Vec<Arc<ModelConfig>> =
        ["a", "b", "c"].map(|name| Arc::new(ModelConfig::new(name, "openai"))).into();
    let context = EnforcementContext::default();
    let allow = || Scripted::Answers(EnforcementAction::Allow);
    let (all, _) = chain(FailurePolicy::Allow, vec![allow()]);
    assert_eq!(all.filter(&context, &models).await, None);
    let filters = vec![Scripted::Leaves(vec![0, 1]), allow(), Scripted::Leaves(vec![1, 2])];
    let (some, _) = chain(FailurePolicy::Allow, filters);
    assert_eq!(some.filter(&context, &models).await, Some(vec![1]));
}

#[test]
fn answers_of_users_code_are_read_or_refused_with_the_remedy() {
    use EnforcementAction::{Allow, Block, Degrade, Warn};
    let read = |value| read_decision(&value).unwrap();
    assert_eq!(read(json!(null)), Allow);
    assert_eq!(read(json!("allow")), Allow);
    assert_eq!(read(json!(["block", "no money"])), Block("no money".into()));
    assert_eq!(read(json!(["allow", null])), Allow);
    assert!(matches!(read(json!("degrade")), Degrade(why) if !why.is_empty()));
    assert!(matches!(read(json!(["warn"])), Warn(why) if !why.is_empty()));
    for (answer, action) in [
        (json!({"action": "allow"}), Allow),
        (json!({"action": "block", "message": "no"}), Block("no".to_owned())),
        (json!({"action": "allow", "message": null}), Allow),
    ] {
        assert_eq!(read_decision(&answer).unwrap(), action);
    }
    for junk in [
        json!("deny"),
        json!(1),
        json!(true),
        json!({}),
        json!({"action": 3}),
        json!(["block", 3]),
        json!([]),
    ] {
        let error = read_decision(&junk).unwrap_err();
        assert_eq!((error.kind(), error.field()), (ErrorKind::UserCode, Some("on_budget_check")));
        assert!(error.hint().unwrap().contains("`degrade`"));
    }
    let models: Vec<Arc<ModelConfig>> =
        ["a", "b"].map(|name| Arc::new(ModelConfig::new(name, "openai"))).into();
    assert_eq!(read_model_filter(&json!(null), &models).unwrap(), None);
    assert_eq!(read_model_filter(&json!(["b", "b"]), &models).unwrap(), Some(vec![1]));
    assert_eq!(read_model_filter(&json!([]), &models).unwrap(), Some(vec![]));
    for junk in [json!("a"), json!(["z"]), json!([1])] {
        assert_eq!(read_model_filter(&junk, &models).unwrap_err().field(), Some("on_model_filter"));
    }
}

#[test]
fn ready_made_callbacks_follow_their_table() {
    use BuiltInEnforcement::{Default, Graceful, Strict, TierBased};
    // At 79 %, 80 %, 90 %, and used up.
    let table = [
        (Strict, None, ["allow", "warn", "warn", "block"]),
        (Graceful, None, ["allow", "warn", "degrade", "block"]),
        (TierBased, Some("free"), ["allow", "warn", "warn", "block"]),
        (TierBased, Some("pro"), ["allow", "allow", "warn", "degrade"]),
        (TierBased, Some("enterprise"), ["allow", "allow", "warn", "warn"]),
        (TierBased, Some("other"), ["allow", "allow", "allow", "allow"]),
        (TierBased, None, ["allow", "allow", "allow", "allow"]),
        (Default, None, ["allow", "allow", "warn", "block"]),
    ];
    for (callback, tier, expected) in table {
        let states = [(0.79, false), (0.80, false), (0.90, false), (1.1, true)];
        for ((share, exceeded), expected) in states.into_iter().zip(expected) {
            let left = if exceeded { "0" } else { "0.2" };
            let context = EnforcementContext {
                user_tier: tier.map(str::to_owned),
                budget_share: share,
                budget_exceeded: exceeded,
                budget_remaining: Some(left.parse::<Usd>().unwrap()),
                ..EnforcementContext::default()
            };
            let action = match callback.decide(&context) {
                EnforcementAction::Allow => "allow",
                EnforcementAction::Warn(_) => "warn",
                EnforcementAction::Degrade(_) => "degrade",
                EnforcementAction::Block(_) => "block",
            };
            assert_eq!(action, expected, "{callback:?} of {tier:?} at {share}");
        }
    }
}
