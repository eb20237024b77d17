//! The form a query asks its answer to have.

use std::fmt;

use serde::Serialize;

/// The form a query asks its answer to have, as far as its wording says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestedFormat {
    /// JSON, alone or inside the answer.
    Json,
    /// A table.
    Table,
    /// A list, numbered or bulleted.
    List,
    /// Program text.
    Code,
    /// One of the listed options, named by its letter.
    Choice,
    /// A number.
    Number,
    /// Yes or no.
    YesNo,
    /// One word.
    SingleWord,
}

impl RequestedFormat {
    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Table => "table",
            Self::List => "list",
            Self::Code => "code",
            Self::Choice => "choice",
            Self::Number => "number",
            Self::YesNo => "yes_no",
            Self::SingleWord => "single_word",
        }
    }
}

impl fmt::Display for RequestedFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
