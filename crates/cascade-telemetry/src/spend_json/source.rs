use cascade_core::chat_json::Fields;
use cascade_core::{Error, Result};
use serde_json::{Map, Value};

use crate::spend::{DailySeries, SpendEntry, SpendHistory};

/// Where a request takes spending from: `series`, or `entries` with `now`, `utc_offset_seconds` and
/// `user_id`.
pub(super) enum Source {
    Series(DailySeries),
    Entries(Vec<SpendEntry>, SpendHistory),
}

impl Source {
    pub(super) fn take(fields: &mut Fields) -> Result<Self> {
        let series: Option<DailySeries> = fields.take("series")?;
        let entries: Option<Vec<SpendEntry>> = fields.take("entries")?;
        let now: Option<f64> = fields.take("now")?;
        let offset: i32 = fields.take_or_default("utc_offset_seconds")?;
        match (series, entries) {
            (Some(series), None) => Ok(Self::Series(series)),
            (None, Some(entries)) => {
                let mut history = SpendHistory::new().at_utc_offset(offset);
                if let Some(now) = now {
                    history = history.until(now);
                }
                history.extend(entries.iter().cloned());
                Ok(Self::Entries(entries, history))
            }
            _ => Err(Error::validation(
                "series",
                "spending is given twice or not at all",
                "give either `series` or `entries`",
            )),
        }
    }

    /// The days of a user, or of all.
    pub(super) fn days(&self, user_id: Option<&str>) -> Result<DailySeries> {
        match self {
            Self::Entries(_, history) => Ok(history.of(user_id)),
            Self::Series(series) if user_id.is_none() => Ok(series.clone()),
            Self::Series(_) => Err(entries_needed("user_id")),
        }
    }
}

/// The error of asking a series what only entries tell.
pub(super) fn entries_needed(field: &str) -> Error {
    Error::validation(field, "a series does not tell its users or amounts", "give `entries`")
}

/// `value` as JSON.
pub(super) fn to_json<T: serde::Serialize>(value: &T) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| {
        Error::new(cascade_core::ErrorKind::Internal, format!("cannot be written as JSON: {error}"))
    })
}

/// An object of one entry.
pub(super) fn object(name: &str, value: Value) -> Value {
    Value::Object(Map::from_iter([(name.to_owned(), value)]))
}
