//! Overhead of one run: everything but the model, which answers at once.
//!
//! The query of `bench/query.txt` (50 words) and the draft of `bench/draft.txt` (200 words), accepted.
//! Prints one JSON object with percentiles in microseconds; `bench/run.py` collects it.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails loudly and reports on stdout"
)]

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use cascade_testkit::InstantProvider;
use cascadeflow::ports::Provider;
use cascadeflow::{
    Agent, AgentConfig, CascadeResult, ChatResponse, ModelConfig, RunOptions, Usage,
};
use serde_json::json;

const QUERY: &str = include_str!("../../../bench/query.txt");
const DRAFT: &str = include_str!("../../../bench/draft.txt");
const WARM_UP: usize = 2_000;
const RUNS: usize = 20_000;
const MEMORY_RUNS: usize = 100_000;

fn main() {
    assert_eq!(QUERY.split_whitespace().count(), 50);
    assert_eq!(DRAFT.split_whitespace().count(), 200);
    let query = QUERY.trim();
    let agent = agent();
    assert!(run(&agent, query).draft_accepted, "the draft must be accepted");
    for _ in 0..WARM_UP {
        run(&agent, query);
    }
    let mut times: Vec<u128> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            let result = run(&agent, query);
            let took = start.elapsed();
            drop(result);
            took.as_nanos()
        })
        .collect();
    times.sort_unstable();
    let percentile = |share: usize| times[RUNS * share / 100] as f64 / 1_000.0;
    let before = resident_mb();
    for _ in 0..MEMORY_RUNS {
        run(&agent, query);
    }
    let growth = resident_mb() - before;
    println!(
        "{}",
        json!({
            "native_run_p50_us": percentile(50),
            "native_run_p99_us": percentile(99),
            "memory_100k_runs_growth_mb": growth,
        })
    );
}

fn agent() -> Agent {
    let response = ChatResponse {
        usage: Some(Usage::new(65, 260)),
        confidence: Some(0.95),
        ..ChatResponse::from_text(DRAFT.trim())
    };
    let config = AgentConfig {
        models: vec![
            ModelConfig::new("small", "instant").with_cost("0.00015".parse().unwrap()),
            ModelConfig::new("large", "instant").with_cost("0.00625".parse().unwrap()),
        ],
        ..AgentConfig::default()
    };
    let provider: Arc<dyn Provider> = Arc::new(InstantProvider::new("instant", response));
    config.builder(|_| Ok(Arc::clone(&provider))).unwrap().build().unwrap()
}

fn run(agent: &Agent, query: &str) -> CascadeResult {
    let mut run = pin!(agent.run(query, RunOptions::default()));
    let mut context = Context::from_waker(Waker::noop());
    match run.as_mut().poll(&mut context) {
        Poll::Ready(result) => result.unwrap(),
        Poll::Pending => unreachable!("the provider answers at once"),
    }
}

/// Resident memory of this process in megabytes; 0 where the system does not tell.
fn resident_mb() -> f64 {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return 0.0 };
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<f64>().ok())
        .map_or(0.0, |kilobytes| kilobytes / 1024.0)
}
