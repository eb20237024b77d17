use std::path::Path;

use cascadeflow::{Error, Result};

/// The kind of file a plot is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlotFormat {
    /// Scalable vector graphics; text stays text.
    Svg,
    /// A bitmap.
    Png,
}

impl PlotFormat {
    /// The format that the ending of `path` names.
    ///
    /// # Errors
    /// A validation error when it names neither.
    pub(crate) fn of_path(path: &Path) -> Result<Self> {
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        match ending.as_str() {
            "svg" => Ok(Self::Svg),
            "png" => Ok(Self::Png),
            _ => Err(Error::validation(
                "plot",
                format!("unknown kind of plot: `{}`", path.display()),
                "end the file name in `.svg` or `.png`",
            )),
        }
    }
}
