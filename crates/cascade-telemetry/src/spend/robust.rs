//! Statistics that a few wild values do not move.

/// A standard deviation of a normal distribution in median absolute deviations: 1 / Φ⁻¹(3/4).
const NORMAL_MAD: f64 = 1.482_602_218_505_602;
/// A standard deviation of a normal distribution in mean absolute deviations: √(π/2).
const NORMAL_MEAN_DEVIATION: f64 = 1.253_314_137_315_500_3;

/// Fraction of the mean deviation below which the median one is rounding.
const ROUNDING: f64 = 1e-6;

/// The median; 0 of nothing. Reorders `values`.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    let len = values.len();
    if len == 0 {
        return 0.0;
    }
    let (below, upper, _) = values.select_nth_unstable_by(len / 2, f64::total_cmp);
    let upper = *upper;
    if len % 2 == 1 {
        return upper;
    }
    let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    f64::midpoint(lower, upper)
}

/// The standard deviation that the deviations from an expectation speak of, by their median; by their mean where more than half of them are zero.
pub(crate) fn deviation_scale(deviations: impl Iterator<Item = f64>) -> f64 {
    let mut sizes: Vec<f64> = deviations.map(f64::abs).collect();
    let mean = sizes.iter().sum::<f64>() / sizes.len().max(1) as f64;
    let middle = median(&mut sizes);
    if middle > ROUNDING * mean { NORMAL_MAD * middle } else { NORMAL_MEAN_DEVIATION * mean }
}

/// The line through points one apart by the medians of slopes and of levels (Theil and Sen): level
/// at the first point, and slope.
pub(crate) fn theil_sen(values: &[f64], slopes: &mut Vec<f64>) -> (f64, f64) {
    slopes.clear();
    for (at, left) in values.iter().enumerate() {
        for (distance, right) in values[at + 1..].iter().enumerate() {
            slopes.push((right - left) / (distance + 1) as f64);
        }
    }
    let slope = median(slopes);
    slopes.clear();
    slopes.extend(values.iter().enumerate().map(|(at, value)| value - slope * at as f64));
    (median(slopes), slope)
}
