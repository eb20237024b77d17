use std::path::{Path, PathBuf};

use cascade_core::ports::PriceSource;
use cascade_core::{ModelConfig, ModelPrice, Result};
use parking_lot::RwLock;

use super::PriceCatalogue;

/// Prices from files that may change while the program runs, over those that come with the crate.
///
/// A file that cannot be read changes nothing: the last good prices stay.
#[derive(Debug)]
pub struct ReloadingPrices {
    path: PathBuf,
    current: RwLock<PriceCatalogue>,
}

impl ReloadingPrices {
    /// Reads the price file, or the folder of them, at `path`.
    ///
    /// # Errors
    /// A config error that names the file and what is wrong where.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let current = RwLock::new(read(&path)?);
        Ok(Self { path, current })
    }

    /// Reads the files again.
    ///
    /// # Errors
    /// A config error that names the file and what is wrong where; the prices stay as they were.
    pub fn reload(&self) -> Result<()> {
        let fresh = read(&self.path)?;
        *self.current.write() = fresh;
        Ok(())
    }

    /// The prices that hold now.
    pub fn current(&self) -> PriceCatalogue {
        self.current.read().clone()
    }
}

impl PriceSource for ReloadingPrices {
    fn price(&self, model: &ModelConfig) -> Option<ModelPrice> {
        self.current().price(model)
    }
}

fn read(path: &Path) -> Result<PriceCatalogue> {
    Ok(PriceCatalogue::embedded().overlaid_with(&PriceCatalogue::load(path)?))
}
