//! Budgets of agents: nothing that calls a model goes past the ledger.

use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{
    BoxFuture, Embedder, Embeddings, EntryFilter, LedgerEntry, RouteInput, Router, ToolHandler,
};
use cascade_core::{
    Agent, AgentBuilder, AttemptRole, BatchOptions, ErrorKind, Input, MeteredEmbedder, ModelConfig,
    ModelPrice, Plan, PlanStep, Result, Route, RunOptions, StepGate, StreamEvent, Tool, ToolCall,
    ToolOutput, Usage, Usd,
};
use cascade_telemetry::{CostTracker, MemoryBudgetStore};
use cascade_testkit::{FakeClock, ScriptedAnswer, ScriptedProvider};
use futures_util::StreamExt;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::budget_tracker::{cost, tracker, usd, user};

const TOKENS: u32 = 100;

fn options(user: &str) -> RunOptions {
    RunOptions { max_tokens: Some(TOKENS), user_id: Some(user.into()), ..RunOptions::default() }
}

fn answer(text: &str) -> ScriptedAnswer {
    ScriptedAnswer::text(text).with_usage(Usage::new(10, 20))
}

fn broken() -> ScriptedAnswer {
    ScriptedAnswer::failure(ErrorKind::Overloaded, "down")
}

fn builder(provider: &ScriptedProvider, tracker: &CostTracker) -> AgentBuilder {
    let model = |name: &str, cost: &str| ModelConfig::new(name, "scripted").with_cost(usd(cost));
    Agent::builder()
        .model(model("small", "0.001"), Arc::new(provider.clone()))
        .model(model("big", "0.01"), Arc::new(provider.clone()))
        .clock(Arc::new(FakeClock::new()))
        .ledger(Arc::new(tracker.clone()))
}

struct Fixed(Plan);

impl Router for Fixed {
    fn route<'a>(&'a self, _input: RouteInput<'a>) -> BoxFuture<'a, Result<Option<Plan>>> {
        Box::pin(async { Ok(Some(self.0.clone())) })
    }
}

fn steps(steps: Vec<PlanStep>) -> Plan {
    Plan { steps, route: Route::Strategy, ..Plan::direct(0, "test", "test") }
}

/// A tracker with a budget that is never used up, so that every account is kept.
fn generous() -> CostTracker {
    tracker(json!({"user_budgets": {"ann": {"daily": 1000}}, "mode": "block"}), &FakeClock::new())
}

fn booked(tracker: &CostTracker) -> Vec<LedgerEntry> {
    tracker.entries(&EntryFilter::default()).unwrap()
}

/// Every attempt is one entry with its part, its cost and one request for the whole run; nothing
/// stays set aside.
fn assert_booked(tracker: &CostTracker, roles: &[AttemptRole], total: Usd) {
    let entries = booked(tracker);
    let found: Vec<AttemptRole> = entries.iter().filter_map(|entry| entry.role).collect();
    assert_eq!(found, roles);
    assert_eq!(entries.iter().map(|entry| entry.cost).sum::<Usd>(), total);
    assert_eq!(entries.iter().map(|entry| entry.requests).sum::<u64>(), 1);
    assert!(entries.iter().all(|entry| entry.query_id == entries[0].query_id));
    let status = tracker.budget_status(&user("ann")).unwrap().unwrap();
    assert_eq!(status.used, total.decimal());
    assert!(status.reserved.is_zero(), "{} stays set aside", status.reserved);
}

async fn run_200(tracker: &CostTracker, spawn: bool) -> (usize, usize) {
    let provider = ScriptedProvider::new("scripted").otherwise(|_, _| {
        answer("fine").with_usage(Usage::new(0, 1_000)).with_delay(Duration::from_millis(2))
    });
    let agent = Agent::builder()
        .model(ModelConfig::new("only", "scripted").with_cost(usd("0.01")), Arc::new(provider))
        .clock(Arc::new(FakeClock::new()))
        .ledger(Arc::new(tracker.clone()))
        .build()
        .unwrap();
    let options = || RunOptions { max_tokens: Some(1_000), ..options("ann") };
    let run = |agent: Agent| async move { agent.run("q", options()).await };
    let outcomes: Vec<Result<_>> = if spawn {
        let mut tasks = tokio::task::JoinSet::new();
        (0..200).for_each(|_| drop(tasks.spawn(run(agent.clone()))));
        tasks.join_all().await
    } else {
        join_all((0..200).map(|_| run(agent.clone()))).await
    };
    let good = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let refused = outcomes
        .iter()
        .filter_map(|outcome| outcome.as_ref().err())
        .inspect(|error| {
            assert_eq!((error.kind(), error.field()), (ErrorKind::Budget, Some("daily")));
            assert!(error.budget().is_some() && error.retry_after().is_some());
        })
        .count();
    (good, refused)
}

/// Ten answers cost the budget; each run sets aside a little more than it will cost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_200_parallel_runs_ten_are_paid_for() {
    for spawn in [true, false] {
        let policy = json!({"user_budgets": {"ann": {"daily": "0.104"}}, "mode": "block"});
        let tracker = tracker(policy, &FakeClock::new());
        let (good, refused) = run_200(&tracker, spawn).await;
        assert_eq!((good, refused), (10, 190));
        let summary = tracker.user_summary("ann", None).unwrap();
        assert_eq!((summary.total_cost, summary.total_entries), (usd("0.1"), 10));
        assert!(summary.budgets[0].reserved.is_zero());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_200_parallel_runs_all_pass_in_the_mode_warn() {
    let policy = json!({"user_budgets": {"ann": {"daily": "0.01", "requests_per_day": 3}}});
    let tracker = tracker(policy, &FakeClock::new());
    assert_eq!(run_200(&tracker, true).await, (200, 0));
    let summary = tracker.user_summary("ann", None).unwrap();
    assert_eq!((summary.total_cost, summary.budget_exceeded), (usd("2"), true));
}

/// A plan, what each model answers, and the parts that are booked.
type Case = (Plan, Vec<ScriptedAnswer>, Vec<ScriptedAnswer>, Vec<AttemptRole>);

#[tokio::test]
async fn drafts_verifiers_retries_and_fallbacks_are_booked() {
    use AttemptRole::{Draft, Fallback, Step, Verifier};
    let step = |name: &str, models: &[usize], gate: StepGate| PlanStep {
        models: models.to_vec(),
        ..PlanStep::single(name, 0, gate)
    };
    let set = PlanStep { samples: 2, ..step("set", &[0, 1], StepGate::Open) };
    let retried = PlanStep { retries: 2, ..step("retried", &[0], StepGate::Open) };
    let replaced = PlanStep { fallbacks: vec![1], ..step("replaced", &[0], StepGate::Open) };
    let all = Plan {
        run_all_steps: true,
        ..steps(vec![step("one", &[0], StepGate::Open), step("two", &[1], StepGate::Open)])
    };
    let cases: Vec<Case> = vec![
        (Plan::cascade(0, 1, "test", "test"), vec![answer("fine")], vec![], vec![Draft]),
        (
            Plan::cascade(0, 1, "test", "test"),
            vec![answer("")],
            vec![answer("fine")],
            vec![Draft, Verifier],
        ),
        (
            steps(vec![set]),
            vec![answer("a"), answer("b")],
            vec![answer("c"), answer("d")],
            vec![Step; 4],
        ),
        (steps(vec![retried]), vec![broken(), broken(), answer("fine")], vec![], vec![Step; 3]),
        (steps(vec![replaced]), vec![broken()], vec![answer("fine")], vec![Step, Fallback]),
        (all, vec![answer("a")], vec![answer("b")], vec![Step; 2]),
    ];
    for (plan, small, big, roles) in cases {
        for streamed in [false, true] {
            let provider = ScriptedProvider::new("scripted");
            for (model, answers) in [("small", &small), ("big", &big)] {
                for answer in answers {
                    provider.push(model, answer.clone());
                }
            }
            let tracker = generous();
            let router = Arc::new(Fixed(plan.clone()));
            let agent = builder(&provider, &tracker).router(router).build().unwrap();
            let result = if streamed {
                let events = agent.stream("q", options("ann")).map(Result::unwrap);
                match events.collect::<Vec<_>>().await.pop() {
                    Some(StreamEvent::Complete { result }) => *result,
                    last => panic!("{last:?}"),
                }
            } else {
                agent.run("q", options("ann")).await.unwrap()
            };
            assert_booked(&tracker, &roles, result.total_cost);
        }
    }
}

#[tokio::test]
async fn models_named_as_fallbacks_of_the_agent_are_booked() {
    use AttemptRole::{Direct, Fallback};
    let provider =
        ScriptedProvider::new("scripted").answer("small", broken()).answer("big", answer("ok"));
    let tracker = generous();
    let agent = builder(&provider, &tracker)
        .router(Arc::new(Fixed(Plan::direct(0, "test", "test"))))
        .fallbacks(vec!["big".into()])
        .build()
        .unwrap();
    let result = agent.run("q", options("ann")).await.unwrap();
    assert_booked(&tracker, &[Direct, Fallback], result.total_cost);
}

struct Tools;

impl ToolHandler for Tools {
    fn call<'a>(&'a self, _call: &'a ToolCall) -> BoxFuture<'a, Result<ToolOutput>> {
        Box::pin(async { Ok(ToolOutput { content: "42".into(), is_error: false }) })
    }
}

#[tokio::test]
async fn every_round_of_tools_is_booked() {
    let calls = || ScriptedAnswer::tool_calls([("f", "{}")]).with_usage(Usage::new(30, 5));
    let provider = ScriptedProvider::new("scripted")
        .answer("big", calls())
        .answer("big", calls())
        .answer("big", answer("42"));
    let tracker = generous();
    let agent = builder(&provider, &tracker)
        .router(Arc::new(Fixed(Plan::direct(1, "test", "test"))))
        .tool_handler(Arc::new(Tools))
        .build()
        .unwrap();
    let tools = vec![Tool::new("f", "finds", json!({"type": "object"}))];
    let options = RunOptions { tools: tools.into(), ..options("ann") };
    let result = agent.run("q", options).await.unwrap();
    assert_booked(&tracker, &[AttemptRole::Direct; 3], result.total_cost);
    assert_eq!(result.total_cost, usd("0.001"));
}

#[tokio::test]
async fn each_run_of_a_batch_draws_on_the_budget() {
    let policy = json!({"user_budgets": {"ann": {"total": "0.0045"}}, "mode": "block"});
    let tracker = tracker(policy, &FakeClock::new());
    let provider = ScriptedProvider::new("scripted").otherwise(|_, _| answer("fine"));
    let agent = builder(&provider, &tracker)
        .router(Arc::new(Fixed(Plan::direct(1, "test", "test"))))
        .build()
        .unwrap();
    let inputs: Vec<Input> = (0..50).map(|number| format!("q{number}").into()).collect();
    let batch = BatchOptions { max_parallel: 5, ..BatchOptions::default() };
    let report = agent.run_batch(inputs, options("ann"), batch, |_| {}).await;
    let good = report.items.iter().filter(|item| item.outcome.is_ok()).count();
    assert!((10..=15).contains(&good), "{good}");
    let summary = tracker.user_summary("ann", None).unwrap();
    assert_eq!((summary.total_cost, summary.total_entries), (report.total_cost, good as u64));
    assert!(summary.total_cost <= usd("0.0045"));
    assert!(summary.budgets[0].reserved.is_zero());
}

#[tokio::test]
async fn a_dropped_stream_books_what_came_and_releases_the_rest() {
    let text = "0123456789".repeat(40);
    let provider =
        ScriptedProvider::new("scripted").answer("big", answer(&text).with_piece_size(10));
    let tracker = generous();
    let agent = builder(&provider, &tracker)
        .router(Arc::new(Fixed(Plan::direct(1, "test", "test"))))
        .build()
        .unwrap();
    let mut stream = agent.stream("q", options("ann"));
    let mut chunks = 0;
    while chunks < 4 {
        chunks += usize::from(matches!(stream.next().await, Some(Ok(StreamEvent::Chunk { .. }))));
    }
    let held = tracker.budget_status(&user("ann")).unwrap().unwrap();
    assert!(!held.reserved.is_zero());
    drop(stream);
    let entries = booked(&tracker);
    assert_eq!(entries.len(), 1);
    assert!(entries[0].usage.estimated && entries[0].usage.output_tokens >= 10);
    let status = tracker.budget_status(&user("ann")).unwrap().unwrap();
    assert_eq!((status.used, status.reserved.is_zero()), (entries[0].cost.decimal(), true));
}

#[tokio::test]
async fn degrading_asks_the_cheapest_model_before_it_refuses() {
    let policy = json!({"user_budgets": {"ann": {"daily": "0.02"}}, "mode": "degrade"});
    let tracker = tracker(policy, &FakeClock::new());
    let provider = ScriptedProvider::new("scripted").otherwise(|_, _| answer("fine"));
    let agent = builder(&provider, &tracker)
        .router(Arc::new(Fixed(Plan::direct(1, "test", "test"))))
        .build()
        .unwrap();
    let run = || agent.run("q", options("ann"));
    assert_eq!(&*run().await.unwrap().answer_model, "big");
    tracker.add_cost(cost("0.0178", &user("ann"))).unwrap();
    let degraded = run().await.unwrap();
    assert_eq!(&*degraded.answer_model, "small");
    let told = degraded.trace.steps.iter().find(|step| step.decision == "degrade").unwrap();
    assert!(told.reason.contains("has passed 90 %"), "{}", told.reason);
    tracker.add_cost(cost("0.0019", &user("ann"))).unwrap();
    let error = run().await.unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Budget, Some("daily")));
}

#[tokio::test]
async fn a_warning_reaches_the_trace_of_the_run_that_passed_the_threshold() {
    let tracker = tracker(json!({"user_budgets": {"ann": {"daily": "0.0004"}}}), &FakeClock::new());
    let provider = ScriptedProvider::new("scripted").otherwise(|_, _| answer("fine"));
    let agent = builder(&provider, &tracker)
        .router(Arc::new(Fixed(Plan::direct(1, "test", "test"))))
        .build()
        .unwrap();
    let mut warned = Vec::new();
    for _ in 0..4 {
        let result = agent.run("q", options("ann")).await.unwrap();
        warned.push(result.trace.steps.iter().filter(|step| step.decision == "warn").count());
    }
    assert_eq!(warned, [0, 2, 0, 0], "0.0006 of 0.0004 USD: both thresholds at once");
}

struct Vectors;

impl Embedder for Vectors {
    fn embed<'a>(&'a self, texts: &'a [&'a str]) -> BoxFuture<'a, Result<Vec<Vec<f32>>>> {
        Box::pin(async move { Ok(vec![vec![0.0]; texts.len()]) })
    }

    fn embed_counted<'a>(&'a self, texts: &'a [&'a str]) -> BoxFuture<'a, Result<Embeddings>> {
        Box::pin(async move {
            if texts.contains(&"hang") {
                std::future::pending::<()>().await;
            }
            if texts.contains(&"broken") {
                return Err(cascade_core::Error::new(ErrorKind::Overloaded, "down"));
            }
            Ok(Embeddings {
                vectors: self.embed(texts).await?,
                usage: Some(Usage::new(1_000 * texts.len() as u64, 0)),
            })
        })
    }
}

#[tokio::test]
async fn embeddings_draw_on_budgets() {
    let policy = json!({"user_budgets": {"ann": {"total": "0.01"}}, "mode": "block"});
    let tracker = tracker(policy, &FakeClock::new());
    let price = ModelPrice::new(usd("1"), Usd::ZERO);
    let embedder = MeteredEmbedder::new(
        Arc::new(Vectors),
        Arc::new(tracker.clone()),
        "vectors",
        "scripted",
        Some(price),
    )
    .for_scope(user("ann"));
    let long = "x".repeat(2_000);
    assert_eq!(embedder.embed(&[&long, &long]).await.unwrap().len(), 2);
    let entries = booked(&tracker);
    assert_eq!((entries[0].role, entries[0].cost), (Some(AttemptRole::Embedding), usd("0.002")));
    assert_eq!((&*entries[0].model, entries[0].tokens, entries[0].requests), ("vectors", 2_000, 1));
    // One that fails or is dropped costs nothing and holds nothing.
    assert!(embedder.embed(&["broken"]).await.is_err());
    let hanging = ["hang"];
    let cancelled = tokio::time::timeout(Duration::from_millis(5), embedder.embed(&hanging));
    assert!(cancelled.await.is_err());
    let status = tracker.budget_status(&user("ann")).unwrap().unwrap();
    assert_eq!((status.used, status.reserved.is_zero()), (usd("0.002").decimal(), true));
    let huge = "x".repeat(9_000);
    let error = embedder.embed(&[&huge]).await.unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Budget, Some("total")));
    assert_eq!(booked(&tracker).len(), 1);
}

#[tokio::test]
async fn rate_limits_refuse_with_their_own_kind() {
    let policy = json!({"user_budgets": {"ann": {"requests_per_minute": 2}}, "mode": "block"});
    let clock = FakeClock::new();
    let store = Arc::new(MemoryBudgetStore::default());
    let policy: Value = policy;
    let tracker = CostTracker::new(
        serde_json::from_value(policy).unwrap(),
        store.clone(),
        Arc::new(clock.clone()),
    )
    .unwrap();
    let provider = ScriptedProvider::new("scripted").otherwise(|_, _| answer("fine"));
    let agent = builder(&provider, &tracker).build().unwrap();
    for _ in 0..2 {
        agent.run("q", options("ann")).await.unwrap();
    }
    let error = agent.run("q", options("ann")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimit);
    assert_eq!(error.retry_after(), Some(Duration::from_mins(1)));
    assert_eq!(store.open_reservations(), 0);
    clock.advance(Duration::from_mins(1));
    agent.run("q", options("ann")).await.unwrap();
}
