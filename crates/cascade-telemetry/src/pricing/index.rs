//! Finds rows by name.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::names::{without_date, without_release};
use super::{PriceAliases, PriceFile};

/// A row: number of its file and of the model in it.
pub(super) type Row = (usize, usize);

/// Rows of every provider, by each name they go by.
#[derive(Debug, Default)]
pub(super) struct NameIndex {
    providers: HashMap<String, ProviderIndex>,
    aliases: HashMap<String, String>,
}

#[derive(Debug, Default)]
struct ProviderIndex {
    rows: HashMap<String, Row>,
    /// The newest dated row of a name that has no row itself.
    newest: HashMap<String, (String, Row)>,
    /// The same names in lower case, made when a name is first missed.
    folded: OnceLock<HashMap<String, Row>>,
}

impl NameIndex {
    /// Indexes files and aliases, and gives the models their aliases. A later row of the same name
    /// wins.
    pub(super) fn new(files: &mut [PriceFile], aliases: &PriceAliases) -> Self {
        let mut index = Self::default();
        for (alias, provider) in &aliases.providers {
            index.aliases.insert(alias.to_lowercase(), provider.clone());
        }
        for (at, file) in files.iter_mut().enumerate() {
            let provider = index.providers.entry(file.provider.clone()).or_default();
            provider.rows.reserve(file.models.len());
            for (row, model) in file.models.iter_mut().enumerate() {
                provider.rows.insert(model.id.clone(), (at, row));
                model.aliases.clear();
            }
        }
        for (name, provider) in &mut index.providers {
            let mut found = Vec::new();
            for (alias, id) in aliases.models.get(name).into_iter().flatten() {
                let Some(&(file, row)) = provider.rows.get(id) else { continue };
                if !provider.rows.contains_key(alias) {
                    files[file].models[row].aliases.push(alias.clone());
                    found.push((alias.clone(), (file, row)));
                }
            }
            provider.rows.extend(found);
            provider.note_newest();
        }
        index
    }

    /// The provider's own name: `provider` may be an alias, in any case.
    pub(super) fn provider<'a>(&'a self, provider: &'a str) -> &'a str {
        if self.providers.contains_key(provider) {
            return provider;
        }
        let folded = provider.to_lowercase();
        if let Some(name) = self.aliases.get(&folded) {
            return name;
        }
        self.providers.get_key_value(&folded).map_or(provider, |(name, _)| name)
    }

    /// Whether `name` is a provider or an alias of one.
    pub(super) fn knows_provider(&self, name: &str) -> bool {
        self.providers.contains_key(self.provider(name))
    }

    /// The row of `model` at `provider`.
    pub(super) fn row(&self, provider: &str, model: &str) -> Option<Row> {
        let provider = self.provider(provider);
        let index = self.providers.get(provider)?;
        let bare = model
            .split_once('/')
            .filter(|(prefix, _)| self.provider(prefix) == provider)
            .map(|(_, rest)| rest);
        let names = [Some(model), bare];
        let names = || names.into_iter().flatten();
        names()
            .find_map(|name| index.exact(name))
            .or_else(|| names().find_map(|name| index.by_release(name)))
            .or_else(|| names().find_map(|name| index.folded(name)))
    }

    /// The row of `model` at whichever provider lists exactly that name: the first in `order`.
    pub(super) fn row_anywhere<'a>(
        &self,
        order: impl Iterator<Item = &'a str>,
        model: &str,
    ) -> Option<Row> {
        let mut providers = order.filter_map(|name| self.providers.get(name));
        providers.find_map(|index| index.exact(model).or_else(|| index.by_release(model)))
    }
}

impl ProviderIndex {
    fn exact(&self, name: &str) -> Option<Row> {
        self.rows.get(name).copied()
    }

    /// A dated name stands for the undated one, and an undated or `-latest` one for its newest
    /// dated row.
    fn by_release(&self, name: &str) -> Option<Row> {
        let stem = without_release(name);
        if let Some(row) = stem.and_then(|stem| self.exact(stem)) {
            return Some(row);
        }
        // A date that is not listed is not another date.
        if without_date(name).is_some() {
            return None;
        }
        self.newest.get(stem.unwrap_or(name)).map(|(_, row)| *row)
    }

    fn folded(&self, name: &str) -> Option<Row> {
        let folded = self.folded.get_or_init(|| {
            self.rows.iter().map(|(name, row)| (name.to_lowercase(), *row)).collect()
        });
        let name = name.to_lowercase();
        let at = |name: &str| folded.get(name).copied();
        at(&name).or_else(|| at(without_release(&name)?))
    }

    fn note_newest(&mut self) {
        for (name, row) in &self.rows {
            let Some(stem) = without_date(name) else { continue };
            if self.rows.contains_key(stem) {
                continue;
            }
            let newest = self.newest.entry(stem.to_owned()).or_insert((name.clone(), *row));
            // Dates of one form sort like text.
            if *name > newest.0 {
                *newest = (name.clone(), *row);
            }
        }
    }
}
