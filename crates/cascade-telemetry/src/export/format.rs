use std::path::Path;

use cascade_core::{Error, Result};

/// The kind of file that spendings are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// One JSON object with `entries`, their sums, and what is known of the budget.
    Json,
    /// One line an entry under a line of names.
    Csv,
    /// A SQLite database with the table `cost_entries`.
    Sqlite,
}

/// Names and file endings of the formats.
const NAMES: [(&str, ExportFormat); 6] = [
    ("json", ExportFormat::Json),
    ("csv", ExportFormat::Csv),
    ("sqlite", ExportFormat::Sqlite),
    ("db", ExportFormat::Sqlite),
    ("sqlite3", ExportFormat::Sqlite),
    ("sqlitedb", ExportFormat::Sqlite),
];

impl ExportFormat {
    /// The name: `json`, `csv` or `sqlite`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Sqlite => "sqlite",
        }
    }

    /// The format called `name`, in any case; `db` and `sqlite3` mean `sqlite`.
    ///
    /// # Errors
    /// A validation error when there is none.
    pub fn named(name: &str) -> Result<Self> {
        let lower = name.to_lowercase();
        NAMES.iter().find(|(known, _)| *known == lower).map(|(_, format)| *format).ok_or_else(
            || {
                Error::validation(
                    "format",
                    format!("unknown export format: `{name}`"),
                    "use `json`, `csv` or `sqlite`",
                )
            },
        )
    }

    /// The format that the ending of `path` names.
    ///
    /// # Errors
    /// A validation error when it names none.
    pub fn of_path(path: &Path) -> Result<Self> {
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        Self::named(&ending).map_err(|_| {
            Error::validation(
                "path",
                format!("the ending of `{}` names no export format", path.display()),
                "end the name in `.json`, `.csv` or `.db`, or give the format",
            )
        })
    }
}
