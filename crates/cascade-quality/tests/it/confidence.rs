use cascade_core::TokenLogprob;
use cascade_quality::{LogprobSummary, QualityConfig};

use crate::support::Case;

fn tokens(logprobs: &[f64]) -> Vec<TokenLogprob> {
    let token = |&logprob| TokenLogprob { token: "a".into(), logprob, top: Vec::new() };
    logprobs.iter().map(token).collect()
}

fn case() -> Case {
    Case::new("What is the capital of France?", "Paris is the capital of France.")
}

#[test]
fn certain_tokens_give_full_confidence_and_unlikely_ones_little() {
    let summary = LogprobSummary::new(&tokens(&[0.0, 0.0])).unwrap();
    assert!((summary.confidence() - 1.0).abs() < 1e-12);
    let unsure = LogprobSummary::new(&tokens(&[-1.5, -2.0, -0.9])).unwrap();
    assert!(unsure.confidence() < 0.1, "{unsure:?}");
    assert_eq!(unsure.unlikely_share, 1.0);
}

#[test]
fn length_alone_changes_nothing() {
    let short = LogprobSummary::new(&tokens(&[-0.2; 3])).unwrap();
    let long = LogprobSummary::new(&tokens(&[-0.2; 300])).unwrap();
    assert!((short.confidence() - long.confidence()).abs() < 1e-12);
}

#[test]
fn unusable_values_are_left_out() {
    assert_eq!(LogprobSummary::new(&[]), None);
    assert_eq!(LogprobSummary::new(&tokens(&[f64::NAN])), None);
    let summary = LogprobSummary::new(&tokens(&[f64::NEG_INFINITY, 3.0, f64::NAN])).unwrap();
    assert_eq!(summary.tokens, 2);
    assert!(summary.confidence().is_finite());
}

#[test]
fn token_probabilities_weigh_more_than_the_text() {
    let mut case = case();
    let text = case.judge().confidence;
    case.draft.logprobs = Some(tokens(&[-2.0; 7]));
    let weak = case.judge();
    let expected =
        0.3 * text + 0.7 * LogprobSummary::new(&tokens(&[-2.0; 7])).unwrap().confidence();
    assert!((weak.confidence - expected).abs() < 1e-12);
    let mut config = QualityConfig::for_cascade();
    config.logprob_weight = 0.0;
    assert!((case.judge_with(config).confidence - text).abs() < 1e-12);
}

#[test]
fn low_token_probabilities_reject() {
    let mut case = case();
    case.draft.logprobs = Some(tokens(&[-4.0; 7]));
    case.threshold = Some(0.4);
    assert_eq!(case.faults(), ["confidence"]);
}

#[test]
fn the_providers_own_confidence_is_taken_at_its_word() {
    let mut case = case();
    case.draft.confidence = Some(0.95);
    assert_eq!(case.judge().confidence, 0.95);
    assert!(case.judge().accepted);
    case.draft.confidence = Some(0.1);
    assert_eq!(case.faults(), ["confidence"]);
    case.draft.confidence = Some(7.0);
    assert_eq!(case.judge().confidence, 1.0);
    case.draft.confidence = Some(f64::NAN);
    assert!(case.judge().confidence.is_finite());
    case.draft.confidence = Some(0.95);
    case.draft.logprobs = Some(tokens(&[-2.0; 7]));
    assert!(case.judge().confidence < 0.6);
}

#[test]
fn no_confidence_lifts_a_failed_check() {
    let mut case = Case::new("What is photosynthesis?", "I don't know.");
    case.draft.confidence = Some(1.0);
    let verdict = case.judge();
    assert!(!verdict.accepted);
    assert!(verdict.score < 0.35);
}
