//! `cascadeflow demo` end to end: loopback servers, real providers, real engine.

use std::collections::HashSet;

use serde_json::Value;

use crate::command::cascadeflow;

/// Decimal strings as integers of 10^-18 USD, so that they can be added exactly.
fn atto(value: &Value) -> i128 {
    let text = value.as_str().unwrap();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    assert!(fraction.len() <= 18, "{text}");
    sign * format!("{whole}{fraction:0<18}").parse::<i128>().unwrap()
}

#[test]
fn every_question_ends_one_way_and_the_sums_are_exact() {
    let report = cascadeflow(["demo", "--json", "--fast"]).json();
    let queries = report["queries"].as_array().unwrap();
    let summary = &report["summary"];
    assert_eq!(summary["scripted"], true);
    assert!(queries.len() >= 40);
    assert_eq!(summary["queries"], queries.len());
    let domains: HashSet<_> = queries.iter().map(|query| query["domain"].as_str()).collect();
    assert!(domains.len() >= 8);

    let ended = |outcome: &str| queries.iter().filter(|query| query["outcome"] == outcome).count();
    for outcome in ["accepted", "escalated", "direct"] {
        assert_eq!(summary[outcome], ended(outcome));
        assert!(ended(outcome) > 0, "{outcome}");
    }
    let failures: Vec<_> = queries.iter().filter(|query| query["outcome"] == "failed").collect();
    assert_eq!((summary["failed"].as_u64(), failures.len()), (Some(0), 0), "{failures:?}");

    let sum = |field: &str| queries.iter().map(|query| atto(&query[field])).sum::<i128>();
    assert_eq!(atto(&summary["total_cost_usd"]), sum("cost_usd"));
    assert_eq!(atto(&summary["cost_saved_usd"]), sum("saved_usd"));
    let (cost, saved) = (sum("cost_usd") as f64, sum("saved_usd") as f64);
    let percentage = summary["savings_percentage"].as_f64().unwrap();
    assert!((percentage - saved / (cost + saved) * 100.0).abs() < 1e-9);
    let p50 = summary["overhead_p50_us"].as_f64().unwrap();
    assert!(p50 > 0.0 && p50 <= summary["overhead_p99_us"].as_f64().unwrap());
}

#[test]
fn the_engine_finds_the_flaws_without_being_told() {
    let report = cascadeflow(["demo", "--json", "--fast"]).json();
    let queries = report["queries"].as_array().unwrap();
    let of = |word: &str| -> Vec<&Value> {
        let found: Vec<_> = queries
            .iter()
            .filter(|query| query["scripted_draft"].as_str().unwrap().contains(word))
            .collect();
        assert!(!found.is_empty(), "{word}");
        found
    };
    for flaw in
        ["refusal", "empty", "cut at the token limit", "code cut", "JSON cut", "prose instead"]
    {
        for query in of(flaw) {
            assert_eq!(query["outcome"], "escalated", "{query}");
        }
    }
    for query in of("expert question") {
        assert_eq!(query["outcome"], "direct", "{query}");
    }
    for query in of("rate limited twice") {
        assert_eq!((&query["outcome"], query["attempts"].as_u64()), (&"accepted".into(), Some(1)));
    }
    for query in of("connection cut").into_iter().chain(of("status 500")) {
        assert_eq!(query["outcome"], "escalated", "{query}");
        assert!(!query["answer"].as_str().unwrap().is_empty());
    }
    for query in of("outage") {
        assert!(query["answer"].as_str().unwrap().contains("1102.50"), "{query}");
    }
    for query in of("tool call") {
        assert!(query["answer"].as_str().unwrap().contains("light rain"), "{query}");
    }
    assert!(queries.iter().filter(|query| query["streamed"] == true).count() >= 5);
}

#[test]
fn the_table_says_that_the_models_are_scripted() {
    let outcome = cascadeflow(["demo", "--fast"]);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert!(outcome.out.contains("are scripted"), "{}", outcome.out);
    assert!(outcome.out.contains("What is the capital of France?"));
    assert!(outcome.out.contains("engine overhead p50"));
    assert_eq!(outcome.err, "", "the progress bar belongs on a screen only");
}
