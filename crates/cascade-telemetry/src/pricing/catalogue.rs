use std::path::Path;
use std::sync::{Arc, LazyLock};

use cascade_core::ports::PriceSource;
use cascade_core::{ModelConfig, ModelPrice, Result};

use super::index::NameIndex;
use super::{CataloguedModel, PriceAliases, PriceFile, embedded, files};

/// Prices of known models, by provider and name. Cheap to clone.
///
/// A name is taken as it is written, then as an alias, then without the provider in front of it
/// (`openai/gpt-4o`), then with or without the date or `-latest` at its end, then in any case. A
/// dated name with prices of its own never gets those of the undated one.
#[derive(Debug, Clone)]
pub struct PriceCatalogue {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    files: Vec<PriceFile>,
    aliases: PriceAliases,
    index: NameIndex,
}

impl PriceCatalogue {
    /// The prices that come with the crate.
    pub fn embedded() -> Self {
        static EMBEDDED: LazyLock<PriceCatalogue> =
            LazyLock::new(|| PriceCatalogue::new(embedded::files(), embedded::aliases()));
        EMBEDDED.clone()
    }

    /// A catalogue of the given files and aliases; a later file of the same provider and model wins.
    pub fn new(mut files: Vec<PriceFile>, aliases: PriceAliases) -> Self {
        let index = NameIndex::new(&mut files, &aliases);
        Self { inner: Arc::new(Inner { files, aliases, index }) }
    }

    /// A catalogue of the given files, without aliases.
    pub fn from_files(files: Vec<PriceFile>) -> Self {
        Self::new(files, PriceAliases::default())
    }

    /// The prices in a file, or in the `.json` files of a folder; nothing else.
    ///
    /// # Errors
    /// A config error that names the file and what is wrong where.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let (files, aliases) = files::read(path.as_ref())?;
        Ok(Self::new(files, aliases))
    }

    /// A new catalogue of these prices with those of `other` over them.
    #[must_use]
    pub fn overlaid_with(&self, other: &Self) -> Self {
        let files = [self, other].iter().flat_map(|it| it.inner.files.iter().cloned()).collect();
        let mut aliases = self.inner.aliases.clone();
        aliases.providers.extend(other.inner.aliases.providers.clone());
        for (provider, models) in other.inner.aliases.models.clone() {
            aliases.models.entry(provider).or_default().extend(models);
        }
        Self::new(files, aliases)
    }

    /// Reads one price file.
    ///
    /// # Errors
    /// A config error that tells what is wrong where.
    pub fn parse_file(json: &str) -> Result<PriceFile> {
        PriceFile::parse(json)
    }

    /// Every listed model with its provider, in the order of the files.
    pub fn models(&self) -> impl Iterator<Item = (&str, &CataloguedModel)> {
        self.inner
            .files
            .iter()
            .flat_map(|file| file.models.iter().map(|model| (file.provider.as_str(), model)))
    }

    /// The price files, in order.
    pub fn files(&self) -> &[PriceFile] {
        &self.inner.files
    }

    /// The name of a provider that may be given by an alias (`together_ai` is `together`), in any
    /// case; `provider` itself when it is not known.
    pub fn provider_name<'a>(&'a self, provider: &'a str) -> &'a str {
        self.inner.index.provider(provider)
    }

    /// The listed model of `provider` named `model`.
    pub fn find(&self, provider: &str, model: &str) -> Option<&CataloguedModel> {
        let (file, row) = self.inner.index.row(provider, model)?;
        self.inner.files.get(file)?.models.get(row)
    }

    /// The model that `name` alone stands for, with its provider: the provider in front of the name
    /// (`groq/llama-3.1-8b-instant`), or else the first, in the order of the files, that lists a
    /// model of this name.
    pub fn find_by_name(&self, name: &str) -> Option<(&str, &CataloguedModel)> {
        let index = &self.inner.index;
        let prefixed = name
            .split_once('/')
            .filter(|(prefix, _)| index.knows_provider(prefix))
            .and_then(|(prefix, rest)| index.row(prefix, rest));
        let order = self.inner.files.iter().map(|file| file.provider.as_str());
        let (file, row) = prefixed.or_else(|| index.row_anywhere(order, name))?;
        let file = self.inner.files.get(file)?;
        Some((&file.provider, file.models.get(row)?))
    }

    /// Prices of `model` at `provider`; `None` when not known.
    pub fn price_of(&self, provider: &str, model: &str) -> Option<ModelPrice> {
        if let Some(found) = self.find(provider, model) {
            return Some(found.price.clone());
        }
        let provider = self.provider_name(provider);
        let file = self.inner.files.iter().rev().find(|file| file.provider == provider)?;
        file.any_model.clone()
    }
}

impl PriceSource for PriceCatalogue {
    fn price(&self, model: &ModelConfig) -> Option<ModelPrice> {
        self.price_of(&model.provider, &model.name)
    }
}
