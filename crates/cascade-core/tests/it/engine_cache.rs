use std::sync::Arc;

use cascade_core::ports::{BoxFuture, CacheKey, ResponseCache};
use cascade_core::{
    CascadeResult, Complexity, Input, Message, ResponseFormat, RunOptions, StreamEvent, Tool,
};
use cascade_testkit::{FakeClock, ScriptedAnswer, ScriptedProvider};
use futures_util::FutureExt;

use crate::engine_ports_support::{Ledger, MemoryCache};
use crate::engine_support::{builder, events, kinds, usd};

#[tokio::test]
async fn a_hit_costs_nothing_and_gives_the_same_answer() {
    let provider = ScriptedProvider::new("scripted").answer("small", "kept");
    let (cache, ledger) = (Arc::new(MemoryCache::default()), Ledger::with(usd("1")));
    let agent = builder(&provider).cache(cache.clone()).ledger(ledger.clone()).build().unwrap();
    let options = || RunOptions { max_tokens: Some(50), ..RunOptions::default() };
    let first = agent.run("q?", options()).await.unwrap();
    let mut again = options();
    again.metadata.insert("call".into(), 2.into());
    let second = agent.run("q?", again).await.unwrap();
    assert!(!first.cache_hit && second.cache_hit);
    assert_eq!((second.content.as_str(), provider.calls()), ("kept", 1));
    assert_eq!(second.total_cost, usd("0"));
    assert_eq!((second.draft_cost, second.verifier_cost), (usd("0"), usd("0")));
    assert_eq!(
        (second.cost_saved, second.baseline_cost),
        (first.baseline_cost, first.baseline_cost)
    );
    assert_eq!(second.usage.total_tokens(), 0);
    assert!(second.attempts.is_empty());
    assert_eq!(second.metadata["call"], 2);
    assert_eq!(ledger.reservations(), 1, "a hit reserves nothing");
    let streamed = events(&agent, "q?", options()).await;
    assert_eq!(kinds(&streamed), ["routing", "chunk", "complete"]);
}

#[tokio::test]
async fn a_kept_answer_streams_its_tool_calls() {
    let provider = ScriptedProvider::new("scripted")
        .answer("small", ScriptedAnswer::tool_calls([("look", "{}")]));
    let agent = builder(&provider)
        .judge(Arc::new(Anything))
        .cache(Arc::new(MemoryCache::default()))
        .build()
        .unwrap();
    let first = events(&agent, "q?", RunOptions::default()).await;
    let second = events(&agent, "q?", RunOptions::default()).await;
    let calls = |events: &[StreamEvent]| {
        events.iter().filter(|event| matches!(event, StreamEvent::ToolCall { .. })).count()
    };
    assert!(calls(&first) >= 1 && calls(&second) == 1);
    assert_eq!(provider.calls(), 1);
}

struct Anything;

impl cascade_core::ports::Judge for Anything {
    fn judge<'a>(
        &'a self,
        _input: cascade_core::ports::JudgeInput<'a>,
    ) -> BoxFuture<'a, cascade_core::Result<cascade_core::Verdict>> {
        Box::pin(async { Ok(cascade_core::Verdict::unjudged("anything goes")) })
    }
}

#[tokio::test]
async fn runs_that_differ_in_anything_do_not_share_an_entry() {
    let base = RunOptions::default;
    let tool = Tool::new("t", "", "{}".into());
    let variants: Vec<RunOptions> = vec![
        base(),
        RunOptions { user_id: Some("ann".into()), ..base() },
        RunOptions { tenant_id: Some("ann".into()), ..base() },
        RunOptions { user_tier: Some("ann".into()), ..base() },
        RunOptions { workflow: Some("ann".into()), ..base() },
        RunOptions { channel: Some("ann".into()), ..base() },
        RunOptions { system_prompt: Some("ann".into()), ..base() },
        RunOptions { max_tokens: Some(7), ..base() },
        RunOptions { temperature: Some(0.7), ..base() },
        RunOptions { top_p: Some(0.7), ..base() },
        RunOptions { seed: Some(7), ..base() },
        RunOptions { stop: vec!["7".into()], ..base() },
        RunOptions { tools: Arc::from([tool]), ..base() },
        RunOptions { response_format: Some(ResponseFormat::JsonObject), ..base() },
        RunOptions { complexity_hint: Some(Complexity::Hard), ..base() },
        RunOptions { force_direct: true, ..base() },
        RunOptions { domain_hint: Some("law".into()), ..base() },
        RunOptions { domain_confidence_hint: Some(0.5), ..base() },
        RunOptions { quality_threshold: Some(0.5), ..base() },
        RunOptions { max_steps: Some(2), ..base() },
        RunOptions { extra: [("k".to_owned(), 1.into())].into_iter().collect(), ..base() },
    ];
    let provider = ScriptedProvider::new("scripted").always("small", "x").always("big", "x");
    let cache = Arc::new(MemoryCache::default());
    let agent = builder(&provider).judge(Arc::new(Anything)).cache(cache.clone()).build().unwrap();
    for options in &variants {
        assert!(!agent.run("q?", options.clone()).await.unwrap().cache_hit, "{options:?}");
    }
    let history = vec![Message::user("q?"), Message::assistant("a"), Message::user("q?")];
    assert!(!agent.run(Input::Messages(history), base()).await.unwrap().cache_hit);
    let instructed = vec![Message::system("ann"), Message::user("q?")];
    assert!(!agent.run(Input::Messages(instructed), base()).await.unwrap().cache_hit);
    assert_eq!(cache.len(), variants.len() + 2);
    for options in variants {
        assert!(agent.run("q?", options.clone()).await.unwrap().cache_hit, "{options:?}");
    }
}

#[tokio::test]
async fn failures_are_not_kept() {
    let provider = ScriptedProvider::new("scripted");
    let cache = Arc::new(MemoryCache::default());
    let agent = builder(&provider).cache(cache.clone()).build().unwrap();
    agent.run("q?", RunOptions::default()).await.unwrap_err();
    assert_eq!(cache.len(), 0);
}

/// Never finishes keeping anything.
struct StuckCache;

impl ResponseCache for StuckCache {
    fn get<'a>(&'a self, _key: &'a CacheKey) -> BoxFuture<'a, Option<Arc<CascadeResult>>> {
        Box::pin(async { None })
    }

    fn put(&self, _key: CacheKey, _result: Arc<CascadeResult>) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }
}

#[test]
fn a_cache_too_slow_to_keep_an_answer_does_not_hold_it_back_beyond_the_deadline() {
    let provider = ScriptedProvider::new("scripted").answer("small", "fine");
    let agent = builder(&provider)
        .clock(Arc::new(FakeClock::jumping()))
        .cache(Arc::new(StuckCache))
        .build()
        .unwrap();
    let deadline = Some(std::time::Duration::from_secs(1));
    let run = agent.run("q?", RunOptions { deadline, ..RunOptions::default() });
    let result = run.now_or_never().expect("the clock jumps over every wait").unwrap();
    assert_eq!(result.content, "fine");
}
