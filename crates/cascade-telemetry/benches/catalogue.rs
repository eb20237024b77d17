//! Reading, finding and pricing: `cargo bench -p cascade-telemetry`.

use cascade_core::Usage;
use cascade_telemetry::{PriceAliases, PriceCatalogue, PriceFile, TokenCounter};

fn main() {
    divan::main();
}

fn texts() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/pricing");
    let embedded = PriceCatalogue::embedded();
    let names = embedded.files().iter().map(|file| file.provider.clone());
    names
        .chain(["aliases".to_owned()])
        .map(|name| std::fs::read_to_string(format!("{folder}/{name}.json")).unwrap_or_default())
        .collect()
}

#[divan::bench]
fn read_every_file(bencher: divan::Bencher<'_, '_>) {
    bencher.with_inputs(texts).bench_values(|texts| {
        let (aliases, files) = texts.split_last().map_or(("", &[][..]), |(a, f)| (a.as_str(), f));
        let files = files.iter().filter_map(|text| PriceFile::parse(text).ok()).collect();
        PriceCatalogue::new(files, PriceAliases::parse(aliases).unwrap_or_default())
    });
}

#[divan::bench(args = ["gpt-4o", "gpt-4o-2024-08-06", "openai/gpt-4o", "GPT-4o", "no-such-model"])]
fn find(name: &str) -> Option<u64> {
    PriceCatalogue::embedded().find("openai", name)?.context_tokens
}

#[divan::bench]
fn cost_of_a_call(bencher: divan::Bencher<'_, '_>) {
    let price = PriceCatalogue::embedded().price_of("openai", "gpt-5.5");
    let usage = Usage { cached_input_tokens: 900, reasoning_tokens: 100, ..Usage::new(1_234, 567) };
    bencher.bench(|| price.as_ref().map(|price| price.cost(divan::black_box(&usage))));
}

#[divan::bench(args = ["gpt-4o", "claude-sonnet-4-5"])]
fn count_ten_kilobytes(bencher: divan::Bencher<'_, '_>, model: &str) {
    let text = "The sum of the parts is, at times, less than the whole of it. ".repeat(164);
    let counter = TokenCounter::for_model(model);
    counter.text("warm");
    bencher.bench(|| counter.text(divan::black_box(&text)));
}
