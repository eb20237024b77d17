use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use cascade_core::ports::PriceSource;
use cascade_core::{Error, ModelConfig, ModelPrice, Result};
use serde::{Deserialize, Serialize};

use super::embedded;

/// One model of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CataloguedModel {
    /// Model id as the provider knows it.
    pub id: String,
    /// Other names of the same model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Prices in USD per 1,000,000 tokens.
    #[serde(flatten)]
    pub price: ModelPrice,
    /// Size of the context window in tokens; `None` when not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_tokens: Option<u64>,
    /// Most completion tokens; `None` when not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<u64>,
}

/// The price file of one provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PriceFile {
    /// Provider name.
    pub provider: String,
    /// Where the prices come from.
    pub source: String,
    /// Day of the last look-up, as `YYYY-MM-DD`.
    pub date: String,
    /// Price of every model that is not listed; `None` when such a model is unpriced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any_model: Option<ModelPrice>,
    /// The models.
    pub models: Vec<CataloguedModel>,
}

/// Prices of known models, by provider and name. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PriceCatalogue {
    files: Arc<[PriceFile]>,
    index: Arc<HashMap<String, (usize, usize)>>,
}

impl PriceCatalogue {
    /// The prices that come with the crate.
    pub fn embedded() -> Self {
        static EMBEDDED: LazyLock<PriceCatalogue> =
            LazyLock::new(|| PriceCatalogue::from_files(embedded::files()));
        EMBEDDED.clone()
    }

    /// A catalogue of the given files; a later file of the same provider and model wins.
    pub fn from_files(files: Vec<PriceFile>) -> Self {
        let mut index = HashMap::new();
        for (position, file) in files.iter().enumerate() {
            for (row, model) in file.models.iter().enumerate() {
                for name in std::iter::once(&model.id).chain(&model.aliases) {
                    index.insert(key(&file.provider, name), (position, row));
                }
            }
        }
        Self { files: files.into(), index: Arc::new(index) }
    }

    /// Reads one price file.
    ///
    /// # Errors
    /// A config error that tells what is wrong where.
    pub fn parse_file(json: &str) -> Result<PriceFile> {
        serde_json::from_str(json).map_err(|error| {
            Error::config(
                "pricing",
                format!("not a price file: {error}"),
                "give `provider`, `source`, `date` and `models` with `id`, `input` and `output`",
            )
        })
    }

    /// Every listed model with its provider, in the order of the files.
    pub fn models(&self) -> impl Iterator<Item = (&str, &CataloguedModel)> {
        self.files
            .iter()
            .flat_map(|file| file.models.iter().map(|model| (file.provider.as_str(), model)))
    }

    /// The listed model of `provider` named `model`, by id, alias or dated name.
    pub fn find(&self, provider: &str, model: &str) -> Option<&CataloguedModel> {
        let at = |name: &str| self.index.get(&key(provider, name));
        let (file, row) = at(model).or_else(|| at(without_date(model)?))?;
        self.files.get(*file)?.models.get(*row)
    }

    /// Prices of `model` at `provider`; `None` when not known.
    pub fn price_of(&self, provider: &str, model: &str) -> Option<ModelPrice> {
        self.find(provider, model).map(|found| found.price).or_else(|| {
            self.files.iter().rev().find(|file| file.provider == provider)?.any_model
        })
    }
}

impl PriceSource for PriceCatalogue {
    fn price(&self, model: &ModelConfig) -> Option<ModelPrice> {
        self.price_of(&model.provider, &model.name)
    }
}

fn key(provider: &str, model: &str) -> String {
    format!("{provider}\n{model}")
}

/// `name` without a date at its end (`-2024-07-18`, `-20240718`); `None` when it has none.
fn without_date(name: &str) -> Option<&str> {
    let is_date = |text: &str| {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        digits == 8 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
    };
    [11, 9].into_iter().find_map(|length| {
        let at = name.len().checked_sub(length)?;
        let tail = name.get(at..)?;
        (tail.starts_with('-') && !tail[1..].starts_with('-') && is_date(&tail[1..]))
            .then(|| &name[..at])
    })
}
