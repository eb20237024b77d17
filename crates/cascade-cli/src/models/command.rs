use std::collections::BTreeSet;
use std::io;

use cascadeflow::providers::{dialect, has_credential};
use cascadeflow::telemetry::PriceCatalogue;
use cascadeflow::{Error, nearest};
use clap::Args;

use super::listed::Listed;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::run::key_variable;
use crate::terminal::{TableView, Terminal};

/// List the models with known prices.
///
/// Prices are in USD per 1,000,000 tokens. As JSON, every model has also its limits, what it can do,
/// its prices by service tier and of long prompts, and where they come from.
#[derive(Debug, Args)]
pub(crate) struct ModelsArguments {
    /// Show only models whose name, alias or provider has each of these words in it.
    #[arg(value_name = "WORD")]
    pub(crate) search: Vec<String>,
    /// Show only the models of this provider, which may be given by an alias.
    #[arg(long, value_name = "NAME")]
    pub(crate) provider: Option<String>,
    /// Print the list as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Shows the list.
pub(crate) fn execute(
    arguments: &ModelsArguments,
    terminal: &mut Terminal,
    environment: &Environment,
) -> Result<(), Failure> {
    let catalogue = PriceCatalogue::embedded();
    let provider = arguments.provider.as_deref().map(|name| known_provider(&catalogue, name));
    let provider = provider.transpose()?;
    let models: Vec<Listed<'_>> = catalogue
        .files()
        .iter()
        .filter(|file| provider.is_none_or(|wanted| wanted == file.provider))
        .flat_map(|file| file.models.iter().map(|model| Listed::new(file, model)))
        .filter(|model| model.is_about(&arguments.search))
        .collect();
    if arguments.json {
        terminal.json(&models)?;
    } else if models.is_empty() {
        let words = arguments.search.join(" ");
        terminal.line(&format!("No model with a known price matches `{words}`."))?;
    } else {
        show(&models, terminal, environment)?;
    }
    Ok(())
}

/// The name under which the prices of a provider are kept, which may be given by an alias.
fn known_provider<'a>(catalogue: &'a PriceCatalogue, given: &'a str) -> Result<&'a str, Error> {
    let name = catalogue.provider_name(given);
    let known = || catalogue.files().iter().map(|file| file.provider.as_str());
    if known().any(|known| known == name) {
        return Ok(name);
    }
    let hint = match nearest(given, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("use one of {}", known().collect::<Vec<_>>().join(", ")),
    };
    let message = format!("no prices are known for provider `{given}`");
    Err(Error::validation("provider", message, hint))
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
            price(model.others.cached_input),
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
