use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{BoxFuture, JudgeInput, QualityCheck};
use cascade_core::{
    Agent, AttemptOutcome, BatchOptions, CheckOutcome, ErrorKind, Input, Plan, PlanStep, Result,
    Route, RunOptions, StepGate, Usage,
};
use cascade_testkit::{ScriptedAnswer, ScriptedProvider};

use crate::engine_support::{Fixed, agent, builder, events, kinds, model, usd};

fn plan(steps: Vec<PlanStep>) -> Plan {
    Plan { steps, route: Route::Strategy, ..Plan::direct(0, "test", "test") }
}

fn step(name: &str, models: &[usize], gate: StepGate) -> PlanStep {
    PlanStep { models: models.to_vec(), ..PlanStep::single(name, 0, gate) }
}

fn planned(provider: &ScriptedProvider, plan: Plan) -> Agent {
    builder(provider).router(Arc::new(Fixed(plan))).build().unwrap()
}

#[tokio::test]
async fn a_draft_set_is_asked_at_once_and_judged_together() {
    let mut set = step("set", &[0, 1], StepGate::Judge);
    set.samples = 2;
    let last = step("last", &[1], StepGate::Open);
    let provider = ScriptedProvider::new("scripted")
        .answer("small", ScriptedAnswer::text("bad one").with_usage(Usage::new(1, 1)))
        .answer("small", ScriptedAnswer::text("short").with_usage(Usage::new(1, 1)))
        .answer("big", ScriptedAnswer::text("the longest draft").with_usage(Usage::new(1, 1)))
        .answer("big", ScriptedAnswer::failure(ErrorKind::Overloaded, "down"));
    let result =
        planned(&provider, plan(vec![set, last])).run("q?", RunOptions::default()).await.unwrap();
    assert_eq!(result.content, "the longest draft");
    assert_eq!(provider.most_running(), 1, "instant answers never overlap");
    let mut outcomes: Vec<_> = result.attempts.iter().map(|a| a.outcome).collect();
    outcomes.sort_by_key(|outcome| format!("{outcome:?}"));
    assert_eq!(
        outcomes,
        [
            AttemptOutcome::Accepted,
            AttemptOutcome::Failed,
            AttemptOutcome::NotChosen,
            AttemptOutcome::Rejected,
        ]
    );
    assert_eq!(result.total_cost, usd("0.000024"));
    assert_eq!(provider.calls(), 4);
}

#[tokio::test]
async fn the_members_of_a_set_run_side_by_side() {
    let mut set = step("set", &[0], StepGate::Judge);
    set.samples = 3;
    let provider = ScriptedProvider::new("scripted")
        .always("small", ScriptedAnswer::text("fine").with_delay(Duration::from_millis(5)));
    planned(&provider, plan(vec![set])).run("q?", RunOptions::default()).await.unwrap();
    assert_eq!(provider.most_running(), 3);
}

#[tokio::test]
async fn retries_fallbacks_and_run_all_steps_are_followed() {
    let mut first = step("first", &[0], StepGate::Judge);
    first.retries = 1;
    first.fallbacks = vec![1];
    let provider =
        ScriptedProvider::new("scripted").answer("small", "bad").answer("small", "fine now");
    let agent = planned(&provider, plan(vec![first.clone()]));
    let result = agent.run("q?", RunOptions::default()).await.unwrap();
    assert_eq!((result.content.as_str(), result.attempts.len()), ("fine now", 2));

    let provider = ScriptedProvider::new("scripted")
        .answer("small", ScriptedAnswer::failure(ErrorKind::Timeout, "slow"))
        .answer("small", ScriptedAnswer::failure(ErrorKind::Timeout, "slow"))
        .answer("big", "rescued");
    let result = planned(&provider, plan(vec![first.clone()]))
        .run("q?", RunOptions::default())
        .await
        .unwrap();
    assert_eq!((result.content.as_str(), result.attempts.len()), ("rescued", 3));

    let all = Plan {
        run_all_steps: true,
        ..plan(vec![step("one", &[0], StepGate::Judge), step("two", &[1], StepGate::Judge)])
    };
    let provider = ScriptedProvider::new("scripted").answer("small", "fine").answer("big", "more");
    let agent = planned(&provider, all);
    let result = agent.run("q?", RunOptions::default()).await.unwrap();
    assert_eq!((result.content.as_str(), result.attempts.len()), ("more", 2));
}

#[tokio::test]
async fn a_strategy_without_an_accepted_answer_is_a_quality_error() {
    let provider = ScriptedProvider::new("scripted").answer("small", "bad");
    let agent = planned(&provider, plan(vec![step("only", &[0], StepGate::Judge)]));
    let error = agent.run("q?", RunOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Quality);
    assert_eq!(error.attempts().len(), 1);
}

struct Shouting;

impl QualityCheck for Shouting {
    fn name(&self) -> &'static str {
        "shouting"
    }

    fn check<'a>(&'a self, input: JudgeInput<'a>) -> BoxFuture<'a, Result<CheckOutcome>> {
        Box::pin(async move {
            if input.draft.content.contains("panic") {
                return Err(cascade_core::Error::new(ErrorKind::UserCode, "check broke"));
            }
            let loud = input.draft.content == input.draft.content.to_uppercase();
            Ok(if loud {
                CheckOutcome::pass("shouting")
            } else {
                CheckOutcome::fail("shouting", "too quiet")
            })
        })
    }
}

#[tokio::test]
async fn a_named_check_gates_its_step_and_its_failure_rejects() {
    let gate = StepGate::Check("shouting".into());
    let steps = vec![step("loud", &[0], gate.clone()), step("any", &[1], StepGate::Open)];
    for (draft, answer) in [("LOUD", "LOUD"), ("quiet", "end"), ("panic", "end")] {
        let provider =
            ScriptedProvider::new("scripted").answer("small", draft).answer("big", "end");
        let agent = builder(&provider)
            .router(Arc::new(Fixed(plan(steps.clone()))))
            .check(Arc::new(Shouting))
            .build()
            .unwrap();
        let result = agent.run("q?", RunOptions::default()).await.unwrap();
        assert_eq!(result.content, answer);
    }
    let provider = ScriptedProvider::new("scripted");
    let error = planned(&provider, plan(steps)).run("q?", RunOptions::default()).await.unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Routing, Some("validator")));
    assert_eq!(provider.calls(), 0);
}

#[tokio::test]
async fn plans_that_cannot_be_followed_are_refused() {
    let provider = ScriptedProvider::new("scripted");
    for steps in
        [vec![], vec![step("x", &[], StepGate::Open)], vec![step("x", &[9], StepGate::Open)]]
    {
        let agent = planned(&provider, plan(steps));
        let error = agent.run("q?", RunOptions::default()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Routing);
    }
}

#[tokio::test]
async fn a_streamed_set_shows_the_chosen_draft_only() {
    let set = step("set", &[0, 1], StepGate::Judge);
    let provider =
        ScriptedProvider::new("scripted").answer("small", "tiny").answer("big", "longer");
    let events = events(&planned(&provider, plan(vec![set])), "q?", RunOptions::default()).await;
    assert_eq!(kinds(&events), ["routing", "chunk", "draft_decision", "complete"]);
    assert!(!serde_json::to_string(&events[1]).unwrap().contains("tiny"));
}

#[tokio::test]
async fn a_batch_keeps_order_errors_and_bounds() {
    let provider = ScriptedProvider::new("scripted").otherwise(|request, _| {
        let text = request.messages[0].text();
        if text.contains("fail") {
            return ScriptedAnswer::failure(ErrorKind::InvalidRequest, "no");
        }
        ScriptedAnswer::text(format!("answer to {text}")).with_delay(Duration::from_millis(2))
    });
    let inputs: Vec<Input> =
        (0..10).map(|i| if i == 4 { "fail".into() } else { format!("q{i}").into() }).collect();
    let mut progress = Vec::new();
    let report = agent(&provider)
        .run_batch(inputs, RunOptions::default(), BatchOptions::default(), |p| progress.push(p))
        .await;
    assert_eq!(report.success_count(), 9);
    for (index, item) in report.items.iter().enumerate() {
        assert_eq!(item.index, index);
        match &item.outcome {
            Ok(result) => assert_eq!(result.content, format!("answer to q{index}")),
            Err(error) => assert_eq!((index, error.kind()), (4, ErrorKind::InvalidRequest)),
        }
    }
    assert!(provider.most_running() <= 3);
    assert_eq!((progress.len(), progress[9].done, progress[9].failed), (10, 10, 1));
    assert_eq!(progress[9].cost, report.total_cost);
}

#[tokio::test]
async fn a_batch_retries_temporary_failures_and_accounts_them() {
    let provider = ScriptedProvider::new("scripted")
        .answer("small", ScriptedAnswer::text("bad").with_usage(Usage::new(1000, 0)))
        .answer("big", ScriptedAnswer::failure(ErrorKind::Overloaded, "down"))
        .answer("small", ScriptedAnswer::text("fine").with_usage(Usage::new(1000, 0)));
    let report = agent(&provider)
        .run_batch(vec!["q".into()], RunOptions::default(), BatchOptions::default(), |_| {})
        .await;
    let result = report.items[0].outcome.as_ref().unwrap();
    assert_eq!(result.attempts.len(), 3);
    assert_eq!(result.total_cost, usd("0.002"));
    assert_eq!(report.total_cost, usd("0.002"));
}

#[tokio::test]
async fn a_batch_stops_when_told() {
    let provider = ScriptedProvider::new("scripted")
        .otherwise(|_, _| ScriptedAnswer::failure(ErrorKind::InvalidRequest, "no"));
    let batch = BatchOptions { max_parallel: 1, stop_on_error: true, ..BatchOptions::default() };
    let inputs = vec!["a".into(), "b".into(), "c".into()];
    let mut told = Vec::new();
    let report = agent(&provider)
        .run_batch(inputs, RunOptions::default(), batch, |progress| told.push(progress.done))
        .await;
    assert_eq!(told, [1, 2, 3]);
    let kinds: Vec<_> =
        report.items.iter().map(|item| item.outcome.as_ref().unwrap_err().kind()).collect();
    assert_eq!(kinds, [ErrorKind::InvalidRequest, ErrorKind::Cancelled, ErrorKind::Cancelled]);
}

#[tokio::test]
async fn several_equal_models_are_told_apart_by_price() {
    let provider = ScriptedProvider::new("scripted").always("same", "fine");
    let agent = Agent::builder()
        .model(model("same", "0.02"), Arc::new(provider.clone()))
        .model(model("same", "0.01"), Arc::new(provider))
        .build()
        .unwrap();
    assert_eq!(agent.models()[0].cost, Some(usd("0.01")));
}
