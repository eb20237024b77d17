//! Fitting the forms of exponential smoothing to a history and choosing among them.

use super::minimiser::minimise;
use super::preparation::Prepared;
use super::smoothing::{Season, Shape, State, Trend, WEEK, Weights};
use crate::spend::theil_sen;

/// Days that the first level and trend are taken from.
const OPENING: usize = 28;
/// Fewest days that a trend is fitted to.
const TREND_DAYS: usize = 10;
/// Fewest days that a weekly season is fitted to: two of every weekday and one more, so that each
/// was seen again.
const SEASON_DAYS: usize = 2 * WEEK + 1;
/// Evaluations of one fit.
const EVALUATIONS: usize = 250;
/// Weights of the level that are weighed beside the fitted one.
const OTHER_LEVELS: [f64; 8] = [0.01, 0.03, 0.07, 0.12, 0.2, 0.32, 0.5, 0.75];
/// Distance by Akaike's criterion from which a form is out of the question.
const FAR: f64 = 10.0;
/// A weight that makes no difference.
const NEGLIGIBLE: f64 = 1e-3;
/// Errors below this fraction of the mean day are rounding.
const ROUNDING: f64 = 1e-7;
/// The least and the most of a trend that may be left each day where it is damped.
const DAMPING: (f64, f64) = (0.80, 0.98);

/// A model fitted to a history.
#[derive(Debug, Clone)]
pub(super) struct Fitted {
    pub(super) shape: Shape,
    pub(super) weights: Weights,
    /// The state after the last day.
    pub(super) state: State,
    /// Standard deviation of one-step errors: an amount in units, or a fraction.
    pub(super) deviation: f64,
    /// Akaike's criterion, corrected for short histories; less is better.
    pub(super) criterion: f64,
    /// Days that it was fitted to.
    pub(super) days: usize,
    /// The state before the first.
    pub(super) start: State,
}

/// Every form that the history is long enough for, fitted, the best first. `level` is a weight of the
/// level to keep instead of fitting it.
pub(super) fn fit_all(history: &Prepared, shapes: &[Shape], level: Option<f64>) -> Vec<Fitted> {
    let mut fitted: Vec<Fitted> = shapes
        .iter()
        .filter(|shape| fits_length(**shape, history.values.len()))
        .filter(|shape| !shape.relative_error || history.values.iter().all(|value| *value > 0.0))
        .filter_map(|shape| fit(history, *shape, level))
        .collect();
    fitted.sort_by(|a, b| a.criterion.total_cmp(&b.criterion));
    fitted
}

/// Every form.
pub(super) fn all_shapes() -> Vec<Shape> {
    let mut shapes = Vec::new();
    for trend in [Trend::None, Trend::Linear, Trend::Damped] {
        for (season, relative_error) in [
            (Season::None, false),
            (Season::None, true),
            (Season::Additive, false),
            (Season::Additive, true),
            (Season::Multiplicative, true),
        ] {
            shapes.push(Shape { relative_error, trend, season });
        }
    }
    shapes
}

fn fits_length(shape: Shape, days: usize) -> bool {
    (shape.trend == Trend::None || days >= TREND_DAYS)
        && (shape.season == Season::None || days >= SEASON_DAYS)
        && days > shape.parameters() + 1
}

fn fit(history: &Prepared, shape: Shape, level: Option<f64>) -> Option<Fitted> {
    let opening = opening_state(history, shape);
    let spread = opening.level.abs().max(0.1);
    // Weights as logits, so that none leaves its range; level and trend in parts of the level.
    let read = |point: &[f64]| -> (Weights, State) {
        let weight = |at: usize| 1.0 / (1.0 + (-point[at]).exp());
        let own_level = level.unwrap_or_else(|| weight(0));
        let mut state = opening;
        state.level += point[1] * spread;
        let mut weights = Weights { level: own_level, trend: 0.0, season: 0.0, damping: 1.0 };
        let mut at = 2;
        if shape.season != Season::None {
            weights.season = (1.0 - own_level) * weight(at);
            at += 1;
        }
        if shape.trend != Trend::None {
            weights.trend = own_level * weight(at);
            state.trend += point[at + 1] * spread * 0.1;
            at += 2;
        }
        if shape.trend == Trend::Damped {
            weights.damping = DAMPING.0 + (DAMPING.1 - DAMPING.0) * weight(at);
        }
        (weights, state)
    };
    let mut best: Option<(Vec<f64>, f64)> = None;
    for start in [-2.5, 0.0] {
        let mut point = vec![start, 0.0];
        if shape.season != Season::None {
            point.push(-3.0);
        }
        if shape.trend != Trend::None {
            point.extend([-2.5, 0.0]);
        }
        if shape.trend == Trend::Damped {
            point.push(1.0);
        }
        let found = minimise(&point, 0.4, EVALUATIONS, |point| {
            let (weights, state) = read(point);
            // A light pull towards the start keeps logits finite where the data do not care.
            let pull: f64 = point.iter().map(|value| value * value).sum::<f64>() * 1e-3;
            run(history, shape, &weights, state).map_or(f64::MAX, |run| run.likelihood + pull)
        });
        if best.as_ref().is_none_or(|best| found.1 < best.1) {
            best = Some(found);
        }
    }
    let (weights, state) = read(&best?.0);
    let run = run(history, shape, &weights, state)?;
    let count = history.values.len() as f64;
    let parameters = shape.parameters() as f64;
    let correction = 2.0 * parameters * (parameters + 1.0) / (count - parameters - 1.0).max(1.0);
    // The first season is not fitted by the search but estimated before it; all of it counts.
    let freedom = (count - parameters + 1.0).max(1.0);
    Some(Fitted {
        shape,
        weights,
        state: run.state,
        deviation: (run.squares / freedom).sqrt(),
        criterion: run.likelihood + 2.0 * parameters + correction,
        days: history.values.len(),
        start: state,
    })
}

/// Models that the history speaks for nearly as well as for the best of `fitted`, each with its
/// weight by Akaike's criterion: the other forms, and every form with other weights of the level. The
/// best comes first. `level` is the weight that is kept, where one is.
pub(super) fn plausible(
    history: &Prepared,
    fitted: &[Fitted],
    level: Option<f64>,
) -> Vec<(Fitted, f64)> {
    let Some(best) = fitted.first() else { return Vec::new() };
    let others: &[f64] = if level.is_some() { &[] } else { &OTHER_LEVELS };
    let near = fitted.iter().filter(|model| model.criterion - best.criterion < FAR);
    let mut models = Vec::new();
    for model in near {
        models.push(model.clone());
        models.extend(others.iter().filter_map(|level| reweighted(history, model, *level)));
    }
    let weigh = |model: &Fitted| ((best.criterion - model.criterion) / 2.0).exp().min(1.0);
    models
        .into_iter()
        .map(|model| (weigh(&model), model))
        .filter(|(weight, _)| *weight > NEGLIGIBLE)
        .map(|(weight, model)| (model, weight))
        .collect()
}

/// `model` with another weight of the level, and of the trend with it.
fn reweighted(history: &Prepared, model: &Fitted, level: f64) -> Option<Fitted> {
    let own = model.weights;
    let weights = Weights {
        level,
        trend: own.trend * level / own.level.max(NEGLIGIBLE),
        season: own.season.min(1.0 - level),
        damping: own.damping,
    };
    let before = run(history, model.shape, &own, model.start)?;
    let after = run(history, model.shape, &weights, model.start)?;
    Some(Fitted {
        weights,
        state: after.state,
        deviation: model.deviation * (after.squares / before.squares.max(f64::MIN_POSITIVE)).sqrt(),
        criterion: model.criterion + after.likelihood - before.likelihood,
        ..model.clone()
    })
}

/// What the recursion leaves after a history.
struct Run {
    state: State,
    squares: f64,
    /// −2 log likelihood of normal errors, up to a constant.
    likelihood: f64,
}

/// Runs the recursion over the history; `None` where it leaves what the form allows.
fn run(history: &Prepared, shape: Shape, weights: &Weights, mut state: State) -> Option<Run> {
    let (mut squares, mut logarithms) = (0.0, 0.0);
    let mut weekday = history.weekday(0);
    for value in &history.values {
        let (mean, base) = shape.expectation(weights, &state, weekday);
        if shape.relative_error {
            if mean <= ROUNDING {
                return None;
            }
            logarithms += mean.ln();
        }
        let error = shape.error(*value, mean);
        squares += error * error;
        shape.advance(weights, &mut state, weekday, base, error);
        weekday = (weekday + 1) % WEEK;
    }
    if !squares.is_finite() || !state.level.is_finite() {
        return None;
    }
    let count = history.values.len() as f64;
    let variance = (squares / count).max(ROUNDING * ROUNDING);
    Some(Run { state, squares, likelihood: count * variance.ln() + 2.0 * logarithms })
}

/// The state before the first day: the season of the whole history, and a line through the opening
/// of it.
fn opening_state(history: &Prepared, shape: Shape) -> State {
    let parts = &history.parts;
    let mut season = if parts.seasonal { parts.season } else { raw_season(history) };
    match shape.season {
        Season::None => season = [0.0; WEEK],
        Season::Multiplicative => {
            if parts.logarithmic {
                season = season.map(f64::exp);
            } else {
                season = season.map(|part| (1.0 + part).max(0.05));
            }
            let mean = season.iter().sum::<f64>() / WEEK as f64;
            season = season.map(|factor| factor / mean);
        }
        Season::Additive => {
            if parts.logarithmic {
                season = season.map(|part| part.exp() - 1.0);
            }
            let mean = season.iter().sum::<f64>() / WEEK as f64;
            season = season.map(|amount| amount - mean);
        }
    }
    let opening: Vec<f64> = history.values[..history.values.len().min(OPENING)]
        .iter()
        .enumerate()
        .map(|(at, value)| match shape.season {
            Season::None => *value,
            Season::Additive => value - season[history.weekday(at)],
            Season::Multiplicative => value / season[history.weekday(at)],
        })
        .collect();
    let (level, slope) = theil_sen(&opening, &mut Vec::new());
    if shape.trend == Trend::None {
        let middle = slope * (opening.len() as f64 - 1.0) / 2.0;
        return State { level: (level + middle).max(ROUNDING), trend: 0.0, season };
    }
    State { level: (level - slope).max(ROUNDING), trend: slope, season }
}

/// Means of each weekday's deviation from the mean of its history, where no season stood out.
fn raw_season(history: &Prepared) -> [f64; WEEK] {
    let mut sums = [(0.0, 0.0); WEEK];
    for (at, value) in history.values.iter().enumerate() {
        let deviation =
            if history.parts.logarithmic { value.ln() } else { *value } - history.parts.trend[at];
        let sum = &mut sums[history.weekday(at)];
        *sum = (sum.0 + deviation, sum.1 + 1.0);
    }
    let season = sums.map(|(sum, count)| if count > 0.0 { sum / count } else { 0.0 });
    let mean = season.iter().sum::<f64>() / WEEK as f64;
    season.map(|part| part - mean)
}
