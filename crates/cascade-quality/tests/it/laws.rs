//! Laws of judging, on arbitrary text.

use cascade_core::query::QueryAnalysis;
use cascade_core::{Complexity, FinishReason};
use cascade_quality::{DraftAnalysis, QualityConfig};
use proptest::prelude::*;

use crate::support::Case;

fn text() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        "\\PC{0,12}",
        "[a-zA-Z']{1,9} ",
        "[0-9.,=+*/x -]{1,12}",
        "[ \\t\\r\\n]{1,3}",
        "[-+*/=(){}\\[\\]?!.:;`#|\"\\\\]{1,5}",
        Just("the answer is ".to_owned()),
        Just("\"answer\": ".to_owned()),
        Just("\\boxed{".to_owned()),
        Just("#### ".to_owned()),
        Just("I cannot help with that. ".to_owned()),
        Just("```".to_owned()),
    ];
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

fn case() -> impl Strategy<Value = Case> {
    let threshold = prop::option::of(0.0..=1.0);
    let confidence = prop::option::of(0.0..=1.0);
    let level = prop::option::of(prop::sample::select(Complexity::ALL.to_vec()));
    let finish = prop::option::of(prop::sample::select(vec![
        FinishReason::Stop,
        FinishReason::Length,
        FinishReason::Refusal,
    ]));
    (text(), text(), threshold, confidence, level, finish).prop_map(
        |(query, draft, threshold, confidence, complexity, finish)| {
            let mut case = Case::new(&query, &draft);
            case.threshold = threshold;
            case.complexity = complexity;
            case.draft.confidence = confidence;
            case.draft.finish_reason = finish;
            case
        },
    )
}

proptest! {
    #[test]
    fn a_verdict_is_consistent_and_repeatable(case in case()) {
        let verdict = case.judge();
        prop_assert_eq!(verdict.accepted, verdict.checks.iter().all(|check| check.passed));
        prop_assert!((0.0..=1.0).contains(&verdict.score));
        prop_assert!((0.0..=1.0).contains(&verdict.confidence));
        prop_assert!(!verdict.accepted || verdict.confidence >= verdict.threshold);
        prop_assert!(!verdict.accepted || !case.draft.content.trim().is_empty());
        for check in &verdict.checks {
            prop_assert_eq!(check.passed, check.reason.is_empty());
            prop_assert!(check.score.is_none_or(|score| (0.0..=1.0).contains(&score)));
        }
        prop_assert_eq!(case.judge(), verdict);
    }

    #[test]
    fn a_higher_threshold_never_accepts_more(mut case in case(), low in 0.0..=1.0, high in 0.0..=1.0) {
        let (low, high) = if low <= high { (low, high) } else { (high, low) };
        case.threshold = Some(high);
        let strict = case.judge().accepted;
        case.threshold = Some(low);
        prop_assert!(!strict || case.judge().accepted);
    }

    #[test]
    fn an_answer_lies_within_its_text(query in text(), draft in text()) {
        let found = DraftAnalysis::new(&QueryAnalysis::new(query), &draft);
        if let Some(answer) = found.answer {
            prop_assert!(!answer.text(&draft).is_empty());
            prop_assert_eq!(answer.end + answer.remaining, draft.len());
        }
        if let Some((start, end)) = found.json_span {
            prop_assert!(draft.get(start..end).is_some());
        }
    }

    #[test]
    fn every_preset_judges_everything(case in case()) {
        for config in [
            QualityConfig::bare(),
            QualityConfig::for_production(),
            QualityConfig::for_production_typescript(),
            QualityConfig::for_development(),
            QualityConfig::strict(),
            QualityConfig::permissive(),
        ] {
            let verdict = case.judge_with(config);
            prop_assert!(!verdict.reason.is_empty());
        }
    }
}
