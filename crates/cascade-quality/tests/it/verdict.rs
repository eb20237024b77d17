use cascade_core::Complexity;
use cascade_quality::QualityConfig;

use crate::support::Case;

fn case() -> Case {
    let mut case = Case::new(
        "What is photosynthesis?",
        "Plants turn light, water and air into sugar: that is photosynthesis.",
    );
    case.draft.confidence = Some(0.6);
    case
}

#[test]
fn reasons_are_worded_as_published() {
    let mut case = case();
    assert_eq!(
        case.judge().reason,
        "All checks passed (confidence: 0.60 >= 0.40, complexity: simple)"
    );
    case.draft.content = "I don't know.".into();
    case.draft.confidence = Some(0.2);
    assert_eq!(case.judge().reason, "Failed checks: refusal, confidence (complexity: simple)");
}

#[test]
fn the_threshold_is_the_plans_then_the_models_then_the_configurations() {
    let mut case = case();
    assert_eq!(case.judge().threshold, 0.40);
    case.complexity = Some(Complexity::Expert);
    assert_eq!(case.judge().threshold, 0.80);
    assert_eq!(case.judge_with(QualityConfig::strict()).threshold, 0.95);
    case.complexity = None;
    case.model_threshold = Some(0.61);
    assert_eq!(case.judge().threshold, 0.61);
    assert!(!case.judge().accepted);
    case.threshold = Some(0.6);
    assert_eq!(case.judge().threshold, 0.6);
    assert!(case.judge().accepted, "a confidence equal to the threshold is enough");
}

#[test]
fn checks_stand_in_their_order() {
    let verdict = case().judge();
    let order: Vec<usize> = verdict
        .checks
        .iter()
        .map(|check| {
            cascade_quality::check_names::ALL.iter().position(|name| *name == check.check).unwrap()
        })
        .collect();
    assert!(order.is_sorted(), "{order:?}");
}
