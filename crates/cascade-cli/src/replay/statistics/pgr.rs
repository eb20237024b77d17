/// The performance gap recovered (RouteLLM, <https://arxiv.org/abs/2406.18665>): the share of the
/// way from the cheap model's quality to the strong model's that the cascade goes.
///
/// *PGR = (cascade − cheap) / (strong − cheap)*. `None` when the two models are equally good.
pub fn pgr(cheap: f64, strong: f64, cascade: f64) -> Option<f64> {
    let gap = strong - cheap;
    // Means of equal qualities differ by rounding.
    (gap.abs() > 1e-12).then(|| (cascade - cheap) / gap)
}
