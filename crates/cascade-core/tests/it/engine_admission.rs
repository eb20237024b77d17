use std::sync::Arc;

use cascade_core::ports::{
    Admission, BoxFuture, Charge, EnforcementAction, EnforcementHook, EnforcementRequest, Ledger,
    Reservation, SpendRequest,
};
use cascade_core::{
    Agent, BudgetScope, BudgetStatus, ErrorKind, Message, Result, RunOptions, Spend, Tool,
    TraceStage,
};
use cascade_testkit::{ScriptedAnswer, ScriptedProvider};
use parking_lot::Mutex;
use serde_json::json;

use crate::engine_support::{builder, usd};

/// Leaves some models, and keeps the warnings it hears.
#[derive(Default)]
struct Filter {
    leaves: Option<Vec<usize>>,
    warned: Mutex<Vec<String>>,
}

impl EnforcementHook for Filter {
    fn check<'a>(
        &'a self,
        _request: EnforcementRequest<'a>,
    ) -> BoxFuture<'a, Result<EnforcementAction>> {
        Box::pin(std::future::ready(Ok(EnforcementAction::Allow)))
    }

    fn filter_models<'a>(
        &'a self,
        request: EnforcementRequest<'a>,
    ) -> BoxFuture<'a, Result<Option<Vec<usize>>>> {
        assert_eq!(request.models.len(), 2);
        assert_eq!(request.query, "q?");
        Box::pin(std::future::ready(Ok(self.leaves.clone())))
    }

    fn on_warning(&self, _request: EnforcementRequest<'_>, warning: &str) {
        self.warned.lock().push(warning.to_owned());
    }
}

/// Grants up to `most` USD, and asks for less above it.
#[derive(Default)]
struct Strict {
    most: cascade_core::Usd,
    warnings: Vec<String>,
    asked: Mutex<Vec<(Spend, bool)>>,
    released: Mutex<u32>,
}

impl Ledger for Strict {
    fn status<'a>(
        &'a self,
        _scope: &'a BudgetScope,
    ) -> BoxFuture<'a, Result<Option<BudgetStatus>>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    fn reserve<'a>(&'a self, request: SpendRequest<'a>) -> BoxFuture<'a, Result<Admission>> {
        self.asked.lock().push((request.worst_case, request.degraded));
        let admission = if request.worst_case.cost > self.most {
            Admission::Degrade { reason: "90% of the budget is used".to_owned() }
        } else {
            let reservation =
                Reservation { id: 7, amount: request.worst_case, accounts: Arc::default() };
            Admission::Granted { reservation, warnings: self.warnings.clone() }
        };
        Box::pin(std::future::ready(Ok(admission)))
    }

    fn commit(&self, reservation: &Reservation, charge: Charge<'_>) -> Vec<String> {
        assert_eq!(reservation.id, 7);
        assert!(charge.attempt.cost <= reservation.amount.cost);
        Vec::new()
    }

    fn release(&self, _reservation: Reservation) {
        *self.released.lock() += 1;
    }
}

fn scripted() -> ScriptedProvider {
    ScriptedProvider::new("scripted")
        .always("small", ScriptedAnswer::text("bad but cheap"))
        .always("big", ScriptedAnswer::text("good"))
}

fn limited() -> RunOptions {
    RunOptions { max_tokens: Some(100), ..RunOptions::default() }
}

async fn run_with(leaves: Option<Vec<usize>>) -> (Result<String>, usize) {
    let provider = scripted();
    let filter = Arc::new(Filter { leaves, ..Filter::default() });
    let agent = builder(&provider).enforcement(filter).build().unwrap();
    let outcome = agent.run("q?", limited()).await;
    (outcome.map(|result| result.answer_model.to_string()), provider.calls())
}

async fn answered_by(leaves: Option<Vec<usize>>) -> (String, usize) {
    let (outcome, calls) = run_with(leaves).await;
    (outcome.unwrap(), calls)
}

#[tokio::test]
async fn a_filter_leaves_only_its_models_to_the_run() {
    assert_eq!(answered_by(None).await, ("big".to_owned(), 2), "the draft is bad");
    assert_eq!(answered_by(Some(vec![0, 1])).await, ("big".to_owned(), 2));
    let unjudged = answered_by(Some(vec![0])).await;
    assert_eq!(unjudged, ("small".to_owned(), 1), "the only model's answer is what there is");
    assert_eq!(answered_by(Some(vec![1])).await, ("big".to_owned(), 1));
    let (none, calls) = run_with(Some(vec![])).await;
    let error = none.unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Budget, Some("on_model_filter")));
    assert_eq!(calls, 0);
}

fn degrading(provider: &ScriptedProvider, most: &str) -> (Agent, Arc<Strict>, Arc<Filter>) {
    let ledger = Arc::new(Strict {
        most: usd(most),
        warnings: vec!["80% of the budget is used".to_owned()],
        ..Strict::default()
    });
    let filter = Arc::new(Filter::default());
    let agent =
        builder(provider).ledger(ledger.clone()).enforcement(filter.clone()).build().unwrap();
    (agent, ledger, filter)
}

#[tokio::test]
async fn a_degraded_run_asks_again_for_the_cheapest_model_only() {
    let provider = scripted();
    let (agent, ledger, filter) = degrading(&provider, "0.0005");
    let result = agent.run("q?", limited()).await.unwrap();
    assert_eq!((&*result.answer_model, provider.calls()), ("small", 1));
    let asked = ledger.asked.lock().clone();
    assert_eq!((asked.len(), asked[0].1, asked[1].1), (2, false, true));
    assert!(asked[1].0.cost < asked[0].0.cost && asked[1].0.tokens < asked[0].0.tokens);
    assert_eq!((asked[0].0.requests, asked[1].0.requests), (1, 1));
    assert_eq!(*ledger.released.lock(), 1);
    assert_eq!(*filter.warned.lock(), ["80% of the budget is used"]);
    let budget: Vec<_> = result
        .trace
        .steps
        .iter()
        .filter(|step| step.stage == TraceStage::Budget)
        .map(|step| (&*step.decision, &*step.rule))
        .collect();
    assert_eq!(budget, [("degrade", "threshold"), ("reserve", "ledger"), ("warn", "threshold")]);
}

#[tokio::test]
async fn a_budget_that_lacks_even_the_cheapest_model_refuses_the_run() {
    let provider = scripted();
    let (agent, ledger, _) = degrading(&provider, "0");
    let error = agent.run("q?", limited()).await.unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Budget, Some("budget")));
    assert_eq!((provider.calls(), *ledger.released.lock()), (0, 0));
}

#[tokio::test]
async fn degrading_keeps_to_models_that_can_serve_the_request() {
    let provider = scripted();
    let ledger = Arc::new(Strict { most: usd("0.0108"), ..Strict::default() });
    let tool = Tool::new("look_up", "", json!({}));
    let mut small = crate::engine_support::model("small", "0.001");
    small.supports_tools = false;
    let big = crate::engine_support::model("big", "0.01");
    let provider: Arc<dyn cascade_core::ports::Provider> = Arc::new(provider);
    let agent = Agent::builder()
        .model(small, Arc::clone(&provider))
        .model(big, provider)
        .ledger(ledger.clone())
        .build()
        .unwrap();
    let options = RunOptions { tools: vec![tool].into(), ..limited() };
    let result = agent.run(vec![Message::user("q?")], options).await.unwrap();
    assert_eq!(&*result.answer_model, "big");
}
