use serde::Serialize;

use super::file_report::{FileReport, PolicyQuality};

/// How much better the strong model must be for a file to count: where the models are about equal,
/// a cascade has nothing to win and its ratios are noise.
pub(super) const MINIMUM_GAP: f64 = 0.05;

/// Means over the files whose strong model is more than [`MINIMUM_GAP`] better; each file counts
/// once, whatever its size. `None` when no such file has a value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct MacroReport {
    /// Files that count.
    pub(super) files: usize,
    /// Rows of those files.
    pub(super) n: usize,
    /// Mean share of drafts accepted.
    pub(super) acceptance: Option<f64>,
    /// Mean quality of each policy.
    pub(super) quality: Option<PolicyQuality>,
    /// Mean cost share.
    pub(super) cost_share: Option<f64>,
    /// Mean gain in percentage points.
    pub(super) gain_over_random_pp: Option<f64>,
    /// Standard error of the mean gain under random acceptance: *√(Σ seᵢ²) / m*.
    pub(super) gain_se_pp: Option<f64>,
    /// Mean of the files' `gain_z`.
    pub(super) gain_z: Option<f64>,
    /// The mean gain in its own standard errors: the evidence of all files together. 0 when the
    /// standard error is zero.
    pub(super) gain_z_pooled: Option<f64>,
    /// Mean performance gap recovered.
    pub(super) pgr: Option<f64>,
    /// Mean average performance gap recovered.
    pub(super) apgr: Option<f64>,
    /// Mean AUROC of the decision.
    pub(super) auroc_gate: Option<f64>,
    /// Mean AUROC of the score.
    pub(super) auroc_score: Option<f64>,
    /// Mean share that the default router would send direct.
    pub(super) route_direct: Option<f64>,
}

/// Whether a file counts.
pub(super) fn counts(report: &FileReport) -> bool {
    report.quality.strong - report.quality.cheap > MINIMUM_GAP
}

impl MacroReport {
    /// The means over those of `reports` that count.
    pub(super) fn new(reports: &[FileReport]) -> Self {
        let counted: Vec<&FileReport> = reports.iter().filter(|report| counts(report)).collect();
        let mean_of = |value: &dyn Fn(&FileReport) -> Option<f64>| {
            let values: Vec<f64> = counted.iter().filter_map(|report| value(report)).collect();
            (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
        };
        let mean = |value: fn(&FileReport) -> f64| mean_of(&|report| Some(value(report)));
        let quality = |value: fn(&PolicyQuality) -> f64| mean_of(&|r| Some(value(&r.quality)));
        let gain = mean(|report| report.gain_over_random_pp);
        let gain_se = (!counted.is_empty()).then(|| {
            counted.iter().map(|report| report.gain_se_pp.powi(2)).sum::<f64>().sqrt()
                / counted.len() as f64
        });
        Self {
            files: counted.len(),
            n: counted.iter().map(|report| report.n).sum(),
            acceptance: mean(|report| report.acceptance),
            quality: (|| {
                Some(PolicyQuality {
                    cheap: quality(|q| q.cheap)?,
                    strong: quality(|q| q.strong)?,
                    cascade: quality(|q| q.cascade)?,
                    random: quality(|q| q.random)?,
                    length: quality(|q| q.length)?,
                    oracle: quality(|q| q.oracle)?,
                })
            })(),
            cost_share: mean(|report| report.cost_share),
            gain_over_random_pp: gain,
            gain_se_pp: gain_se,
            gain_z: mean(|report| report.gain_z),
            gain_z_pooled: gain
                .zip(gain_se)
                .map(|(gain, se)| if se > 0.0 { gain / se } else { 0.0 }),
            pgr: mean_of(&|report| report.pgr),
            apgr: mean_of(&|report| report.apgr),
            auroc_gate: mean_of(&|report| report.auroc_gate),
            auroc_score: mean_of(&|report| report.auroc_score),
            route_direct: mean(|report| report.route_direct),
        }
    }
}
