//! How the fields of an entry are written as text, in files and in ledgers alike.

use std::time::Duration;

use cascade_core::{AttemptRole, Priced};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use serde::de::value::StrDeserializer;

/// The value whose serialised name is `name`.
fn named<T: DeserializeOwned>(name: &str) -> Option<T> {
    T::deserialize(StrDeserializer::<serde::de::value::Error>::new(name)).ok()
}

pub(crate) fn role_named(name: &str) -> Option<AttemptRole> {
    named(name)
}

pub(crate) fn priced_named(name: &str) -> Option<Priced> {
    named(name)
}

/// A moment, since the Unix epoch, as ISO 8601 in UTC with microseconds, which Python's
/// `fromisoformat` reads.
pub fn moment_text(at: Duration) -> String {
    moment(at).strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}

/// A moment as ISO 8601 in UTC with nanoseconds; texts sort as the moments do.
#[cfg(feature = "sqlite")]
pub(crate) fn exact_timestamp(at: Duration) -> String {
    moment(at).strftime("%Y-%m-%dT%H:%M:%S%.9f+00:00").to_string()
}

/// Moments after the year 9999 become its end.
fn moment(at: Duration) -> Timestamp {
    i128::try_from(at.as_nanos())
        .ok()
        .and_then(|nanoseconds| Timestamp::from_nanosecond(nanoseconds).ok())
        .unwrap_or(Timestamp::MAX)
}

/// The moment that `text` names in ISO 8601, since the Unix epoch: a date, which means its midnight,
/// or a date and time; UTC where it names no offset. `None` when it is none, or before 1970.
pub fn parse_moment(text: &str) -> Option<Duration> {
    let moment = text.parse::<Timestamp>().ok().or_else(|| {
        let local = text.parse::<DateTime>().ok()?;
        Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })?;
    let nanoseconds = u128::try_from(moment.as_nanosecond()).ok()?;
    Some(Duration::new(
        u64::try_from(nanoseconds / 1_000_000_000).ok()?,
        u32::try_from(nanoseconds % 1_000_000_000).ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        let roles = [AttemptRole::Draft, AttemptRole::Fallback, AttemptRole::Embedding];
        assert_eq!(roles.map(|role| role_named(role.as_str())), roles.map(Some));
        let priced = [Priced::Catalogue, Priced::Reported, Priced::Unpriced];
        assert_eq!(priced.map(|priced| priced_named(priced.as_str())), priced.map(Some));
        assert_eq!(role_named("judge"), None);
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn moments_come_back_and_sort_as_text() {
        let early = Duration::new(1_795_219_200, 5);
        let late = Duration::new(1_795_219_200, 1_000);
        assert_eq!(parse_moment(&exact_timestamp(early)), Some(early));
        assert_eq!(parse_moment(&moment_text(late)), Some(late));
        assert!(exact_timestamp(early) < exact_timestamp(late));
        assert_eq!(moment_text(Duration::ZERO), "1970-01-01T00:00:00.000000+00:00");
        assert_eq!(parse_moment("1970-01-01T00:00:01"), Some(Duration::from_secs(1)));
        assert_eq!(parse_moment("1970-01-01T01:00:01+01:00"), Some(Duration::from_secs(1)));
        assert_eq!(parse_moment("1970-01-02"), Some(Duration::from_hours(24)));
        assert_eq!(parse_moment("yesterday"), None);
        assert!(parse_moment(&moment_text(Duration::MAX)).is_some());
    }
}
