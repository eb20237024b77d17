use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cascade_core::{Error, ModelPrice, Result, TokenRates, Usd};
use serde::{Deserialize, Serialize};

use super::CataloguedModel;

/// The price file of one provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceFile {
    /// Provider name.
    pub provider: String,
    /// The provider's price page, or what else the prices come from.
    pub source: String,
    /// The table the prices were read from; `None` when they were looked up by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Day of the last look-up, as `YYYY-MM-DD`.
    pub date: String,
    /// Price of every model that is not listed; `None` when such a model is unpriced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any_model: Option<ModelPrice>,
    /// The models.
    pub models: Vec<CataloguedModel>,
}

/// Other names of providers and models.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceAliases {
    /// Name of a provider by alias.
    #[serde(default)]
    pub providers: BTreeMap<String, String>,
    /// Id of a model by alias, by provider.
    #[serde(default)]
    pub models: BTreeMap<String, BTreeMap<String, String>>,
}

const NOT_PROVIDERS: [&str; 3] = ["aliases.json", "overrides.json", "schema.json"];

impl PriceFile {
    /// Reads the text of a price file.
    ///
    /// # Errors
    /// A config error that tells what is wrong where.
    pub fn parse(json: &str) -> Result<Self> {
        let file: Self = serde_json::from_str(json).map_err(|error| {
            invalid(
                format!("not a price file: {error}"),
                "give `provider`, `source`, `date` and `models`, each with `id` and `price`",
            )
        })?;
        file.check()?;
        Ok(file)
    }

    fn check(&self) -> Result<()> {
        if self.provider.trim().is_empty() {
            return Err(invalid("price file names no provider".into(), "give `provider`"));
        }
        let listed = self.models.iter().map(|model| (model.id.as_str(), &model.price));
        let unlisted = self.any_model.iter().map(|price| ("any_model", price));
        for (id, price) in listed.chain(unlisted) {
            if id.trim().is_empty() {
                let message = format!("a model of `{}` has no id", self.provider);
                return Err(invalid(message, "give `id` as the provider knows it"));
            }
            if let Some((kind, amount)) = negative(price) {
                let message = format!(
                    "{kind} price of `{id}` of `{}` is negative: `{amount}`",
                    self.provider
                );
                return Err(invalid(message, "give USD per 1,000,000 tokens, zero or more"));
            }
        }
        Ok(())
    }
}

impl PriceAliases {
    /// Reads the text of an alias file.
    ///
    /// # Errors
    /// A config error that tells what is wrong where.
    pub fn parse(json: &str) -> Result<Self> {
        serde_json::from_str(json).map_err(|error| {
            invalid(
                format!("not an alias file: {error}"),
                "give `providers` and `models`, each mapping an alias to a name",
            )
        })
    }
}

/// The price files at `path`: one file, or every `.json` of a folder in the order of their names
/// with the folder's `aliases.json`.
pub(super) fn read(path: &Path) -> Result<(Vec<PriceFile>, PriceAliases)> {
    if !path.is_dir() {
        let file = PriceFile::parse(&text_of(path)?).map_err(|error| within(path, &error))?;
        return Ok((vec![file], PriceAliases::default()));
    }
    let unreadable = |error: std::io::Error| {
        invalid(
            format!("cannot read `{}`: {error}", path.display()),
            "check the path and its rights",
        )
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?.path();
        let name = entry.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if entry.extension().is_some_and(|it| it == "json") && !NOT_PROVIDERS.contains(&name) {
            paths.push(entry);
        }
    }
    paths.sort();
    if paths.is_empty() {
        return Err(invalid(
            format!("no price files in `{}`", path.display()),
            "put a `.json` for each provider there",
        ));
    }
    let files = paths
        .iter()
        .map(|path| PriceFile::parse(&text_of(path)?).map_err(|error| within(path, &error)))
        .collect::<Result<_>>()?;
    let aliases = path.join(NOT_PROVIDERS[0]);
    let aliases = if aliases.exists() {
        PriceAliases::parse(&text_of(&aliases)?).map_err(|error| within(&aliases, &error))?
    } else {
        PriceAliases::default()
    };
    Ok((files, aliases))
}

fn text_of(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| {
        invalid(
            format!("cannot read `{}`: {error}", path.display()),
            "check the path and its rights",
        )
    })
}

fn within(path: &Path, error: &Error) -> Error {
    let hint = error.hint().unwrap_or("mend the file").to_owned();
    invalid(format!("`{}`: {}", path.display(), error.message()), hint)
}

fn invalid(message: String, hint: impl Into<String>) -> Error {
    Error::config("pricing", message, hint)
}

/// The first price below zero, with its place.
fn negative(price: &ModelPrice) -> Option<(&'static str, Usd)> {
    let standard = TokenRates {
        input: Some(price.input),
        output: Some(price.output),
        cached_input: price.cached_input,
        cache_write_5m: price.cache_write_5m,
        cache_write_1h: price.cache_write_1h,
        reasoning: price.reasoning,
        audio_input: price.audio_input,
        cached_audio_input: price.cached_audio_input,
        audio_output: price.audio_output,
        image_input: price.image_input,
        image_output: price.image_output,
    };
    let tiers = price.tiers.iter().flat_map(|tiers| tiers.values());
    let tier_rates = tiers.flat_map(|tier| std::iter::once(tier.rates).chain(tier.long_context));
    std::iter::once(standard)
        .chain(price.long_context.as_ref().map(|long| long.rates))
        .chain(tier_rates)
        .find_map(|rates| {
            let named = [
                ("input", rates.input),
                ("output", rates.output),
                ("cached_input", rates.cached_input),
                ("cache_write_5m", rates.cache_write_5m),
                ("cache_write_1h", rates.cache_write_1h),
                ("reasoning", rates.reasoning),
                ("audio_input", rates.audio_input),
                ("cached_audio_input", rates.cached_audio_input),
                ("audio_output", rates.audio_output),
                ("image_input", rates.image_input),
                ("image_output", rates.image_output),
            ];
            named.into_iter().find_map(|(kind, amount)| {
                amount.filter(|amount| amount.is_negative()).map(|amount| (kind, amount))
            })
        })
}
