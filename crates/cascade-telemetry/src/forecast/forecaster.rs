use cascade_core::{Error, Result};

use super::fitting::{Fitted, all_shapes, fit_all, plausible};
use super::paths::{draw, quantile};
use super::preparation::Prepared;
use super::smoothing::{Season, Shape, State, Trend, WEEK, Weights};
use super::{Forecast, ForecastDay, ForecastMethod, ForecastOptions, Interval, SpendTrend};
use crate::spend::{DailySeries, theil_sen};

/// Longest forecast in days: ten years.
const FARTHEST: u32 = 3_660;
/// The level of the interval that confidence is measured by.
const CONFIDENCE_LEVEL: f64 = 0.8;
/// Days that the trend is told from.
const TREND_DAYS: usize = 28;
/// A change within a week below which spending counts as stable.
const STABLE: f64 = 0.02;
/// Standard errors that a trend must exceed.
const SIGNIFICANT: f64 = 2.0;

/// Forecasts daily spending.
///
/// Fits simple, linear and damped exponential smoothing, each without a season and with an additive
/// and a multiplicative weekly one, and takes the form with the least corrected Akaike criterion. Wild days count
/// as what was expected of them. Intervals come from futures drawn from the model.
/// The same history gives the same forecast everywhere.
#[derive(Debug, Clone, Default)]
pub struct Forecaster {
    options: ForecastOptions,
}

/// A fitted history with the days to come.
pub(super) struct Outlook {
    pub(super) method: ForecastMethod,
    pub(super) reasons: Vec<String>,
    pub(super) alpha: Option<f64>,
    /// Expected spending of each day to come, in USD; of a running day what is still to come.
    pub(super) expected: Vec<f64>,
    /// Futures: a row for each day, a column for each future.
    pub(super) futures: Vec<Vec<f64>>,
    pub(super) trend: SpendTrend,
    pub(super) weekly_change: f64,
}

impl Forecaster {
    /// Forecasts by `options`.
    ///
    /// # Errors
    /// A validation error that names the option out of range.
    pub fn new(options: ForecastOptions) -> Result<Self> {
        Ok(Self { options: options.checked()? })
    }

    /// The options.
    pub const fn options(&self) -> &ForecastOptions {
        &self.options
    }

    /// What will be spent on the `days` days after the last day of `series`, also where that one is
    /// still running. Of a running day only the weekday counts: its total is not read as a day's.
    ///
    /// # Errors
    /// A validation error on `days` when they are none or more than ten years.
    pub fn forecast(&self, series: &DailySeries, days: u32) -> Result<Forecast> {
        if !(1..=FARTHEST).contains(&days) {
            return Err(Error::validation(
                "days",
                format!("not a time to forecast: {days} days"),
                format!("give 1 to {FARTHEST}"),
            ));
        }
        let history = self.history(series);
        let complete = history.complete();
        let count = complete.len();
        let historical_average = complete.iter().sum::<f64>() / count.max(1) as f64;
        let mut forecast = Forecast {
            predicted_cost: 0.0,
            intervals: self.zero_intervals(),
            confidence: 0.0,
            period_days: days,
            method: ForecastMethod::InsufficientData,
            reasons: Vec::new(),
            historical_average,
            trend: SpendTrend::Stable,
            weekly_change: 0.0,
            data_points: count,
            required_data_points: self.options.min_data_points.max(1),
            alpha: None,
            days: Vec::new(),
        };
        let enough = count >= forecast.required_data_points;
        let ahead = usize::try_from(days).unwrap_or_default();
        let today = usize::from(history.spent_today().is_some());
        let Some(outlook) = enough.then(|| self.outlook(&history, ahead + today)).flatten() else {
            if enough {
                forecast.method = ForecastMethod::Mean;
                forecast.reasons = vec![format!("nothing was spent on the {count} days there are")];
                forecast.days = self.days(&history, &vec![0.0; ahead], &[]);
            } else {
                forecast.historical_average = 0.0;
                forecast.reasons = vec![format!(
                    "{count} days of history where {} are asked for",
                    forecast.required_data_points
                )];
            }
            return Ok(forecast);
        };
        let (expected, futures) = (&outlook.expected[today..], &outlook.futures[today..]);
        forecast.days = self.days(&history, expected, futures);
        forecast.predicted_cost = expected.iter().sum();
        let sums = sorted_sums(futures);
        let interval = |level| interval(&sums, level, forecast.predicted_cost);
        forecast.intervals = self.options.levels.iter().map(|level| interval(*level)).collect();
        let sure = interval(CONFIDENCE_LEVEL);
        if forecast.predicted_cost > 0.0 {
            let half = (sure.upper - sure.lower) / 2.0;
            forecast.confidence = (1.0 - half / forecast.predicted_cost).clamp(0.0, 1.0);
        }
        forecast.method = outlook.method;
        forecast.reasons = outlook.reasons;
        forecast.alpha = outlook.alpha;
        forecast.trend = outlook.trend;
        forecast.weekly_change = outlook.weekly_change;
        Ok(forecast)
    }

    /// The days that are read: the latest, and a running day as a complete one where there would be
    /// too few without it.
    pub(super) fn history(&self, series: &DailySeries) -> DailySeries {
        let latest = series.latest(self.options.max_history_days);
        let enough = latest.complete().len() >= self.options.min_data_points.max(1);
        if enough { latest } else { latest.with_running_day(false) }
    }

    /// The next `ahead` days, a running one among them; `None` when nothing was ever spent.
    pub(super) fn outlook(&self, history: &DailySeries, ahead: usize) -> Option<Outlook> {
        let prepared = Prepared::new(history)?;
        let mut reasons = vec![days_of_history(&prepared)];
        let shapes: Vec<Shape> = all_shapes()
            .into_iter()
            .filter(|shape| {
                self.options.method.is_none_or(|method| method == ForecastMethod::of(*shape))
            })
            .collect();
        let mut candidates = fit_all(&prepared, &shapes, self.options.alpha);
        if candidates.is_empty() && self.options.method.is_some_and(|m| m != ForecastMethod::Mean) {
            reasons.push("the history does not allow the method asked for".to_owned());
            candidates = fit_all(&prepared, &all_shapes(), self.options.alpha);
        }
        let (method, alpha, fitted) = if let Some(best) = candidates.first() {
            let method = ForecastMethod::of(best.shape);
            let (what, of) = (method.description(), candidates.len());
            reasons
                .push(format!("{what}, the best of {of} forms by the corrected Akaike criterion"));
            (method, Some(best.weights.level), best.clone())
        } else {
            reasons.push(ForecastMethod::Mean.description().to_owned());
            (ForecastMethod::Mean, None, mean_of(&prepared))
        };
        if fitted.shape.season != Season::None {
            reasons.push(season_reason(&fitted));
        }
        let (trend, weekly_change) = trend_of(&prepared);
        if trend != SpendTrend::Stable {
            reasons.push(format!(
                "a day's spending changes by {:+.1} % a week",
                weekly_change * 100.0
            ));
        }
        let mut models = plausible(&prepared, &candidates, self.options.alpha);
        if models.is_empty() {
            models.push((fitted.clone(), 1.0));
        }
        let mut expected = expected(&prepared, &fitted, ahead);
        let mut futures = draw(&prepared, &models, ahead);
        if let (Some(spent), Some(today), Some(row)) =
            (history.spent_today(), expected.first_mut(), futures.first_mut())
        {
            *today = (*today - spent).max(0.0);
            for value in row {
                *value = (*value - spent).max(0.0);
            }
        }
        Some(Outlook { method, reasons, alpha, expected, futures, trend, weekly_change })
    }

    fn zero_intervals(&self) -> Vec<Interval> {
        let levels = self.options.levels.iter();
        levels.map(|level| Interval { level: *level, lower: 0.0, upper: 0.0 }).collect()
    }

    fn days(
        &self,
        history: &DailySeries,
        expected: &[f64],
        futures: &[Vec<f64>],
    ) -> Vec<ForecastDay> {
        let from = history.totals().len();
        expected
            .iter()
            .enumerate()
            .map(|(at, cost)| {
                let intervals = match futures.get(at) {
                    Some(row) => {
                        let mut row = row.clone();
                        row.sort_by(f64::total_cmp);
                        let levels = self.options.levels.iter();
                        levels.map(|level| interval(&row, *level, *cost)).collect()
                    }
                    None => self.zero_intervals(),
                };
                ForecastDay { day: history.day(from + at), cost: *cost, intervals }
            })
            .collect()
    }
}

/// The sum of each future, in rising order.
pub(super) fn sorted_sums(futures: &[Vec<f64>]) -> Vec<f64> {
    let mut sums = vec![0.0; futures.first().map_or(0, Vec::len)];
    for row in futures {
        for (sum, value) in sums.iter_mut().zip(row) {
            *sum += value;
        }
    }
    sums.sort_by(f64::total_cmp);
    sums
}

/// The middle of `sorted` with probability `level`, around `point`.
pub(super) fn interval(sorted: &[f64], level: f64, point: f64) -> Interval {
    let tail = (1.0 - level) / 2.0;
    Interval {
        level,
        lower: quantile(sorted, tail).min(point),
        upper: quantile(sorted, 1.0 - tail).max(point),
    }
}

/// The expected days, in USD.
fn expected(prepared: &Prepared, fitted: &Fitted, ahead: usize) -> Vec<f64> {
    let mut state = fitted.state;
    (0..ahead)
        .map(|at| {
            let weekday = prepared.weekday(prepared.values.len() + at);
            let (mean, base) = fitted.shape.expectation(&fitted.weights, &state, weekday);
            fitted.shape.advance(&fitted.weights, &mut state, weekday, base, 0.0);
            mean.max(0.0) * prepared.unit
        })
        .collect()
}

/// The mean of days too few to smooth.
fn mean_of(prepared: &Prepared) -> Fitted {
    let count = prepared.values.len();
    let mean = prepared.values.iter().sum::<f64>() / count.max(1) as f64;
    let squares: f64 = prepared.values.iter().map(|value| (value - mean).powi(2)).sum();
    // Of a single day nothing tells how far the next may be.
    let deviation = if count > 1 { (squares / (count - 1) as f64).sqrt() } else { mean };
    let start = State { level: mean, trend: 0.0, season: [0.0; WEEK] };
    Fitted {
        shape: Shape { relative_error: false, trend: Trend::None, season: Season::None },
        weights: Weights { level: 0.0, trend: 0.0, season: 0.0, damping: 1.0 },
        state: start,
        deviation,
        criterion: f64::INFINITY,
        days: count,
        start,
    }
}

/// Where spending goes by the latest days, without season, and its change within a week.
fn trend_of(prepared: &Prepared) -> (SpendTrend, f64) {
    let parts = &prepared.parts;
    let from = parts.rest.len().saturating_sub(TREND_DAYS);
    let days: Vec<f64> = parts.trend[from..]
        .iter()
        .zip(&parts.rest[from..])
        .map(|(trend, rest)| trend + rest)
        .collect();
    if days.len() < 3 {
        return (SpendTrend::Stable, 0.0);
    }
    let (level, slope) = theil_sen(&days, &mut Vec::new());
    let count = days.len() as f64;
    let last = level + slope * (count - 1.0);
    let weekly = if parts.logarithmic {
        (slope * 7.0).exp() - 1.0
    } else if last > 0.0 {
        slope * 7.0 / last
    } else {
        0.0
    };
    // The standard error of a slope through evenly spaced points.
    let error = parts.scale * (12.0 / (count * (count * count - 1.0))).sqrt();
    let trend = if weekly.abs() < STABLE || slope.abs() < SIGNIFICANT * error {
        SpendTrend::Stable
    } else if slope > 0.0 {
        SpendTrend::Increasing
    } else {
        SpendTrend::Decreasing
    };
    (trend, weekly)
}

fn days_of_history(prepared: &Prepared) -> String {
    let days = prepared.values.len();
    match prepared.replaced {
        0 => format!("{days} days of history"),
        1 => format!("{days} days of history, one wild day taken as what was expected of it"),
        wild => {
            format!("{days} days of history, {wild} wild days taken as what was expected of them")
        }
    }
}

fn season_reason(fitted: &Fitted) -> String {
    const NAMES: [&str; WEEK] =
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let season = &fitted.state.season;
    let by = |better: fn(&f64, &f64) -> bool| {
        (1..WEEK).fold(0, |best, at| if better(&season[at], &season[best]) { at } else { best })
    };
    format!(
        "the week repeats: most is spent on {}, least on {}",
        NAMES[by(|a, b| a > b)],
        NAMES[by(|a, b| a < b)]
    )
}
