use super::AcceptanceCurve;

/// The average performance gap recovered (RouteLLM, <https://arxiv.org/abs/2406.18665>): the mean
/// of the [PGR](super::pgr()) over all shares of strong calls, as the score's threshold sweeps.
///
/// *APGR = ∫₀¹ PGR(x) dx*, where at *x* the share *x* of rows with the lowest scores goes to the
/// strong model. With the total gain *G(k)* of the *k* rows of highest score,
/// *PGR(1 − k/n) = 1 − G(k)/G(n)*, so *APGR = 1 − ∫₀ⁿ G(k) dk / (n · G(n))*. The integral is exact
/// (trapezoids over the borders of groups of equal score), where the paper averages ten points; a
/// score that says nothing has 0.5. `None` when the two models are equally good.
pub fn apgr(curve: &AcceptanceCurve) -> Option<f64> {
    let mean_gain = curve.full_gain() / curve.rows();
    // Sums of equal qualities differ by rounding.
    (mean_gain.abs() > 1e-12).then(|| 1.0 - curve.area() / (curve.full_gain() * curve.rows()))
}
