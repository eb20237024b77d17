use cascade_core::{Error, Result, Usd};
use serde::{Deserialize, Serialize};

use super::forecaster::{interval, sorted_sums};
use super::paths::quantile;
use super::{Forecaster, Interval};
use crate::spend::{DailySeries, Day};

/// Days that are looked ahead where no period ends earlier.
const HORIZON: usize = 366;
/// Fraction of a budget by which sums of doubles may miss it.
const ROUNDING: f64 = 1e-9;

/// A budget and what of it is used.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetPosition {
    /// The budget in USD.
    pub limit: Usd,
    /// What of it is used, in USD, today included.
    pub used: Usd,
    /// The last day of its period; `None` when it never resets.
    #[serde(default)]
    pub period_end: Option<Day>,
    /// Probability of the intervals, between 0 and 1. Default 0.8.
    #[serde(default = "default_level")]
    pub level: f64,
}

const fn default_level() -> f64 {
    0.8
}

impl BudgetPosition {
    /// A budget that never resets.
    pub const fn new(limit: Usd, used: Usd) -> Self {
        Self { limit, used, period_end: None, level: default_level() }
    }
}

/// When a budget is used up, by the forecast.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BudgetOutlook {
    /// What is left in USD; negative when more was used.
    pub remaining: Usd,
    /// Whether nothing is left already.
    pub exhausted: bool,
    /// The day on which the budget is used up; today when it is already, `None` when it lasts until
    /// the end of its period, or for a year where it has none.
    pub expected_day: Option<Day>,
    /// Not before this day, by the interval; `None` when that lies beyond.
    pub earliest_day: Option<Day>,
    /// Not after this day, by the interval; `None` when that lies beyond.
    pub latest_day: Option<Day>,
    /// Whole days that what is left pays for; `None` when it lasts.
    pub days_left: Option<u32>,
    /// Probability that it is used up before its period, or the year, ends.
    pub probability: f64,
    /// The last day looked at.
    pub until: Option<Day>,
    /// What will have been used by then, in USD.
    pub projected_cost: f64,
    /// Where that lies.
    pub projected: Interval,
    /// As that of a forecast until then.
    pub confidence: f64,
    /// How this is known, in plain words.
    pub reasons: Vec<String>,
}

impl Forecaster {
    /// When `budget` is used up if spending goes on as in `series`.
    ///
    /// # Errors
    /// A validation error on `level` when it is no probability.
    pub fn budget_outlook(
        &self,
        series: &DailySeries,
        budget: &BudgetPosition,
    ) -> Result<BudgetOutlook> {
        if !(budget.level > 0.0 && budget.level < 1.0) {
            return Err(Error::validation(
                "level",
                format!("an interval cannot have this probability: {}", budget.level),
                "give a probability between 0 and 1, such as 0.8",
            ));
        }
        let history = self.history(series);
        let remaining = budget.limit - budget.used;
        let today = history.spent_today().is_some();
        let known = history.last_day();
        // The first day that is looked at: today while it runs, else the day after the last.
        let first = known.map(|day| if today { day } else { day.plus(1) });
        let ahead = match (budget.period_end, first) {
            (Some(end), Some(first)) => usize::try_from(end.count() - first.count() + 1)
                .unwrap_or_default()
                .min(10 * HORIZON),
            _ => HORIZON,
        };
        let used = budget.used.to_f64();
        let mut outlook = BudgetOutlook {
            remaining,
            exhausted: remaining <= Usd::ZERO,
            expected_day: None,
            earliest_day: None,
            latest_day: None,
            days_left: None,
            probability: 0.0,
            until: first.map(|first| first.plus(to_days(ahead) - 1)),
            projected_cost: used,
            projected: Interval { level: budget.level, lower: used, upper: used },
            confidence: 0.0,
            reasons: Vec::new(),
        };
        if outlook.exhausted {
            outlook.expected_day = known;
            outlook.earliest_day = known;
            outlook.latest_day = known;
            outlook.days_left = Some(0);
            outlook.probability = 1.0;
            outlook.reasons.push("the budget is used up".to_owned());
        }
        let enough = history.complete().len() >= self.options().min_data_points.max(1);
        let found = enough.then(|| self.outlook(&history, ahead)).flatten();
        let (Some(found), Some(first)) = (found, first) else {
            outlook.reasons.push("there is no spending to forecast from".to_owned());
            return Ok(outlook);
        };
        let sums = sorted_sums(&found.futures);
        let total: f64 = found.expected.iter().sum();
        let spread = interval(&sums, budget.level, total);
        outlook.projected_cost = used + total;
        outlook.projected = Interval {
            level: budget.level,
            lower: used + spread.lower,
            upper: used + spread.upper,
        };
        if total > 0.0 {
            let half = (spread.upper - spread.lower) / 2.0;
            outlook.confidence = (1.0 - half / total).clamp(0.0, 1.0);
        }
        outlook.reasons.extend(found.reasons.iter().cloned());
        if outlook.exhausted {
            return Ok(outlook);
        }
        let left = remaining.to_f64() * (1.0 - ROUNDING);
        let expected = first_at(found.expected.iter().copied(), left);
        let paths = found.futures.first().map_or(0, Vec::len);
        let mut ends: Vec<f64> = (0..paths)
            .map(|path| {
                let days = found.futures.iter().map(|row| row[path]);
                first_at(days, left).map_or(f64::INFINITY, |at| at as f64)
            })
            .collect();
        ends.sort_by(f64::total_cmp);
        let reached = ends.iter().filter(|end| end.is_finite()).count();
        outlook.probability = reached as f64 / paths.max(1) as f64;
        let tail = (1.0 - budget.level) / 2.0;
        let day = |at: usize| first.plus(to_days(at));
        let at = |fraction: f64| end_at(&ends, fraction);
        let (earliest, latest) = (at(tail), at(1.0 - tail));
        outlook.expected_day = expected.map(day);
        outlook.earliest_day = earliest.into_iter().chain(expected).min().map(day);
        outlook.latest_day = match (latest, expected) {
            (Some(latest), Some(expected)) => Some(day(latest.max(expected))),
            _ => None,
        };
        let exact = remaining.to_f64() * (1.0 + ROUNDING);
        outlook.days_left = expected.map(|_| whole_days(&found.expected, exact));
        Ok(outlook)
    }
}

/// The position of the first day by whose end `amount` is spent.
fn first_at(mut days: impl Iterator<Item = f64>, amount: f64) -> Option<usize> {
    let mut spent = 0.0;
    days.position(|day| {
        spent += day;
        spent >= amount
    })
}

/// Days that `amount` pays for in full.
fn whole_days(days: &[f64], amount: f64) -> u32 {
    let mut spent = 0.0;
    let count = days
        .iter()
        .take_while(|day| {
            spent += **day;
            spent <= amount
        })
        .count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The day at a fraction of the futures; `None` where theirs lies beyond.
fn end_at(ends: &[f64], fraction: f64) -> Option<usize> {
    let at = quantile(ends, fraction);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a finite position of a day"
    )]
    let day = at.is_finite().then(|| at.round() as usize);
    day
}

fn to_days(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
