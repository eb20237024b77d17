use super::AcceptanceCurve;

/// The curve of accepting the shortest drafts first. `lengths` counts characters.
pub fn length_curve(lengths: &[usize], gains: &[f64]) -> AcceptanceCurve {
    let scores: Vec<f64> = lengths.iter().map(|length| -(*length as f64)).collect();
    AcceptanceCurve::new(&scores, gains)
}

/// Quality when the `accepted` shortest drafts are accepted. Where drafts of one length straddle
/// the border, the expectation over which of them are taken.
pub fn length_quality(lengths: &[usize], gains: &[f64], mean_strong: f64, accepted: usize) -> f64 {
    if gains.is_empty() {
        return mean_strong;
    }
    mean_strong + length_curve(lengths, gains).gain_at(accepted as f64) / gains.len() as f64
}
