use serde::Serialize;

use super::draft_row::DraftRow;
use super::pair_prices::PriceBasis;
use super::replayer::Replayed;
use super::statistics::{
    AcceptanceCurve, apgr, auroc, gains, length_curve, mean, oracle_curve, pgr, random_quality,
    selection_gain,
};
use cascadeflow::Usd;

/// Mean quality of each policy, in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct PolicyQuality {
    /// Always the cheap model.
    pub(super) cheap: f64,
    /// Always the strong model.
    pub(super) strong: f64,
    /// The engine.
    pub(super) cascade: f64,
    /// Drafts accepted at random, as many as the engine accepts.
    pub(super) random: f64,
    /// The shortest drafts accepted, as many as the engine accepts.
    pub(super) length: f64,
    /// The best drafts to accept, as many as the engine accepts.
    pub(super) oracle: f64,
}

/// What the judge is worth on one file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct FileReport {
    /// The file as it was given.
    pub(super) file: String,
    /// Rows.
    pub(super) n: usize,
    /// Malformed lines left out.
    pub(super) bad_lines: usize,
    /// Names of the cheap and strong models of the first row.
    pub(super) models: [String; 2],
    /// Share of drafts accepted.
    pub(super) acceptance: f64,
    /// Quality of each policy.
    pub(super) quality: PolicyQuality,
    /// Cost of the cascade over that of always asking the strong model.
    pub(super) cost_share: f64,
    /// Cost of the cascade in USD, exact.
    pub(super) cost: Usd,
    /// Cost of always asking the strong model, in USD, exact.
    pub(super) strong_cost: Usd,
    /// Where the prices came from.
    pub(super) prices: PriceBasis,
    /// Quality above random acceptance, in percentage points.
    pub(super) gain_over_random_pp: f64,
    /// Standard error of the gain under random acceptance, in percentage points.
    pub(super) gain_se_pp: f64,
    /// The gain in standard errors.
    pub(super) gain_z: f64,
    /// Performance gap recovered; `None` when both models are equally good.
    pub(super) pgr: Option<f64>,
    /// Average performance gap recovered by the score; `None` when both models are equally good.
    pub(super) apgr: Option<f64>,
    /// AUROC of the decision against the quality of the draft; `None` when that is the same for
    /// all rows.
    pub(super) auroc_gate: Option<f64>,
    /// AUROC of the score against the quality of the draft; `None` likewise.
    pub(super) auroc_score: Option<f64>,
    /// Share of queries that the default router would send to the strong model directly.
    pub(super) route_direct: f64,
}

/// The curves of one file, for the plot: total gain over rows accepted.
#[derive(Debug, Clone)]
pub(super) struct FileCurves {
    pub(super) score: AcceptanceCurve,
    pub(super) length: AcceptanceCurve,
    pub(super) oracle: AcceptanceCurve,
}

impl FileReport {
    /// Computes the report and the curves behind it.
    pub(super) fn new(
        file: String,
        rows: &[DraftRow],
        bad_lines: usize,
        replayed: &Replayed,
    ) -> (Self, FileCurves) {
        let outcomes = &replayed.outcomes;
        let cheap_q: Vec<f64> = rows.iter().map(|row| row.cheap_q).collect();
        let strong_q: Vec<f64> = rows.iter().map(|row| row.strong_q).collect();
        let lengths: Vec<usize> = rows.iter().map(|row| row.cheap.chars().count()).collect();
        let accepted: Vec<bool> = outcomes.iter().map(|outcome| outcome.accepted).collect();
        let scores: Vec<f64> = outcomes.iter().map(|outcome| outcome.score).collect();
        let decisions: Vec<f64> = accepted.iter().map(|&yes| f64::from(u8::from(yes))).collect();

        let gains = gains(&cheap_q, &strong_q);
        let curves = FileCurves {
            score: AcceptanceCurve::new(&scores, &gains),
            length: length_curve(&lengths, &gains),
            oracle: oracle_curve(&gains),
        };
        let n = rows.len() as f64;
        let accepted_count = accepted.iter().filter(|&&yes| yes).count() as f64;
        let acceptance = accepted_count / n;
        let (cheap, strong) = (mean(&cheap_q), mean(&strong_q));
        let given: Vec<f64> = accepted
            .iter()
            .zip(cheap_q.iter().zip(&strong_q))
            .map(|(&accepted, (&cheap, &strong))| if accepted { cheap } else { strong })
            .collect();
        let cascade = mean(&given);
        let at_same_rate = |curve: &AcceptanceCurve| strong + curve.gain_at(accepted_count) / n;
        let gain = selection_gain(&gains, &accepted);
        let cost: Usd = outcomes.iter().map(|outcome| outcome.cost).sum();
        let strong_cost: Usd = outcomes.iter().map(|outcome| outcome.strong_cost).sum();
        let report = Self {
            file,
            n: rows.len(),
            bad_lines,
            models: rows.first().map_or_else(Default::default, |row| {
                [row.cheap_model.clone(), row.strong_model.clone()]
            }),
            acceptance,
            quality: PolicyQuality {
                cheap,
                strong,
                cascade,
                random: random_quality(cheap, strong, acceptance),
                length: at_same_rate(&curves.length),
                oracle: at_same_rate(&curves.oracle),
            },
            cost_share: cost.ratio_of(strong_cost),
            cost,
            strong_cost,
            prices: replayed.price_basis,
            gain_over_random_pp: gain.gain * 100.0,
            gain_se_pp: gain.standard_error * 100.0,
            gain_z: gain.z,
            pgr: pgr(cheap, strong, cascade),
            apgr: apgr(&curves.score),
            auroc_gate: auroc(&decisions, &cheap_q),
            auroc_score: auroc(&scores, &cheap_q),
            route_direct: replayed.planned_direct as f64 / n,
        };
        (report, curves)
    }
}
