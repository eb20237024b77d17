//! Writes the acceptance features of recorded drafts.
//!
//! Reads JSON Lines with `prompt`, `cheap` and `cheap_q` from standard input and writes, for each, a
//! JSON array of the features followed by the label. The first line holds the names. Used by
//! `scripts/fit_acceptance.py`.

use std::io::{BufRead, Write};

use cascade_core::query::QueryAnalysis;
use cascade_quality::{AcceptanceFeatures, DraftAnalysis};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    serde_json::to_writer(&mut out, AcceptanceFeatures::NAMES)?;
    writeln!(out)?;
    for line in std::io::stdin().lock().lines() {
        let row: serde_json::Value = serde_json::from_str(&line?)?;
        let text = |key: &str| row.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
        let query = QueryAnalysis::new(text("prompt"));
        let draft = DraftAnalysis::new(&query, text("cheap"));
        let mut values = AcceptanceFeatures::new(&query, &draft).values().to_vec();
        values.push(row.get("cheap_q").and_then(serde_json::Value::as_f64).unwrap_or(0.0));
        serde_json::to_writer(&mut out, &values)?;
        writeln!(out)?;
    }
    out.flush()?;
    Ok(())
}
