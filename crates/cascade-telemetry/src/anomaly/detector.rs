use std::collections::BTreeMap;

use cascade_core::Result;
use serde::Serialize;

use super::{Anomaly, AnomalyMethod, AnomalyOptions, AnomalySeverity};
use crate::spend::{
    DailySeries, Day, Decomposition, SpendEntry, SpendHistory, deviation_scale, median,
};

/// Days that what is told is compared with at least, where there are as many.
const LEAST_WINDOW: usize = 28;
/// The same for trend and season.
const SEASONAL_WINDOW: usize = 84;
/// Fraction of the typical value below which a deviation is rounding.
const ROUNDING: f64 = 1e-9;

/// Finds days and single amounts that stand out.
#[derive(Debug, Clone, Default)]
pub struct AnomalyDetector {
    options: AnomalyOptions,
}

/// Anomalies in all spending and of each user.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct AnomalyReport {
    /// Of all spending together.
    pub total: Vec<Anomaly>,
    /// Of each user that has some.
    pub users: BTreeMap<String, Vec<Anomaly>>,
}

/// A value with what it is compared with.
struct Compared {
    value: f64,
    expected: f64,
    /// Its deviation, in the unit of `scale`.
    deviation: f64,
    scale: f64,
    points: usize,
    index: usize,
}

impl AnomalyDetector {
    /// Looks by `options`.
    ///
    /// # Errors
    /// A validation error that names the option out of range.
    pub fn new(options: AnomalyOptions) -> Result<Self> {
        Ok(Self { options: options.checked()? })
    }

    /// The options.
    pub const fn options(&self) -> &AnomalyOptions {
        &self.options
    }

    /// The days of `series` that stand out, in order.
    ///
    /// Days without spending are left out but for [`AnomalyMethod::Seasonal`], which knows idle
    /// weekdays. Days are compared with those of the time that is told of, or of four weeks
    /// (twelve for the seasonal method) where that is longer. A day still running is not compared
    /// with, and stands out only by too much.
    pub fn detect_days(&self, series: &DailySeries) -> Vec<Anomaly> {
        let lookback = self
            .options
            .lookback_days
            .map_or(series.totals().len(), |days| usize::try_from(days).unwrap_or(usize::MAX));
        let least = match self.options.method {
            AnomalyMethod::Seasonal => SEASONAL_WINDOW,
            _ => LEAST_WINDOW.max(self.options.min_data_points),
        };
        let window = series.latest(lookback.max(least));
        let told = window.totals().len().saturating_sub(lookback);
        let found = match self.options.method {
            AnomalyMethod::Seasonal => self.seasonal(&window),
            _ => self.plain(&window),
        };
        found
            .into_iter()
            .filter(|(at, compared)| {
                let running = *at == window.complete().len();
                *at >= told && (!running || compared.deviation > 0.0)
            })
            .filter_map(|(at, compared)| {
                let day = window.day(at);
                self.judge(&compared, day, day.start() as f64, None)
            })
            .collect()
    }

    /// The amounts that stand out among `entries`, in their order.
    ///
    /// Amounts of very different size are common, so the robust methods compare logarithms where
    /// every amount is above zero.
    pub fn detect_entries(&self, entries: &[SpendEntry]) -> Vec<Anomaly> {
        let days: Vec<Day> = entries.iter().map(|entry| day_of(entry.timestamp)).collect();
        let values: Vec<f64> = entries.iter().map(|entry| entry.cost.to_f64()).collect();
        let told = self
            .options
            .lookback_days
            .zip(days.iter().max())
            .map_or(Day::new(i64::MIN), |(lookback, last)| last.plus(1 - i64::from(lookback)));
        let groups: Vec<Vec<usize>> = match self.options.method {
            AnomalyMethod::Seasonal => self.by_weekday(&days),
            _ => vec![(0..values.len()).collect()],
        };
        let mut found: Vec<Anomaly> = Vec::new();
        for members in groups {
            let own: Vec<f64> = members.iter().map(|at| values[*at]).collect();
            let logarithmic = self.options.method != AnomalyMethod::ZScore
                && own.iter().all(|value| *value > 0.0);
            for mut compared in self.compare(&own, own.len(), logarithmic) {
                let at = members[compared.index];
                compared.index = at;
                if days[at] >= told {
                    let user = entries[at].user_id.as_deref();
                    found.extend(self.judge(&compared, days[at], entries[at].timestamp, user));
                }
            }
        }
        found.sort_by_key(|anomaly| anomaly.index);
        found
    }

    /// Days that stand out of one user.
    pub fn detect_user(&self, history: &SpendHistory, user_id: &str) -> Vec<Anomaly> {
        let mut found = self.detect_days(&history.user(user_id));
        for anomaly in &mut found {
            anomaly.user_id = Some(user_id.to_owned());
        }
        found
    }

    /// Days that stand out, in all spending and of every user.
    pub fn detect_all(&self, history: &SpendHistory) -> AnomalyReport {
        let users = history
            .users()
            .map(|user| (user.to_owned(), self.detect_user(history, user)))
            .filter(|(_, found)| !found.is_empty())
            .collect();
        AnomalyReport { total: self.detect_days(&history.total()), users }
    }

    /// The days with spending beside all of them.
    fn plain(&self, window: &DailySeries) -> Vec<(usize, Compared)> {
        let spent: Vec<(usize, f64)> =
            window.totals().iter().copied().enumerate().filter(|(_, total)| *total > 0.0).collect();
        let values: Vec<f64> = spent.iter().map(|(_, value)| *value).collect();
        let complete = spent.iter().filter(|(at, _)| *at < window.complete().len()).count();
        self.compare(&values, complete, false)
            .into_iter()
            .map(|compared| (spent[compared.index].0, compared))
            .collect()
    }

    /// Every value beside the first `complete` of them.
    fn compare(&self, values: &[f64], complete: usize, logarithmic: bool) -> Vec<Compared> {
        if complete < self.options.min_data_points.max(2) {
            return Vec::new();
        }
        let scaled: Vec<f64> =
            values.iter().map(|value| if logarithmic { value.ln() } else { *value }).collect();
        let base = &scaled[..complete];
        let (centre, scale) = if self.options.method == AnomalyMethod::ZScore {
            let mean = base.iter().sum::<f64>() / complete as f64;
            let squares: f64 = base.iter().map(|value| (value - mean).powi(2)).sum();
            (mean, (squares / complete as f64).sqrt())
        } else {
            let centre = median(&mut base.to_vec());
            (centre, deviation_scale(base.iter().map(|value| value - centre)))
        };
        scaled
            .iter()
            .enumerate()
            .map(|(index, value)| Compared {
                value: values[index],
                expected: if logarithmic { centre.exp() } else { centre },
                deviation: value - centre,
                scale,
                points: complete,
                index,
            })
            .collect()
    }

    /// Every day beside what trend and weekday let expect of it.
    fn seasonal(&self, window: &DailySeries) -> Vec<(usize, Compared)> {
        let complete = window.complete();
        if complete.len() < self.options.min_data_points.max(2) {
            return Vec::new();
        }
        let parts = Decomposition::new(complete, window.first_day().weekday());
        let mut found: Vec<(usize, Compared)> = complete
            .iter()
            .enumerate()
            .map(|(at, value)| {
                let compared = Compared {
                    value: *value,
                    expected: parts.expected(at),
                    deviation: parts.rest[at],
                    scale: parts.scale,
                    points: complete.len(),
                    index: at,
                };
                (at, compared)
            })
            .collect();
        if let Some(spent) = window.spent_today() {
            let next = parts.next();
            let own = if parts.logarithmic { spent.max(f64::MIN_POSITIVE).ln() } else { spent };
            let compared = Compared {
                value: spent,
                expected: parts.amount(next),
                deviation: own - next,
                scale: parts.scale,
                points: complete.len(),
                index: complete.len(),
            };
            found.push((complete.len(), compared));
        }
        found
    }

    /// Positions by weekday; all of a weekday with too few of its own in one group with the others
    /// of such.
    fn by_weekday(&self, days: &[Day]) -> Vec<Vec<usize>> {
        let mut groups: [Vec<usize>; 7] = Default::default();
        for (at, day) in days.iter().enumerate() {
            groups[day.weekday()].push(at);
        }
        let least = self.options.min_data_points;
        let (enough, few): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|group| group.len() >= least);
        let mut rest: Vec<usize> = few.concat();
        rest.sort_unstable();
        enough.into_iter().chain([rest]).collect()
    }

    fn judge(
        &self,
        compared: &Compared,
        day: Day,
        timestamp: f64,
        user_id: Option<&str>,
    ) -> Option<Anomaly> {
        let typical = compared.expected.abs().max(compared.value.abs());
        if compared.scale <= ROUNDING * typical.min(1.0) {
            return None;
        }
        let z_score = (compared.deviation / compared.scale).abs();
        (z_score >= self.options.sensitivity()).then(|| Anomaly {
            timestamp,
            day,
            value: compared.value,
            expected: compared.expected,
            z_score,
            severity: AnomalySeverity::of(z_score),
            metric: "cost".to_owned(),
            user_id: user_id.map(str::to_owned),
            method: self.options.method,
            std_dev: compared.scale,
            data_points: compared.points,
            index: compared.index,
        })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "saturates, and days are clamped")]
fn day_of(timestamp: f64) -> Day {
    Day::of_timestamp(timestamp.floor() as i64, 0)
}
