//! Analysis of a query of 50 words and of a megabyte.

use cascade_core::query::QueryAnalysis;
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

const QUERY: &str = "Explain how the immune system of a healthy adult recognises a virus that it has \
    never met before, which cells take part in the first days, how long it takes until antibodies \
    can be measured, and why a second infection with the same virus is usually milder than the first \
    one was for most people";

fn main() {
    divan::main();
}

#[divan::bench]
fn fifty_words(bencher: Bencher<'_, '_>) {
    bencher
        .with_inputs(|| QUERY.to_owned())
        .bench_local_values(|text| QueryAnalysis::new(black_box(text)));
}

#[divan::bench]
fn a_megabyte(bencher: Bencher<'_, '_>) {
    let text = QUERY.repeat(1_048_576 / QUERY.len() + 1);
    bencher
        .counter(BytesCount::of_str(&text))
        .with_inputs(|| text.clone())
        .bench_local_values(|text| QueryAnalysis::new(black_box(text)));
}
