//! The user's checks of a configuration's agent.

use std::sync::Arc;

use cascadeflow::ports::{BoxFuture, JudgeInput, Provider, QualityCheck};
use cascadeflow::{
    AgentConfig, ChatRequest, ChatResponse, CheckOutcome, ErrorKind, Input, ModelConfig, Result,
    RunOptions, Strategy,
};
use serde_json::json;

struct Echo;

impl Provider for Echo {
    fn name(&self) -> &'static str {
        "custom"
    }

    fn complete<'a>(&'a self, _: &'a ChatRequest) -> BoxFuture<'a, Result<ChatResponse>> {
        Box::pin(async { Ok(ChatResponse::from_text("Paris is the capital of France.")) })
    }
}

/// Passes drafts that hold its word.
struct Holds(&'static str, &'static str);

impl QualityCheck for Holds {
    fn name(&self) -> &str {
        self.0
    }

    fn check<'a>(&'a self, input: JudgeInput<'a>) -> BoxFuture<'a, Result<CheckOutcome>> {
        // The judge says what it requires, even where the plan leaves it open.
        let required = input.threshold.is_some();
        let passed = required && input.draft.content.contains(self.1);
        let outcome = if passed {
            CheckOutcome::pass("")
        } else {
            CheckOutcome::fail("", format!("no `{}`, or no threshold", self.1))
        };
        Box::pin(async { Ok(outcome) })
    }
}

fn config() -> Result<AgentConfig> {
    Ok(AgentConfig {
        models: vec![
            ModelConfig::new("small", "custom").with_cost("0.0001".parse()?),
            ModelConfig::new("large", "custom").with_cost("0.01".parse()?),
        ],
        ..AgentConfig::default()
    })
}

fn checks(named: &[(&'static str, &'static str)]) -> Vec<Arc<dyn QualityCheck>> {
    named.iter().map(|(name, word)| Arc::new(Holds(name, word)) as Arc<dyn QualityCheck>).collect()
}

async fn answer_model(checks: Vec<Arc<dyn QualityCheck>>, options: RunOptions) -> Result<String> {
    let agent = config()?.builder_with_checks(checks, |_| Ok(Arc::new(Echo)))?.build()?;
    let query = Input::from("What is the capital of France?");
    Ok(agent.run(query, options).await?.answer_model.to_string())
}

#[tokio::test]
async fn every_draft_must_pass_every_check() {
    let passing = checks(&[("first", "Paris"), ("second", "France")]);
    assert_eq!(answer_model(passing, RunOptions::default()).await.unwrap(), "small");
    let failing = checks(&[("first", "Paris"), ("second", "Lyon")]);
    assert_eq!(answer_model(failing, RunOptions::default()).await.unwrap(), "large");
}

#[tokio::test]
async fn a_step_names_a_check() {
    let strategy: Strategy = serde_json::from_value(json!({"name": "s", "steps": [
        {"name": "draft", "models": ["small"], "validator": "second", "threshold": 0.5},
        {"name": "finish", "models": ["large"], "validator": "none"},
    ]}))
    .unwrap();
    for (word, model) in [("France", "small"), ("Lyon", "large")] {
        let options =
            RunOptions { strategy: Some(strategy.clone().into()), ..RunOptions::default() };
        // The other check would reject: it is not asked.
        let checks = checks(&[("first", "Lyon"), ("second", word)]);
        assert_eq!(answer_model(checks, options).await.unwrap(), model);
    }
}

#[test]
fn names_of_checks_are_their_own() {
    for (named, says) in [
        (vec![("", "x")], "quality check 0 has no name"),
        (vec![("a", "x"), (" ", "x")], "quality check 1 has no name"),
        (vec![("a", "x"), ("b", "x"), ("a", "x")], "one name: `a`"),
        (vec![("quality", "x")], "`quality`"),
        (vec![("none", "x")], "`none`"),
    ] {
        let built = config().unwrap().builder_with_checks(checks(&named), |_| Ok(Arc::new(Echo)));
        let error = built.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(error.field(), Some("quality_checks"));
        assert!(error.message().contains(says), "{error}");
        assert!(error.hint().is_some());
    }
}
