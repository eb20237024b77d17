/// The gain of a selection over a random one of the same size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SelectionGain {
    /// Difference of quality.
    pub gain: f64,
    /// Standard error of the difference when the selection is random.
    pub standard_error: f64,
    /// `gain / standard_error`; 0 when the standard error is zero, for then every selection of
    /// this size is equally good.
    pub z: f64,
}

/// Compares the rows that `accepted` marks with a random subset of the same size.
///
/// Under the hypothesis that the gate knows nothing, the *k* accepted rows are a simple random
/// sample without replacement from the *n* rows. The sum of the gains *dᵢ* over such a sample has
/// mean *k·d̄* and variance *k·(n − k)/n · S²* with *S² = Σ(dᵢ − d̄)²/(n − 1)* (the permutation
/// variance; hypergeometric when the gains are binary). Quality is that sum over *n*, so
/// *SE = √(k·(n − k)/n · S²) / n*: it is conditional on the rows at hand and on the acceptance rate.
pub fn selection_gain(gains: &[f64], accepted: &[bool]) -> SelectionGain {
    let n = gains.len() as f64;
    let count = accepted.iter().filter(|accepted| **accepted).count();
    if count == 0 || count == gains.len() {
        // There is one such selection only.
        return SelectionGain { gain: 0.0, standard_error: 0.0, z: 0.0 };
    }
    let k = count as f64;
    let mean = gains.iter().sum::<f64>() / n;
    // Summing deviations instead of values keeps a constant gain at exactly zero.
    let gain = gains
        .iter()
        .zip(accepted)
        .filter(|(_, accepted)| **accepted)
        .map(|(gain, _)| gain - mean)
        .sum::<f64>()
        / n;
    let variance = gains.iter().map(|gain| (gain - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let standard_error = (k * (n - k) / n * variance).sqrt() / n;
    let z = if standard_error > 0.0 { gain / standard_error } else { 0.0 };
    SelectionGain { gain, standard_error, z }
}
