use super::AcceptanceCurve;

/// The curve of accepting first where the cheap answer gains most over the strong one.
pub fn oracle_curve(gains: &[f64]) -> AcceptanceCurve {
    AcceptanceCurve::new(gains, gains)
}

/// The best quality any policy can have that accepts exactly `accepted` drafts: those with the
/// largest gains.
pub fn oracle_quality(gains: &[f64], mean_strong: f64, accepted: usize) -> f64 {
    if gains.is_empty() {
        return mean_strong;
    }
    mean_strong + oracle_curve(gains).gain_at(accepted as f64) / gains.len() as f64
}
