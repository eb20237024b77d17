use super::{deviation_scale, median, theil_sen};

/// Days of a week.
const WEEK: usize = 7;
/// Days on either side that the local trend of a day is taken from: three weeks in all, so that
/// every weekday weighs the same.
const REACH: usize = 10;
/// How much smaller the deviations must be with a weekly season for it to count.
const SEASON_GAIN: f64 = 0.9;

/// A series taken apart into a local trend, a weekly season and a rest, each robust against a few
/// wild days: the trend by Theil–Sen lines over three weeks, the season by medians of each weekday.
///
/// In logarithms when every day has spending, so that season and rest are factors; else in amounts.
#[derive(Debug, Clone)]
pub(crate) struct Decomposition {
    /// Whether the parts are logarithms.
    pub(crate) logarithmic: bool,
    /// The season by weekday; all zero when none was found.
    pub(crate) season: [f64; WEEK],
    /// Whether a weekly season was found.
    pub(crate) seasonal: bool,
    /// The trend of each day.
    pub(crate) trend: Vec<f64>,
    /// What trend and season leave.
    pub(crate) rest: Vec<f64>,
    /// The standard deviation that the rest speaks of, corrected for what was fitted to it.
    pub(crate) scale: f64,
    first_weekday: usize,
}

impl Decomposition {
    /// Takes `values` apart; `first_weekday` is the weekday of the first.
    pub(crate) fn new(values: &[f64], first_weekday: usize) -> Self {
        let logarithmic = !values.is_empty() && values.iter().all(|value| *value > 0.0);
        let values: Vec<f64> =
            values.iter().map(|value| if logarithmic { value.ln() } else { *value }).collect();
        let plain = Self::fit(&values, first_weekday, logarithmic, false);
        if values.len() < 2 * WEEK {
            return plain;
        }
        let seasonal = Self::fit(&values, first_weekday, logarithmic, true);
        if seasonal.scale < SEASON_GAIN * plain.scale { seasonal } else { plain }
    }

    fn fit(values: &[f64], first_weekday: usize, logarithmic: bool, seasonal: bool) -> Self {
        let weekday = |at: usize| (first_weekday + at) % WEEK;
        let mut season = [0.0; WEEK];
        let mut trend = local_trend(values);
        let passes = if seasonal { 3 } else { 0 };
        for _ in 0..passes {
            let mut days: [Vec<f64>; WEEK] = Default::default();
            for (at, value) in values.iter().enumerate() {
                days[weekday(at)].push(value - trend[at]);
            }
            for (season, deviations) in season.iter_mut().zip(&mut days) {
                *season = median(deviations);
            }
            let mean = season.iter().sum::<f64>() / WEEK as f64;
            season = season.map(|part| part - mean);
            let without: Vec<f64> =
                values.iter().enumerate().map(|(at, value)| value - season[weekday(at)]).collect();
            trend = local_trend(&without);
        }
        let rest: Vec<f64> = values
            .iter()
            .enumerate()
            .map(|(at, value)| value - trend[at] - season[weekday(at)])
            .collect();
        // A line for every three weeks, and the season.
        let fitted = 2.0 * (values.len() as f64 / (2 * REACH + 1) as f64).max(1.0)
            + if seasonal { (WEEK - 1) as f64 } else { 0.0 };
        let count = values.len() as f64;
        let freedom = (count - fitted).max(count / 4.0).max(1.0);
        let scale = deviation_scale(rest.iter().copied()) * (count.max(1.0) / freedom).sqrt();
        Self { logarithmic, season, seasonal, trend, rest, scale, first_weekday }
    }

    /// What the day at a position was expected to cost.
    pub(crate) fn expected(&self, at: usize) -> f64 {
        self.amount(self.trend[at] + self.season[(self.first_weekday + at) % WEEK])
    }

    /// What trend and season let expect of the day after the last, as a part.
    pub(crate) fn next(&self) -> f64 {
        let count = self.trend.len();
        let last = self.trend.last().copied().unwrap_or(0.0);
        let before = count.checked_sub(2).map_or(last, |at| self.trend[at]);
        2.0 * last - before + self.season[(self.first_weekday + count) % WEEK]
    }

    /// An amount in USD of a sum of parts.
    pub(crate) fn amount(&self, parts: f64) -> f64 {
        if self.logarithmic { parts.exp() } else { parts.max(0.0) }
    }
}

fn local_trend(values: &[f64]) -> Vec<f64> {
    let mut slopes = Vec::new();
    let width = (2 * REACH + 1).min(values.len());
    let mut line = (0.0, 0.0);
    let mut line_from = usize::MAX;
    (0..values.len())
        .map(|at| {
            let from = at.saturating_sub(REACH).min(values.len() - width);
            if from != line_from {
                line = theil_sen(&values[from..from + width], &mut slopes);
                line_from = from;
            }
            line.0 + line.1 * (at - from) as f64
        })
        .collect()
}
