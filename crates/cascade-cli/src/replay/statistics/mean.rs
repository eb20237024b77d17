/// The arithmetic mean; 0 for no values.
pub fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// What accepting each cheap answer changes: *cᵢ − sᵢ*.
pub fn gains(cheap: &[f64], strong: &[f64]) -> Vec<f64> {
    cheap.iter().zip(strong).map(|(c, s)| c - s).collect()
}
