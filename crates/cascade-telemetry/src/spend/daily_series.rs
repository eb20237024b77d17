use cascade_core::{Error, Result, Usd};
use serde::{Deserialize, Serialize};

use super::Day;

/// Longest series, in days: a hundred years.
const LONGEST: usize = 36_525;

/// What was spent on each day of a span, in USD; a day without spending is zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct DailySeries {
    first_day: Day,
    totals: Vec<f64>,
    running: bool,
}

/// A series as it is read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    first_day: Day,
    totals: Vec<Usd>,
    #[serde(default)]
    running: bool,
}

impl TryFrom<Written> for DailySeries {
    type Error = Error;

    fn try_from(written: Written) -> Result<Self> {
        let totals = written.totals.into_iter().map(Usd::to_f64).collect();
        Ok(Self::new(written.first_day, totals)?.with_running_day(written.running))
    }
}

impl DailySeries {
    /// The totals of consecutive days in USD, from `first_day` on, each of them complete.
    ///
    /// # Errors
    /// A validation error on `totals` when one is negative, infinite or not a number, or when there
    /// are more than a hundred years of them.
    pub fn new(first_day: Day, totals: Vec<f64>) -> Result<Self> {
        if let Some(at) = totals.iter().position(|total| !total.is_finite() || *total < 0.0) {
            return Err(Error::validation(
                "totals",
                format!("the total of {} cannot be spent: {}", first_day.plus_len(at), totals[at]),
                "give the amount of every day in USD, zero or more",
            ));
        }
        if totals.len() > LONGEST {
            return Err(Error::validation(
                "totals",
                format!("too many days: {}", totals.len()),
                format!("give {LONGEST} or fewer"),
            ));
        }
        Ok(Self { first_day, totals, running: false })
    }

    /// The series of amounts by day, in any order; amounts of one day add up, and days between the
    /// first and the last that are not given are zero. With `today` the series goes on until then,
    /// and `today` counts as running: more may be spent on it. What lies after it is left out, and so is what lies
    /// more than a hundred years before the last day. No amount at all gives an empty series.
    pub fn from_days(days: impl IntoIterator<Item = (Day, Usd)>, today: Option<Day>) -> Self {
        let mut amounts: Vec<(Day, Usd)> =
            days.into_iter().filter(|(day, _)| today.is_none_or(|today| *day <= today)).collect();
        amounts.sort_by_key(|(day, _)| *day);
        let last = today.or_else(|| amounts.last().map(|(day, _)| *day));
        let (Some((first, _)), Some(last)) = (amounts.first(), last) else {
            let first_day = today.unwrap_or(Day::new(0));
            return Self { first_day, totals: Vec::new(), running: false };
        };
        let earliest = last.plus(1 - i64::try_from(LONGEST).unwrap_or(i64::MAX));
        let first_day = (*first).max(earliest);
        let mut sums = vec![Usd::ZERO; distance(first_day, last) + 1];
        for (day, amount) in amounts.into_iter().filter(|(day, _)| *day >= first_day) {
            sums[distance(first_day, day)] += amount;
        }
        // A refund may exceed what a day cost; a day's spending is never below nothing.
        let totals = sums.into_iter().map(|sum| sum.to_f64().max(0.0)).collect();
        Self { first_day, totals, running: today.is_some() }
    }

    /// Says whether the last day is still running.
    #[must_use]
    pub fn with_running_day(mut self, running: bool) -> Self {
        self.running = running && !self.totals.is_empty();
        self
    }

    /// The first day; without meaning in an empty series.
    pub const fn first_day(&self) -> Day {
        self.first_day
    }

    /// The last day, also one still running; `None` in an empty series.
    pub fn last_day(&self) -> Option<Day> {
        self.totals.len().checked_sub(1).map(|at| self.first_day.plus_len(at))
    }

    /// The total of each day in USD.
    pub fn totals(&self) -> &[f64] {
        &self.totals
    }

    /// The totals of complete days in USD.
    pub fn complete(&self) -> &[f64] {
        let complete = self.totals.len() - usize::from(self.running);
        &self.totals[..complete]
    }

    /// What was spent so far on the day that is still running, in USD; `None` when none is.
    pub fn spent_today(&self) -> Option<f64> {
        self.totals.last().copied().filter(|_| self.running)
    }

    /// Whether no day is known.
    pub fn is_empty(&self) -> bool {
        self.totals.is_empty()
    }

    /// The day at a position.
    pub(crate) fn day(&self, at: usize) -> Day {
        self.first_day.plus_len(at)
    }

    /// The last `days` days.
    #[must_use]
    pub fn latest(&self, days: usize) -> Self {
        let from = self.totals.len().saturating_sub(days);
        Self {
            first_day: self.day(from),
            totals: self.totals[from..].to_vec(),
            running: self.running && days > 0,
        }
    }
}

impl Day {
    fn plus_len(self, days: usize) -> Self {
        self.plus(i64::try_from(days).unwrap_or(i64::MAX))
    }
}

fn distance(from: Day, to: Day) -> usize {
    usize::try_from(to.count() - from.count()).unwrap_or_default()
}
