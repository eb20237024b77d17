//! Prices usage by the embedded catalogue, one JSON object a line from standard input:
//! `{"provider": "openai", "model": "gpt-4o", "usage": {"input_tokens": 14, "output_tokens": 2}}`.
//! Prints a line for each, `{"model": "…", "cost": "0.000055"}`, with `null` for what is not known.

use std::io::{BufRead, Write};

use cascade_core::Usage;
use cascade_telemetry::PriceCatalogue;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    provider: String,
    model: String,
    usage: Usage,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let catalogue = PriceCatalogue::embedded();
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line: Line = serde_json::from_str(&line?)?;
        let found = catalogue.find(&line.provider, &line.model).map(|model| &model.id);
        let price = catalogue.price_of(&line.provider, &line.model);
        let cost = price.map(|price| price.cost(&line.usage));
        writeln!(out, "{}", serde_json::json!({"model": found, "cost": cost}))?;
    }
    Ok(())
}
