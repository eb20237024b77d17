use std::collections::BTreeSet;
use std::io;

use cascadeflow::Usd;
use cascadeflow::providers::{dialect, has_credential};
use cascadeflow::telemetry::PriceCatalogue;
use clap::Args;
use serde::Serialize;

use crate::environment::Environment;
use crate::failure::Failure;
use crate::run::key_variable;
use crate::terminal::{TableView, Terminal};

/// List the models with known prices.
///
/// Prices are in USD per 1,000,000 tokens.
#[derive(Debug, Args)]
pub(crate) struct ModelsArguments {
    /// Show only the models of this provider.
    #[arg(long, value_name = "NAME")]
    pub(crate) provider: Option<String>,
    /// Print the list as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// One model. Prices are numbers in USD per 1,000,000 tokens; `None` means that tokens of the kind
/// cost what they would otherwise be: cached reads and cache writes input, reasoning output.
#[derive(Debug, Serialize)]
struct Listed<'a> {
    id: &'a str,
    provider: &'a str,
    input: f64,
    output: f64,
    cached_input: Option<f64>,
    cache_write_5m: Option<f64>,
    cache_write_1h: Option<f64>,
    reasoning: Option<f64>,
    /// Size of the context window in tokens; `None` when not known.
    context_tokens: Option<u64>,
    /// Most completion tokens; `None` when not known.
    output_tokens: Option<u64>,
    aliases: &'a [String],
}

/// Shows the list.
pub(crate) fn execute(
    arguments: &ModelsArguments,
    terminal: &mut Terminal,
    environment: &Environment,
) -> Result<(), Failure> {
    let catalogue = PriceCatalogue::embedded();
    let number = |price: Option<Usd>| price.map(Usd::to_f64);
    let models: Vec<Listed<'_>> = catalogue
        .models()
        .filter(|(provider, _)| {
            arguments.provider.as_deref().is_none_or(|wanted| wanted == *provider)
        })
        .map(|(provider, model)| Listed {
            id: &model.id,
            provider,
            input: model.price.input.to_f64(),
            output: model.price.output.to_f64(),
            cached_input: number(model.price.cached_input),
            cache_write_5m: number(model.price.cache_write_5m),
            cache_write_1h: number(model.price.cache_write_1h),
            reasoning: number(model.price.reasoning),
            context_tokens: model.context_tokens,
            output_tokens: model.output_tokens,
            aliases: &model.aliases,
        })
        .collect();
    if let (true, Some(provider)) = (models.is_empty(), &arguments.provider) {
        let mut known: Vec<&str> = catalogue.models().map(|(provider, _)| provider).collect();
        known.dedup();
        return Err(cascadeflow::Error::validation(
            "provider",
            format!("no prices are known for provider `{provider}`"),
            format!("use one of {}", known.join(", ")),
        )
        .into());
    }
    if arguments.json {
        terminal.json(&models)?;
    } else {
        show(&models, terminal, environment)?;
    }
    Ok(())
}

fn show(
    models: &[Listed<'_>],
    terminal: &mut Terminal,
    environment: &Environment,
) -> io::Result<()> {
    let columns = [
        ("provider", false),
        ("model", false),
        ("input", true),
        ("cached", true),
        ("output", true),
        ("context", true),
        ("key", false),
    ];
    let mut table = TableView::new(terminal, &columns);
    let mut missing_keys = BTreeSet::new();
    for model in models {
        let provider = dialect(model.provider);
        let key = provider.and_then(key_variable);
        let at_hand = provider.is_some_and(|provider| {
            key.is_some() && has_credential(provider, &|name| environment.get(name))
        });
        let cells = [
            model.provider.to_owned(),
            model.id.to_owned(),
            price(Some(model.input)),
            price(model.cached_input),
            price(Some(model.output)),
            model.context_tokens.map_or_else(String::new, |tokens| tokens.to_string()),
            match key {
                Some(_) if at_hand => "set".to_owned(),
                Some(_) => "missing".to_owned(),
                None => String::new(),
            },
        ];
        table.row_marked(cells, 6, at_hand);
        missing_keys.extend(key.filter(|_| !at_hand));
    }
    terminal.line(&table.render())?;
    terminal.line(&terminal.paint().faint("Prices in USD per 1,000,000 tokens."))?;
    if !missing_keys.is_empty() {
        let names: Vec<_> = missing_keys.into_iter().collect();
        terminal.line(&format!("Keys that are not set: {}", names.join(", ")))?;
    }
    Ok(())
}

fn price(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| {
        // Most prices have cents; the cheapest need more digits.
        if (value * 100.0).fract().abs() < 1e-9 { format!("{value:.2}") } else { value.to_string() }
    })
}
