//! Possible futures, drawn from a fitted model, for the intervals.

use super::fitting::Fitted;
use super::preparation::Prepared;

/// Futures drawn for a short horizon, and beyond.
const PATHS: usize = 2_000;
const LONG_PATHS: usize = 1_000;
/// Days beyond which a horizon is long.
const LONG: usize = 60;
/// The same futures for the same history, in every language and run.
const SEED: u64 = 0x5EED;
/// A day never costs less than this fraction of what was expected.
const LEAST: f64 = -0.99;

/// Draws futures of `days` days in USD from `models`, each with its weight, in rows of one day each
/// with one value a future.
pub(super) fn draw(history: &Prepared, models: &[(Fitted, f64)], days: usize) -> Vec<Vec<f64>> {
    let paths = if days > LONG { LONG_PATHS } else { PATHS };
    let mut random = Normal { random: fastrand::Rng::with_seed(SEED), spare: None };
    let mut rows = vec![vec![0.0; paths]; days];
    let total: f64 = models.iter().map(|(_, weight)| weight).sum();
    for path in 0..paths {
        let mut left = random.random.f64() * total;
        let chosen = models.iter().find(|(_, weight)| {
            left -= weight;
            left < 0.0
        });
        let Some((fitted, _)) = chosen.or(models.first()) else { break };
        // What was fitted is itself uncertain: the level as a mean of the days that it remembers, and
        // the size of errors as their own number tells.
        let memory = (2.0 / fitted.weights.level.max(1e-3)).min(fitted.days as f64);
        let freedom = fitted.days.saturating_sub(fitted.shape.parameters()).max(1) as f64;
        let mut state = fitted.state;
        let deviation = fitted.deviation * spread(freedom, random.next());
        let uncertainty = deviation / memory.max(1.0).sqrt();
        let unit = if fitted.shape.relative_error { state.level } else { 1.0 };
        state.level += uncertainty * unit * random.next();
        for (ahead, row) in rows.iter_mut().enumerate() {
            let weekday = history.weekday(history.values.len() + ahead);
            let (mean, base) = fitted.shape.expectation(&fitted.weights, &state, weekday);
            let mut error = deviation * random.next();
            let value = if fitted.shape.relative_error {
                error = error.max(LEAST);
                mean * (1.0 + error)
            } else {
                mean + error
            };
            row[path] = value.max(0.0) * history.unit;
            fitted.shape.advance(&fitted.weights, &mut state, weekday, base, error);
        }
    }
    rows
}

/// How many times the estimate a standard deviation may be that was estimated with `freedom`: the
/// approximation of chi-square by Wilson and Hilferty at the normal deviate `normal`.
fn spread(freedom: f64, normal: f64) -> f64 {
    let part = 2.0 / (9.0 * freedom);
    let ratio = (1.0 - part + normal * part.sqrt()).max(0.3).powi(3);
    (1.0 / ratio).sqrt()
}

/// The value below which a fraction of `sorted` lies, between two where it falls between.
pub(super) fn quantile(sorted: &[f64], fraction: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let position = fraction.clamp(0.0, 1.0) * last as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the length"
    )]
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * (position - below as f64)
}

/// Normal deviates by the polar method of Marsaglia.
struct Normal {
    random: fastrand::Rng,
    spare: Option<f64>,
}

impl Normal {
    fn next(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (a, b) = (2.0 * self.random.f64() - 1.0, 2.0 * self.random.f64() - 1.0);
            let square = a * a + b * b;
            if square > 0.0 && square < 1.0 {
                let factor = (-2.0 * square.ln() / square).sqrt();
                self.spare = Some(b * factor);
                return a * factor;
            }
        }
    }
}
