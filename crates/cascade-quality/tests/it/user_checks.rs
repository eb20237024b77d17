use std::sync::Arc;

use cascade_core::ports::{BoxFuture, Judge, JudgeInput, QualityCheck};
use cascade_core::{CheckOutcome, Error, ErrorKind, Result, Verdict};
use cascade_quality::{QualityConfig, QualityValidator};

use crate::support::Case;

/// Passes drafts that hold a word, or fails with an error.
struct Holds(&'static str);

impl QualityCheck for Holds {
    fn name(&self) -> &'static str {
        "holds"
    }

    fn check<'a>(&'a self, input: JudgeInput<'a>) -> BoxFuture<'a, Result<CheckOutcome>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            match self.0 {
                "error" => Err(Error::new(ErrorKind::UserCode, "dictionary is missing")),
                word if input.draft.content.contains(word) => Ok(CheckOutcome::pass("")),
                _ => Ok(CheckOutcome::fail("word", "the word is missing")),
            }
        })
    }
}

async fn judge(draft: &str, words: &[&'static str]) -> Verdict {
    let mut judge = QualityValidator::new(QualityConfig::for_cascade()).unwrap();
    for word in words {
        judge = judge.with_check(Arc::new(Holds(word)));
    }
    let case = Case::new("What is the capital of France?", draft);
    let query = cascade_core::query::QueryAnalysis::new(case.query.clone());
    let model = cascade_core::ModelConfig::new("small", "openai");
    let input = JudgeInput {
        query: &query,
        complexity: query.complexity,
        draft: &case.draft,
        model: &model,
        threshold: None,
        response_format: None,
        tools: &[],
        tool_choice: None,
    };
    assert_eq!(judge.judge_now(input).is_some(), words.is_empty());
    judge.judge(input).await.unwrap()
}

const GOOD: &str = "Paris is the capital of France.";

#[tokio::test]
async fn a_users_check_passes_or_rejects() {
    let passed = judge(GOOD, &["Paris"]).await;
    assert!(passed.accepted);
    assert_eq!(passed.checks.last().unwrap().check, "holds");

    let failed = judge(GOOD, &["Paris", "Lyon"]).await;
    assert!(!failed.accepted);
    assert_eq!(failed.reason, "Failed checks: word (complexity: trivial)");
    assert!(failed.score < passed.score);
}

#[tokio::test]
async fn an_error_is_a_failed_check_with_its_message() {
    let verdict = judge(GOOD, &["error"]).await;
    assert!(!verdict.accepted);
    let last = verdict.checks.last().unwrap();
    assert_eq!((last.check.as_ref(), last.reason.as_ref()), ("holds", "dictionary is missing"));
}

#[tokio::test]
async fn without_user_checks_both_ways_agree() {
    let verdict = judge(GOOD, &[]).await;
    assert_eq!(verdict, Case::new("What is the capital of France?", GOOD).judge());
}
