use std::fmt;
use std::str::FromStr;

use cascade_core::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Seconds of a day.
const SECONDS: i64 = 86_400;
/// First and last day that has a year of four digits.
const RANGE: std::ops::RangeInclusive<i64> = -719_528..=2_932_896;

/// A calendar day, counted from 1 January 1970. Written as `2026-11-21`; reads that or the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

impl Day {
    /// The day `count` days after 1 January 1970; days outside the years 0 to 9999 become the
    /// nearest inside.
    pub fn new(count: i64) -> Self {
        Self(count.clamp(*RANGE.start(), *RANGE.end()))
    }

    /// The day of a moment in seconds since the Unix epoch, where clocks are `offset` seconds ahead
    /// of UTC.
    pub fn of_timestamp(seconds: i64, offset: i32) -> Self {
        Self::new(seconds.saturating_add(i64::from(offset)).div_euclid(SECONDS))
    }

    /// Days since 1 January 1970.
    pub const fn count(self) -> i64 {
        self.0
    }

    /// The day `days` later, or earlier where negative.
    #[must_use]
    pub fn plus(self, days: i64) -> Self {
        Self::new(self.0.saturating_add(days))
    }

    /// Midnight UTC at which it begins, in seconds since the Unix epoch.
    pub const fn start(self) -> i64 {
        self.0 * SECONDS
    }

    /// The day of the week: 0 is Monday.
    pub fn weekday(self) -> usize {
        // 1 January 1970 was a Thursday.
        usize::try_from((self.0 + 3).rem_euclid(7)).unwrap_or_default()
    }

    /// Year, month and day of the proleptic Gregorian calendar.
    fn civil(self) -> (i64, i64, i64) {
        // Years that begin in March have their leap day at the end, in cycles of 400 years.
        let shifted = self.0 + 719_468;
        let cycle = shifted.div_euclid(146_097);
        let in_cycle = shifted.rem_euclid(146_097);
        let year = (in_cycle - in_cycle / 1_460 + in_cycle / 36_524 - in_cycle / 146_096) / 365;
        let in_year = in_cycle - (365 * year + year / 4 - year / 100);
        let month = (5 * in_year + 2) / 153;
        let day = in_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        (year + cycle * 400 + i64::from(month <= 2), month, day)
    }

    fn from_civil(year: i64, month: i64, day: i64) -> Option<Self> {
        let shifted = year - i64::from(month <= 2);
        let cycle = shifted.div_euclid(400);
        let in_cycle = shifted.rem_euclid(400);
        let in_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
        let days = in_cycle * 365 + in_cycle / 4 - in_cycle / 100 + in_year;
        let found = Self(cycle * 146_097 + days - 719_468);
        (RANGE.contains(&found.0) && found.civil() == (year, month, day)).then_some(found)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Day {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut parts = text.splitn(3, '-').map(str::parse::<i64>);
        let found = match (parts.next(), parts.next(), parts.next()) {
            (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) if (1..=12).contains(&month) => {
                Self::from_civil(year, month, day)
            }
            _ => None,
        };
        found.ok_or_else(|| {
            Error::validation(
                "day",
                format!("not a day of the calendar: `{text}`"),
                "write year, month and day, such as `2026-11-21`",
            )
        })
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a day such as `2026-11-21`, or days since 1970-01-01")]
        enum Written {
            Count(i64),
            Text(String),
        }
        match Written::deserialize(from)? {
            Written::Count(count) => Ok(Self::new(count)),
            Written::Text(text) => text.parse().map_err(de::Error::custom),
        }
    }
}
