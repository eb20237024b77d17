//! Planning a query of 50 words, without and with domain detection.

use std::sync::Arc;

use cascade_core::ports::{RouteInput, Router};
use cascade_core::query::QueryAnalysis;
use cascade_core::{ModelConfig, RunOptions};
use cascade_routing::{ComplexityRouter, RouterConfig};
use divan::{Bencher, black_box};

const QUERY: &str = "Explain how the immune system of a healthy adult recognises a virus that it has \
    never met before, which cells take part in the first days, how long it takes until antibodies \
    can be measured, and why a second infection with the same virus is usually milder than the first \
    one was for most people";

fn main() {
    divan::main();
}

#[divan::bench(args = [false, true])]
fn plan(bencher: Bencher<'_, '_>, domain_detection: bool) {
    let query = QueryAnalysis::new(QUERY);
    let models = [
        Arc::new(ModelConfig::new("small", "openai")),
        Arc::new(ModelConfig::new("large", "openai")),
    ];
    let options = RunOptions::default();
    let config = RouterConfig { domain_detection, ..RouterConfig::default() };
    let Ok(router) = ComplexityRouter::new(config) else { return };
    bencher.bench_local(|| {
        router.route_now(black_box(RouteInput {
            query: &query,
            complexity: query.complexity,
            options: &options,
            models: &models,
            verifier: 1,
            cascade_enabled: true,
            turns: 0,
            has_images: false,
        }))
    });
}
