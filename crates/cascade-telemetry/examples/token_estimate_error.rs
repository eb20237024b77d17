//! How far the calibrated token estimate is from the vocabularies of OpenAI's models, by family of
//! text: `cargo run --release -p cascade-telemetry --example token_estimate_error [-- FOLDER]`.
//!
//! A folder holds one `.txt` for each family, its texts apart by a line of four hyphens. Prints a table
//! in Markdown: tokens in each vocabulary and the estimate's error against it, of the sum and of a single
//! text at worst.

use std::io::Write;
use std::path::PathBuf;

use cascade_telemetry::TokenCounter;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/families");
    let folder = std::env::args().nth(1).map_or_else(|| PathBuf::from(own), PathBuf::from);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_, std::io::Error>>()?;
    paths.retain(|path| path.extension().is_some_and(|it| it == "txt"));
    paths.sort();

    let mut out = std::io::stdout().lock();
    writeln!(out, "| family | characters | o200k | error | worst | cl100k | error | worst |")?;
    writeln!(out, "|---|---:|---:|---:|---:|---:|---:|---:|")?;
    for path in paths {
        let text = std::fs::read_to_string(&path)?;
        let texts: Vec<&str> = text.trim_end().split("\n----\n").collect();
        let characters: usize = texts.iter().map(|text| text.chars().count()).sum();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().replace('_', " ");
        write!(out, "| {name} | {characters} |")?;
        for model in ["gpt-4o", "gpt-4"] {
            let (tokens, error, worst) = errors(&texts, model);
            write!(out, " {tokens} | {error:+.0} % | {worst:+.0} % |")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Tokens of all texts, and the estimate's error in per cent of all and of the worst text.
fn errors(texts: &[&str], model: &str) -> (u64, f64, f64) {
    let (exact, estimate) = (TokenCounter::for_model(model), TokenCounter::estimate());
    let pairs: Vec<(u64, u64)> =
        texts.iter().map(|text| (exact.text(text).tokens, estimate.text(text).tokens)).collect();
    let percent = |(tokens, estimated): (u64, u64)| {
        (estimated as f64 - tokens as f64) / tokens.max(1) as f64 * 100.0
    };
    let total = pairs.iter().fold((0, 0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
    let worst = pairs.into_iter().map(percent).max_by(|a, b| a.abs().total_cmp(&b.abs()));
    (total.0, percent(total), worst.unwrap_or_default())
}
