//! What a history is before models are fitted to it.

use crate::spend::{DailySeries, Day, Decomposition};

/// Standard deviations from trend and season beyond which a day is wild.
const WILD: f64 = 4.0;
/// Days in a row beyond which wild days are no accident but a new level.
const ACCIDENT: usize = 2;
/// Fewest days that wild ones are looked for among.
const FEWEST: usize = 14;

/// A history ready for fitting.
pub(super) struct Prepared {
    /// Days in units of `unit`, wild ones replaced.
    pub(super) values: Vec<f64>,
    /// USD of one unit: the mean day, so that nothing depends on the size of amounts.
    pub(super) unit: f64,
    /// The first day.
    pub(super) first_day: Day,
    /// Wild days that were replaced.
    pub(super) replaced: usize,
    /// The history taken apart, after replacement.
    pub(super) parts: Decomposition,
}

impl Prepared {
    /// Readies the complete days of `series`; `None` when there are none with spending.
    pub(super) fn new(series: &DailySeries) -> Option<Self> {
        let days = series.complete();
        let unit = days.iter().sum::<f64>() / days.len().max(1) as f64;
        if unit <= 0.0 || !unit.is_finite() {
            return None;
        }
        let mut values: Vec<f64> = days.iter().map(|value| value / unit).collect();
        let weekday = series.first_day().weekday();
        let mut parts = Decomposition::new(&values, weekday);
        let replaced = if values.len() >= FEWEST { tame(&mut values, &parts) } else { 0 };
        if replaced > 0 {
            parts = Decomposition::new(&values, weekday);
        }
        Some(Self { values, unit, first_day: series.first_day(), replaced, parts })
    }

    /// The weekday of the day at a position, also beyond the end.
    pub(super) fn weekday(&self, at: usize) -> usize {
        (self.first_day.weekday() + at) % 7
    }
}

/// Replaces wild days by what was expected of them; gives how many.
fn tame(values: &mut [f64], parts: &Decomposition) -> usize {
    if parts.scale <= 0.0 {
        return 0;
    }
    let wild: Vec<i8> = parts
        .rest
        .iter()
        .map(|rest| match rest / parts.scale {
            z if z > WILD => 1,
            z if z < -WILD => -1,
            _ => 0,
        })
        .collect();
    let mut replaced = 0;
    let mut at = 0;
    while at < wild.len() {
        let run = wild[at..].iter().take_while(|side| **side == wild[at]).count();
        if wild[at] != 0 && run <= ACCIDENT {
            for (day, value) in values.iter_mut().enumerate().skip(at).take(run) {
                *value = parts.expected(day);
            }
            replaced += run;
        }
        at += run;
    }
    replaced
}
