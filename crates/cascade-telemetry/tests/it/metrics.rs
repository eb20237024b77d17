use std::sync::Arc;
use std::time::Duration;

use cascade_core::Usd;
use cascade_telemetry::{
    Distribution, MetricsCollector, MetricsLimits, OTHER, RecentAnomaly, RunFigures,
};
use cascade_testkit::FakeClock;
use proptest::prelude::*;

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

fn collector() -> (MetricsCollector, FakeClock) {
    let clock = FakeClock::new().with_epoch(Duration::from_hours(498_672));
    (MetricsCollector::new(Arc::new(clock.clone()), MetricsLimits::default()), clock)
}

fn accepted() -> RunFigures {
    RunFigures {
        cost: usd("0.002"),
        cost_saved: usd("0.001"),
        latency_ms: 100.0,
        complexity: "simple".into(),
        cascaded: true,
        draft_accepted: true,
        quality_score: Some(0.8),
        speedup: Some(2.0),
        total_tokens: 15,
        model: Some("small".into()),
        timings: [("draft_generation".to_owned(), 40.0)].into(),
        ..RunFigures::default()
    }
}

fn rejected() -> RunFigures {
    RunFigures {
        cost: usd("0.02"),
        latency_ms: 6_000.0,
        complexity: "hard".into(),
        draft_accepted: false,
        quality_score: Some(0.3),
        speedup: Some(0.5),
        streaming: true,
        model: Some("large".into()),
        timings: [("draft_generation".to_owned(), 60.0)].into(),
        ..accepted()
    }
}

fn direct() -> RunFigures {
    RunFigures {
        cost: usd("0.01"),
        latency_ms: 300.0,
        complexity: "hard".into(),
        cascaded: false,
        has_tools: true,
        tool_calls: 2,
        domain: Some("code".into()),
        user_id: Some("ada".into()),
        ..RunFigures::default()
    }
}

#[test]
fn everything_is_counted() {
    let (collector, clock) = collector();
    for run in [accepted(), rejected(), direct()] {
        collector.record(run);
    }
    collector.record_failure();
    clock.advance(Duration::from_secs(30));
    let summary = collector.summary();
    assert_eq!((summary.total_queries, summary.failed_queries), (3, 1));
    assert_eq!(summary.total_cost, usd("0.032"));
    assert_eq!((summary.total_saved, summary.baseline_cost), (usd("0.002"), usd("0.034")));
    assert_eq!((summary.cascade_used, summary.direct_routed), (2, 1));
    assert!((summary.acceptance_rate - 100.0 / 3.0).abs() < 1e-9);
    assert_eq!(summary.cascade_acceptance_rate, 50.0);
    assert_eq!((summary.tool_queries, summary.total_tool_calls), (1, 2));
    assert_eq!(summary.avg_speedup, 2.0);
    assert_eq!(summary.by_strategy["cascade"], 2);
    assert_eq!(summary.by_strategy["direct"], 1);
    assert_eq!(summary.by_complexity["hard"], 2);
    assert_eq!(summary.acceptance_by_complexity["hard"].draft_rejected, 1);
    assert_eq!(summary.by_user["ada"].total_cost, usd("0.01"));
    assert_eq!(summary.by_domain["code"].queries, 1);
    let quality = summary.quality_stats.unwrap();
    assert!((quality.mean - 0.55).abs() < 1e-12 && (quality.stdev - 0.353_553).abs() < 1e-6);
    let drafts = summary.timing_stats["draft_generation"];
    assert_eq!((drafts.mean, drafts.p50, drafts.p95, drafts.p99), (50.0, 50.0, 60.0, 60.0));
    assert_eq!(summary.uptime_seconds, 30.0);
    let snapshot = collector.snapshot();
    assert_eq!((snapshot.p95_draft_ms, snapshot.p95_verification_ms), (Some(60.0), None));
    assert_eq!(snapshot.timestamp, 1_795_219_230.0);
    collector.reset();
    assert_eq!(collector.summary().total_queries, 0);
    assert_eq!(collector.summary().avg_speedup, 1.0);
    assert_eq!(collector.uptime(), Duration::ZERO);
}

#[test]
fn recent_runs_are_asked_about() {
    let (collector, clock) = collector();
    collector.record(accepted());
    clock.advance(Duration::from_hours(1));
    collector.record(rejected());
    collector.record(direct());
    let window = collector.time_windowed(30);
    assert_eq!((window.queries_in_window, window.total_cost), (2, usd("0.03")));
    assert_eq!((window.cascade_used, window.acceptance_rate), (1, 0.0));
    assert_eq!(collector.time_windowed(60).queries_in_window, 3);
    let hard = collector.by_complexity("hard");
    assert_eq!((hard.total_queries, hard.cascade_used, hard.avg_speedup), (2, 1, 0.75));
    assert_eq!(collector.by_complexity("unheard").total_queries, 0);
    let found = collector.recent_anomalies(5_000.0, usd("0.01"), 20);
    assert_eq!(found.len(), 2);
    assert!(matches!(&found[0], RecentAnomaly::HighLatency { model, .. } if model == "large"));
    assert!(matches!(&found[1], RecentAnomaly::HighCost { cost, .. } if *cost == usd("0.02")));
    assert!(collector.recent_anomalies(5_000.0, usd("0.01"), 1).is_empty());
    assert_eq!(serde_json::to_value(&found[0]).unwrap()["type"], "high_latency");
}

#[test]
fn memory_is_bounded() {
    let limits = MetricsLimits { recent: 10, samples: 50, names: 20, users: 30 };
    let collector = MetricsCollector::new(Arc::new(FakeClock::new()), limits);
    for at in 0..1_000 {
        collector.record(RunFigures {
            model: Some(format!("model-{at}")),
            user_id: Some(format!("user-{at}")),
            complexity: format!("level-{at}"),
            timings: [(format!("stage-{at}"), 1.0)].into(),
            latency_ms: f64::from(at),
            ..accepted()
        });
    }
    let summary = collector.summary();
    assert_eq!(collector.recent().len(), 10);
    assert_eq!(summary.by_model.len(), 21);
    assert_eq!(summary.by_model[OTHER].queries, 980);
    assert_eq!(summary.by_user.len(), 31);
    assert!(summary.by_complexity.len() <= 65 && summary.timing_stats.len() <= 64);
    assert_eq!(summary.latency_ms.unwrap().min, 950.0);
    assert_eq!(summary.total_queries, 1_000);
}

proptest! {
    #[test]
    fn quantiles_lie_within_the_values(values in prop::collection::vec(-1e300..1e300, 1..200)) {
        let spread = Distribution::of(values.iter().copied()).unwrap();
        let ordered = [spread.min, spread.p50, spread.p90, spread.p95, spread.p99, spread.max];
        // The median of two may lie above the ninetieth of so few: it is the upper of them.
        prop_assert!(ordered.windows(2).all(|pair| pair[0] <= pair[1]), "{:?}", ordered);
        prop_assert!(spread.min <= spread.mean && spread.mean <= spread.max);
        prop_assert!(values.contains(&spread.p95) && values.contains(&spread.p99));
    }
}
