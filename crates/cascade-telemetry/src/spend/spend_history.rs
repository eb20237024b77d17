use std::collections::BTreeMap;

use cascade_core::Usd;
use serde::Deserialize;

use super::{DailySeries, Day};

/// One amount that was spent.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpendEntry {
    /// When, in seconds since the Unix epoch.
    pub timestamp: f64,
    /// How much.
    pub cost: Usd,
    /// Whose it is; `None` counts in the total only.
    #[serde(default)]
    pub user_id: Option<String>,
}

/// Spending by day, in all and by user.
#[derive(Debug, Clone, Default)]
pub struct SpendHistory {
    total: BTreeMap<Day, Usd>,
    users: BTreeMap<String, BTreeMap<Day, Usd>>,
    utc_offset_seconds: i32,
    today: Option<Day>,
}

impl SpendHistory {
    /// Days without any spending after which a history counts as an old record.
    pub const ENDED_DAYS: u32 = 28;

    /// No spending yet; days are those of UTC.
    pub fn new() -> Self {
        Self::default()
    }

    /// Days are those of clocks `seconds` ahead of UTC. Set it before adding.
    #[must_use]
    pub const fn at_utc_offset(mut self, seconds: i32) -> Self {
        self.utc_offset_seconds = seconds;
        self
    }

    /// The moment, in seconds since the Unix epoch, until which the series go; its day counts as
    /// running. Without it they end with the last day that has spending in any of them.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and days are clamped")]
    pub fn until(mut self, now: f64) -> Self {
        self.today = Some(Day::of_timestamp(now.floor() as i64, self.utc_offset_seconds));
        self
    }

    /// As `until`, with the time of the latest spending of anybody. When that is more than
    /// [`Self::ENDED_DAYS`] days ago, the history is an old record, and its series end with it.
    #[must_use]
    pub fn until_unless_ended(self, now: f64, latest: Option<f64>) -> Self {
        let longest = f64::from(Self::ENDED_DAYS) * 86_400.0;
        let ended = latest.is_some_and(|latest| now - latest > longest);
        if ended { self } else { self.until(now) }
    }

    /// Adds an amount spent at `timestamp`, seconds since the Unix epoch.
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and days are clamped")]
    pub fn add(&mut self, timestamp: f64, user_id: Option<&str>, cost: Usd) {
        let day = Day::of_timestamp(timestamp.floor() as i64, self.utc_offset_seconds);
        *self.total.entry(day).or_default() += cost;
        if let Some(user_id) = user_id {
            if !self.users.contains_key(user_id) {
                self.users.insert(user_id.to_owned(), BTreeMap::new());
            }
            if let Some(days) = self.users.get_mut(user_id) {
                *days.entry(day).or_default() += cost;
            }
        }
    }

    /// The users that have spent, in order of their ids.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        self.users.keys().map(String::as_str)
    }

    /// The series of all spending.
    pub fn total(&self) -> DailySeries {
        self.series(Some(&self.total))
    }

    /// The series of one user; empty when nothing of the user's is known.
    pub fn user(&self, user_id: &str) -> DailySeries {
        self.series(self.users.get(user_id))
    }

    /// The series of a user, or of all spending when there is none.
    pub fn of(&self, user_id: Option<&str>) -> DailySeries {
        user_id.map_or_else(|| self.total(), |user_id| self.user(user_id))
    }

    fn series(&self, days: Option<&BTreeMap<Day, Usd>>) -> DailySeries {
        let days = days.into_iter().flatten().map(|(day, cost)| (*day, *cost));
        // A user that stopped spending has days of zero until the last day of anybody.
        let end = self.total.keys().next_back().copied();
        let series = DailySeries::from_days(days, self.today.or(end));
        if self.today.is_none() { series.with_running_day(false) } else { series }
    }
}

impl Extend<SpendEntry> for SpendHistory {
    fn extend<T: IntoIterator<Item = SpendEntry>>(&mut self, entries: T) {
        for entry in entries {
            self.add(entry.timestamp, entry.user_id.as_deref(), entry.cost);
        }
    }
}
