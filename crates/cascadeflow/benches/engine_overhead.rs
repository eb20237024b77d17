//! Overhead of one run: everything but the model, which answers at once.
//!
//! A query of 50 words and a draft of 200, accepted. Prints one JSON object with the percentiles in
//! microseconds; `bench/run.py` collects it.
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

const WARM_UP: usize = 2_000;
const RUNS: usize = 20_000;
const MEMORY_RUNS: usize = 100_000;

fn main() {
    let query = query();
    assert_eq!(query.split_whitespace().count(), 50);
    let agent = agent();
    for _ in 0..WARM_UP {
        run(&agent, &query);
    }
    let mut times: Vec<u128> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            let result = run(&agent, &query);
            let took = start.elapsed();
            drop(result);
            took.as_nanos()
        })
        .collect();
    times.sort_unstable();
    let percentile = |share: usize| times[RUNS * share / 100] as f64 / 1_000.0;
    let before = resident_mb();
    for _ in 0..MEMORY_RUNS {
        run(&agent, &query);
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
    let draft =
        "The capital of France is Paris, which lies on the Seine in the north of the country. ";
    let words = draft.split_whitespace().count();
    let mut content = draft.repeat(200 / words);
    content.push_str(&"and so it stays ".repeat((200 - 200 / words * words).div_ceil(4)));
    let mut kept: Vec<&str> = content.split_whitespace().take(200).collect();
    kept[199] = "Paris.";
    let content = kept.join(" ");
    assert_eq!(content.split_whitespace().count(), 200);
    let response = ChatResponse {
        usage: Some(Usage::new(65, 260)),
        confidence: Some(0.95),
        ..ChatResponse::from_text(content)
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

fn query() -> String {
    "I am planning a short trip with my two children and we would like to learn a little before we \
     leave. What is the capital of France, on which river does it lie, and which one of its \
     museums would you visit first on a rainy Sunday morning in early autumn?"
        .to_owned()
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
