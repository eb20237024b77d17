//! The recursion of exponential smoothing in its error-correction form.
//!
//! After Hyndman, Koehler, Ord and Snyder, *Forecasting with Exponential Smoothing: The State Space
//! Approach* (Springer, 2008), chapter 2.

/// Days of a week.
pub(super) const WEEK: usize = 7;

/// How a weekly season acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Season {
    /// There is none.
    None,
    /// It adds an amount.
    Additive,
    /// It multiplies.
    Multiplicative,
}

/// How a trend goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trend {
    /// There is none.
    None,
    /// As a line.
    Linear,
    /// Ever flatter.
    Damped,
}

/// The form of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Whether errors are proportional to what was expected.
    pub(super) relative_error: bool,
    pub(super) trend: Trend,
    pub(super) season: Season,
}

/// Smoothing weights in [0, 1], and what of the trend is left each day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weights {
    pub(super) level: f64,
    pub(super) trend: f64,
    pub(super) season: f64,
    pub(super) damping: f64,
}

/// Where a model stands between two days.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    pub(super) level: f64,
    pub(super) trend: f64,
    pub(super) season: [f64; WEEK],
}

impl Shape {
    /// What the next day costs by the model, and its level before the season.
    pub(super) fn expectation(
        self,
        weights: &Weights,
        state: &State,
        weekday: usize,
    ) -> (f64, f64) {
        let base = match self.trend {
            Trend::None => state.level,
            Trend::Linear => state.level + state.trend,
            Trend::Damped => state.level + weights.damping * state.trend,
        };
        let mean = match self.season {
            Season::None => base,
            Season::Additive => base + state.season[weekday],
            Season::Multiplicative => base * state.season[weekday],
        };
        (mean, base)
    }

    /// The state after a day with `error`, an amount or a fraction of what was expected.
    pub(super) fn advance(
        self,
        weights: &Weights,
        state: &mut State,
        weekday: usize,
        base: f64,
        error: f64,
    ) {
        let unit = match (self.relative_error, self.season) {
            (false, _) => 1.0,
            (true, Season::Additive) => base + state.season[weekday],
            (true, _) => base,
        };
        match self.trend {
            Trend::None => {}
            Trend::Linear => state.trend += weights.trend * unit * error,
            Trend::Damped => {
                state.trend = weights.damping * state.trend + weights.trend * unit * error;
            }
        }
        state.level = base + weights.level * unit * error;
        let season = &mut state.season[weekday];
        match self.season {
            Season::None => {}
            Season::Additive => *season += weights.season * unit * error,
            Season::Multiplicative => *season += weights.season * *season * error,
        }
    }

    /// The error of a day that was expected to cost `mean`.
    pub(super) fn error(self, value: f64, mean: f64) -> f64 {
        if self.relative_error { (value - mean) / mean } else { value - mean }
    }

    /// Numbers that are fitted: weights, the first state and the variance of errors.
    pub(super) fn parameters(self) -> usize {
        let trend = match self.trend {
            Trend::None => 0,
            Trend::Linear => 2,
            Trend::Damped => 3,
        };
        let season = if self.season == Season::None { 0 } else { WEEK };
        3 + trend + season
    }
}
