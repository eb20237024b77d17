use std::sync::Arc;
use std::time::Duration;

use cascade_core::{
    AttemptOutcome, AttemptRole, Complexity, ErrorKind, FinishReason, Input, Message, Priced, Role,
    Route, RunOptions, TraceStage, Usage,
};
use cascade_testkit::{FakeClock, ScriptedAnswer, ScriptedProvider};

use crate::engine_support::{agent, builder, model, usd};

fn answer(text: &str, input: u64, output: u64) -> ScriptedAnswer {
    ScriptedAnswer::text(text).with_usage(Usage::new(input, output))
}

#[tokio::test]
async fn an_accepted_draft_costs_its_tokens_and_saves_against_the_verifier() {
    let provider = ScriptedProvider::new("scripted").answer("small", answer("Paris", 10, 20));
    let result = agent(&provider).run("capital?", RunOptions::default()).await.unwrap();
    assert_eq!(result.content, "Paris");
    assert_eq!(result.model_used, "small");
    assert!(result.draft_accepted && result.cascaded && !result.escalated);
    assert_eq!(result.total_cost, usd("0.00003"));
    assert_eq!(result.draft_cost, usd("0.00003"));
    assert_eq!(result.verifier_cost, usd("0"));
    assert_eq!(result.baseline_cost, usd("0.0003"));
    assert_eq!(result.cost_saved, usd("0.00027"));
    assert!((result.savings_percentage - 90.0).abs() < 1e-9);
    assert_eq!(result.attempts.len(), 1);
    assert_eq!(result.attempts[0].outcome, AttemptOutcome::Accepted);
    assert_eq!(result.attempts[0].priced, Priced::Configured);
    assert_eq!(provider.calls_of("big"), 0);
}

#[tokio::test]
async fn a_rejected_draft_escalates_and_saves_a_negative_amount() {
    let provider = ScriptedProvider::new("scripted")
        .answer("small", answer("bad", 10, 20))
        .answer("big", answer("good", 10, 30));
    let result = agent(&provider).run("q?", RunOptions::default()).await.unwrap();
    assert_eq!(result.content, "good");
    assert_eq!(result.model_used, "small+big");
    assert!(!result.draft_accepted && result.cascaded && result.escalated);
    assert_eq!(result.rejection_reason.as_deref(), Some("bad word"));
    assert_eq!(result.draft_response.as_deref(), Some("bad"));
    assert_eq!(result.verifier_response.as_deref(), Some("good"));
    assert_eq!(result.total_cost, usd("0.00043"));
    assert_eq!(result.baseline_cost, usd("0.0004"));
    assert_eq!(result.cost_saved, usd("-0.00003"));
    assert!(result.savings_percentage < 0.0);
    let roles: Vec<_> = result.attempts.iter().map(|a| (a.role, a.outcome)).collect();
    assert_eq!(
        roles,
        [
            (AttemptRole::Draft, AttemptOutcome::Rejected),
            (AttemptRole::Verifier, AttemptOutcome::Accepted),
        ]
    );
    assert!(result.trace.steps.iter().any(|step| step.stage == TraceStage::Escalate));
}

#[tokio::test]
async fn a_failing_drafter_is_replaced_by_the_verifier() {
    let provider = ScriptedProvider::new("scripted")
        .answer("small", ScriptedAnswer::failure(ErrorKind::Overloaded, "down"))
        .answer("big", answer("good", 5, 5));
    let result = agent(&provider).run("q?", RunOptions::default()).await.unwrap();
    assert_eq!(result.content, "good");
    assert_eq!(result.rejection_reason.as_deref(), Some("draft_generation_failed"));
    assert_eq!(result.attempts[0].outcome, AttemptOutcome::Failed);
    assert_eq!(result.attempts[0].error_kind, Some(ErrorKind::Overloaded));
    assert_eq!(result.total_cost, usd("0.0001"));
}

#[tokio::test]
async fn both_models_failing_is_an_error_that_lists_the_attempts() {
    let provider = ScriptedProvider::new("scripted")
        .answer("small", ScriptedAnswer::failure(ErrorKind::Overloaded, "down"))
        .answer("big", ScriptedAnswer::failure(ErrorKind::Connection, "gone"));
    let error = agent(&provider).run("q?", RunOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AllAttemptsFailed);
    let failed: Vec<_> = error.attempts().iter().map(|a| &*a.model).collect();
    assert_eq!(failed, ["small", "big"]);
    assert!(error.message().contains("down") && error.message().contains("gone"));
}

#[tokio::test]
async fn a_common_kind_of_failure_is_kept_with_its_details() {
    let limited = || {
        cascade_core::Error::new(ErrorKind::RateLimit, "slow down")
            .with_status(429_u16)
            .with_retry_after(Duration::from_secs(7))
    };
    let provider =
        ScriptedProvider::new("scripted").answer("small", limited()).answer("big", limited());
    let error = agent(&provider).run("q?", RunOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimit);
    assert_eq!(error.status(), Some(429));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert_eq!(error.attempts().len(), 2);
}

#[tokio::test]
async fn an_empty_answer_is_a_failure_and_never_a_result() {
    let provider = ScriptedProvider::new("scripted")
        .answer("small", answer("bad", 10, 20))
        .answer("big", answer("", 10, 30).with_finish_reason(FinishReason::Length));
    let error = agent(&provider).run("q?", RunOptions::default()).await.unwrap_err();
    assert_eq!(error.attempts().len(), 2);
    assert_eq!(error.attempts()[1].cost, usd("0.0004"), "the empty answer is paid for");
    assert!(error.message().contains("empty"));
}

#[tokio::test]
async fn fallbacks_are_asked_once_when_every_planned_model_failed() {
    let provider = ScriptedProvider::new("scripted")
        .answer("small", ScriptedAnswer::failure(ErrorKind::Overloaded, "down"))
        .answer("big", ScriptedAnswer::failure(ErrorKind::Overloaded, "down"))
        .answer("spare", answer("from the spare", 10, 10));
    let agent = builder(&provider)
        .model(model("spare", "0.002"), Arc::new(provider.clone()))
        .fallbacks(vec!["small".into(), "spare".into()])
        .build()
        .unwrap();
    let result = agent.run("q?", RunOptions::default()).await.unwrap();
    assert_eq!(result.content, "from the spare");
    assert_eq!(result.model_used, "small+spare");
    assert_eq!(result.attempts.last().unwrap().role, AttemptRole::Fallback);
    assert_eq!(provider.calls_of("small"), 1);
}

#[tokio::test]
async fn one_model_answers_directly_and_saves_nothing() {
    let provider = ScriptedProvider::new("scripted").answer("only", answer("yes", 10, 10));
    let agent = cascade_core::Agent::builder()
        .model(model("only", "0.01"), Arc::new(provider))
        .build()
        .unwrap();
    let result = agent.run("q?", RunOptions::default()).await.unwrap();
    assert_eq!(result.route, Route::Direct);
    assert_eq!(result.cost_saved, usd("0"));
    assert_eq!(result.draft_cost, usd("0"));
    assert!(!result.cascaded && !result.draft_accepted);
}

#[tokio::test]
async fn the_deadline_covers_the_whole_chain_and_keeps_the_attempts() {
    let clock = FakeClock::jumping();
    let provider = ScriptedProvider::new("scripted")
        .with_clock(Arc::new(clock.clone()))
        .answer("small", answer("bad", 10, 20).with_delay(Duration::from_millis(80)))
        .answer("big", ScriptedAnswer::hang());
    let agent = builder(&provider).clock(Arc::new(clock)).build().unwrap();
    let options =
        RunOptions { deadline: Some(Duration::from_millis(100)), ..RunOptions::default() };
    let error = agent.run("q?", options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.field(), Some("deadline"));
    assert_eq!(error.attempts().len(), 2);
    assert_eq!(error.attempts()[0].cost, usd("0.00003"));
    assert_eq!(provider.cancelled(), 1);
}

#[tokio::test]
async fn dropping_a_run_cancels_the_provider_call() {
    let provider = ScriptedProvider::new("scripted").answer("small", ScriptedAnswer::hang());
    let agent = agent(&provider);
    let run =
        tokio::time::timeout(Duration::from_millis(5), agent.run("q?", RunOptions::default()));
    assert!(run.await.is_err());
    assert_eq!((provider.running(), provider.cancelled()), (0, 1));
}

#[tokio::test]
async fn the_providers_own_cost_wins_and_unknown_prices_are_flagged() {
    let mut response = cascade_core::ChatResponse::from_text("fine");
    response.usage = Some(Usage::new(100, 100));
    response.reported_cost = Some(usd("0.5"));
    let provider = ScriptedProvider::new("scripted").answer("a", response);
    let agent = cascade_core::Agent::builder()
        .model(model("a", "0.01"), Arc::new(provider.clone()))
        .build()
        .unwrap();
    let result = agent.run("q?", RunOptions::default()).await.unwrap();
    assert_eq!((result.total_cost, result.baseline_cost), (usd("0.5"), usd("0.5")));
    assert_eq!(result.attempts[0].priced, Priced::Reported);

    let provider = ScriptedProvider::new("scripted").answer("b", "fine");
    let unpriced = cascade_core::Agent::builder()
        .model(cascade_core::ModelConfig::new("b", "scripted"), Arc::new(provider))
        .build()
        .unwrap();
    let result = unpriced.run("q?", RunOptions::default()).await.unwrap();
    assert!(result.unpriced);
    assert_eq!(result.attempts[0].priced, Priced::Unpriced);
    assert!(result.attempts[0].usage.estimated);
}

#[tokio::test]
async fn a_count_that_the_provider_leaves_out_is_estimated() {
    let ask = async |reported: Usage| {
        let mut response = cascade_core::ChatResponse::from_text("It is fine today.");
        response.usage = Some(reported);
        let provider = ScriptedProvider::new("scripted").answer("small", response);
        let result = agent(&provider).run("How is it?", RunOptions::default()).await.unwrap();
        result.attempts[0].usage
    };
    let both = ask(Usage::estimate(0, 0)).await;
    assert!(both.input_tokens > 0 && both.output_tokens > 0);
    assert_eq!(ask(Usage::estimate(70, 0)).await, Usage::estimate(70, both.output_tokens));
    assert_eq!(ask(Usage::estimate(0, 70)).await, Usage::estimate(both.input_tokens, 70));
    assert_eq!(ask(Usage::new(70, 0)).await, Usage::new(70, 0));
}

#[tokio::test]
async fn messages_become_system_prompt_history_and_query() {
    let provider = ScriptedProvider::new("scripted").answer("small", "fine");
    let messages = vec![
        Message::system("be brief"),
        Message::user("hello"),
        Message::assistant("hi"),
        Message::user("what now?"),
    ];
    let options = RunOptions { system_prompt: Some("be kind".into()), ..RunOptions::default() };
    agent(&provider).run(Input::Messages(messages), options).await.unwrap();
    let request = &provider.requests()[0];
    assert_eq!(request.system.as_deref(), Some("be kind\n\nbe brief"));
    assert_eq!(request.messages.len(), 3);
    assert!(request.messages.iter().all(|message| message.role != Role::System));
}

#[tokio::test]
async fn hints_and_bad_input_are_checked() {
    let provider = ScriptedProvider::new("scripted").answer("small", "fine");
    let agent = agent(&provider);
    let options = RunOptions { complexity_hint: Some(Complexity::Expert), ..RunOptions::default() };
    let result = agent.run("hi", options).await.unwrap();
    assert_eq!((result.complexity, result.complexity_confidence), (Complexity::Expert, 1.0));

    let cases: [(&str, RunOptions, &str); 5] = [
        ("", RunOptions::default(), "query"),
        ("  \n ", RunOptions::default(), "query"),
        ("q", RunOptions { temperature: Some(2.1), ..RunOptions::default() }, "temperature"),
        ("q", RunOptions { max_tokens: Some(0), ..RunOptions::default() }, "max_tokens"),
        (
            "q",
            RunOptions { quality_threshold: Some(f64::NAN), ..RunOptions::default() },
            "quality_threshold",
        ),
    ];
    for (query, options, field) in cases {
        let error = agent.run(query, options).await.unwrap_err();
        assert_eq!(error.field(), Some(field));
        assert!(error.hint().is_some());
    }
    let error = cascade_core::Agent::builder().build().unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Config, Some("models")));
}

#[tokio::test]
async fn an_unknown_price_of_the_verifier_saves_nothing_and_is_flagged() {
    let provider = ScriptedProvider::new("scripted").answer("small", answer("fine", 10, 20));
    let agent = cascade_core::Agent::builder()
        .model(model("small", "0.001"), Arc::new(provider.clone()))
        .model(cascade_core::ModelConfig::new("big", "scripted"), Arc::new(provider))
        .build()
        .unwrap();
    let result = agent.run("q?", RunOptions::default()).await.unwrap();
    assert!(result.draft_accepted && result.unpriced);
    assert_eq!((result.cost_saved, result.baseline_cost), (usd("0"), result.total_cost));
}
