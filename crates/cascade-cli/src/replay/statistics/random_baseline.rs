/// Expected quality when the share `acceptance` of rows, drawn at random, keeps the cheap answer:
/// *a · mean(c) + (1 − a) · mean(s)*. Exact, nothing is drawn.
pub fn random_quality(mean_cheap: f64, mean_strong: f64, acceptance: f64) -> f64 {
    acceptance * mean_cheap + (1.0 - acceptance) * mean_strong
}
