use cascade_core::query::QueryAnalysis;
use cascade_quality::{AcceptanceFeatures, AcceptanceModel, DraftAnalysis};

fn score(query: &str, draft: &str) -> f64 {
    let query = QueryAnalysis::new(query);
    let draft = DraftAnalysis::new(&query, draft);
    AcceptanceModel::embedded().score(&AcceptanceFeatures::new(&query, &draft))
}

const QUERY: &str = "Anna buys 12 apples at 3 dollars each and gives 4 of them away. How many dollars \
                     did she spend on all the apples together?";

#[test]
fn faults_of_an_answer_lower_its_score() {
    let right = score(QUERY, "12 apples * 3 dollars = 36 dollars. The answer is 36.");
    let worse = [
        "12 apples * 3 dollars = 38 dollars. The answer is 38.",
        "12 apples * 3 dollars = 36 dollars. The answer is 24.",
        "Approximately, estimating closely, it is close to 36. The answer is 36.5.",
        "She spent some dollars on apples and gave others away because she is generous and",
    ];
    for draft in worse {
        assert!(score(QUERY, draft) < right, "{draft}");
    }
    let padded = format!(
        "{}12 apples * 3 dollars = 36 dollars. The answer is 36.",
        "Let us look at it again and again from the start. ".repeat(30)
    );
    assert!(score(QUERY, &padded) < right - 0.1);
}

#[test]
fn a_model_file_is_checked() {
    let model = |features: &str| {
        AcceptanceModel::parse(&format!(
            r#"{{"description": "", "intercept": 0.5, "features": [{features}]}}"#
        ))
    };
    let term = r#"{"name": "draft_words", "mean": 1, "deviation": 2, "weight": -1}"#;
    assert!(model(term).is_ok());
    let unknown = model(&term.replace("draft_words", "luck")).unwrap_err();
    assert_eq!(unknown.message(), "unknown feature: `luck`");
    let flat = model(&term.replace("\"deviation\": 2", "\"deviation\": 0")).unwrap_err();
    assert!(flat.message().contains("deviation of `draft_words`"));
    assert!(AcceptanceModel::parse("{}").unwrap_err().hint().is_some());
}

#[test]
fn a_feature_beyond_what_was_seen_counts_no_more_than_at_the_edge() {
    let json = r#"{"description": "", "intercept": 0, "features":
        [{"name": "draft_words", "mean": 0, "deviation": 0.1, "weight": 1}]}"#;
    let model = AcceptanceModel::parse(json).unwrap();
    let query = QueryAnalysis::new("q");
    let features =
        |draft: &str| AcceptanceFeatures::new(&query, &DraftAnalysis::new(&query, draft));
    let edge = 1.0 / (1.0 + (-3.0_f64).exp());
    assert!((model.score(&features("a b c")) - edge).abs() < 1e-12);
    assert!((model.score(&features(&"a b ".repeat(500))) - edge).abs() < 1e-12);
}
