use std::collections::VecDeque;

use serde::Serialize;

/// The latest values of a measure, at most a fixed number.
#[derive(Debug, Clone)]
pub struct Samples {
    kept: VecDeque<f64>,
    most: usize,
}

/// How values are spread. Quantiles are of the values kept, by the nearest rank; the median of an even
/// number lies between the middle two.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Distribution {
    /// Number of values.
    pub count: usize,
    /// Mean.
    pub mean: f64,
    /// Median.
    pub median: f64,
    /// Least.
    pub min: f64,
    /// Most.
    pub max: f64,
    /// Sample standard deviation; 0 of a single value.
    pub stdev: f64,
    /// 50 % lie at or below.
    pub p50: f64,
    /// 90 % lie at or below.
    pub p90: f64,
    /// 95 % lie at or below.
    pub p95: f64,
    /// 99 % lie at or below.
    pub p99: f64,
}

impl Samples {
    /// Keeps the latest `most`, at least one.
    pub const fn new(most: usize) -> Self {
        Self { kept: VecDeque::new(), most: if most == 0 { 1 } else { most } }
    }

    /// Adds a value; one that is infinite or not a number is left out.
    pub fn push(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        if self.kept.len() == self.most {
            self.kept.pop_front();
        }
        self.kept.push_back(value);
    }

    /// The values kept, the oldest first.
    pub fn values(&self) -> impl Iterator<Item = f64> {
        self.kept.iter().copied()
    }

    /// How they are spread; `None` when there are none.
    pub fn distribution(&self) -> Option<Distribution> {
        Distribution::of(self.values())
    }
}

impl Distribution {
    /// How `values` are spread; `None` when there are none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (&min, &max) = (sorted.first()?, sorted.last()?);
        let count = sorted.len();
        // Dividing first keeps the sum of very large values finite; rounding may not leave the range.
        let mean = sorted.iter().map(|value| value / count as f64).sum::<f64>().clamp(min, max);
        let squares: f64 = sorted.iter().map(|value| (value - mean).powi(2)).sum();
        let stdev = if count > 1 { (squares / (count - 1) as f64).sqrt() } else { 0.0 };
        let middle = sorted[count / 2];
        let median =
            if count % 2 == 1 { middle } else { f64::midpoint(sorted[count / 2 - 1], middle) };
        let rank = |percent: usize| sorted[(count * percent / 100).min(count - 1)];
        let (p90, p95, p99) = (rank(90), rank(95), rank(99));
        Some(Self { count, mean, median, min, max, stdev, p50: median, p90, p95, p99 })
    }
}
