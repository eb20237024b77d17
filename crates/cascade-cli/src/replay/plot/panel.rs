use crate::replay::file_report::{FileCurves, FileReport};
use crate::replay::macro_report::{MacroReport, counts};
use crate::replay::statistics::AcceptanceCurve;
use crate::replay::view;

/// Intervals that a curve is drawn with.
const INTERVALS: usize = 200;

/// A line from no draft accepted to all, as (share accepted, quality).
pub(super) type Line = Vec<(f64, f64)>;

/// One diagram of a plot.
#[derive(Debug, Clone)]
pub(super) struct Panel {
    pub(super) title: String,
    pub(super) subtitle: String,
    /// Accepting by the judge's score.
    pub(super) score: Line,
    /// Accepting the shortest drafts.
    pub(super) length: Line,
    /// Accepting the best drafts.
    pub(super) oracle: Line,
    /// Accepting at random.
    pub(super) random: Line,
    /// What the gate does.
    pub(super) gate: (f64, f64),
}

impl Panel {
    /// One panel a file, and one of the means where several files count.
    pub(super) fn all(reports: &[FileReport], curves: &[FileCurves]) -> Vec<Self> {
        let mut panels: Vec<Self> = reports
            .iter()
            .zip(curves)
            .map(|(report, curves)| Self::of_file(report, curves))
            .collect();
        let counted: Vec<&Self> = panels
            .iter()
            .zip(reports)
            .filter(|(_, report)| counts(report))
            .map(|(panel, _)| panel)
            .collect();
        if counted.len() > 1 {
            panels.extend(Self::of_means(&counted, &MacroReport::new(reports)));
        }
        panels
    }

    fn of_file(report: &FileReport, curves: &FileCurves) -> Self {
        let (cheap, strong) = (report.quality.cheap, report.quality.strong);
        let line = |curve: &AcceptanceCurve| -> Line {
            (0..=INTERVALS)
                .map(|step| {
                    let share = step as f64 / INTERVALS as f64;
                    let rows = curve.rows();
                    (share, strong + curve.gain_at(share * rows) / rows)
                })
                .collect()
        };
        Self {
            title: view::name(&report.file),
            subtitle: subtitle(report.acceptance, report.cost_share, report.gain_over_random_pp),
            score: line(&curves.score),
            length: line(&curves.length),
            oracle: line(&curves.oracle),
            random: vec![(0.0, strong), (1.0, cheap)],
            gate: (report.acceptance, report.quality.cascade),
        }
    }

    fn of_means(panels: &[&Self], means: &MacroReport) -> Option<Self> {
        let line = |of: fn(&Self) -> &Line| -> Line {
            let points = of(panels[0]).len();
            (0..points)
                .map(|point| {
                    let sum: f64 = panels.iter().map(|panel| of(panel)[point].1).sum();
                    (of(panels[0])[point].0, sum / panels.len() as f64)
                })
                .collect()
        };
        let acceptance = means.acceptance?;
        Some(Self {
            title: format!("mean of {} files", panels.len()),
            subtitle: subtitle(acceptance, means.cost_share?, means.gain_over_random_pp?),
            score: line(|panel| &panel.score),
            length: line(|panel| &panel.length),
            oracle: line(|panel| &panel.oracle),
            random: line(|panel| &panel.random),
            gate: (acceptance, means.quality?.cascade),
        })
    }

    /// Lowest and highest quality of any line, with a margin.
    pub(super) fn quality_range(&self) -> (f64, f64) {
        let values = [&self.score, &self.length, &self.oracle, &self.random]
            .into_iter()
            .flatten()
            .map(|point| point.1);
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let margin = ((high - low) * 0.08).max(0.005);
        (low - margin, high + margin)
    }
}

fn subtitle(acceptance: f64, cost_share: f64, gain_pp: f64) -> String {
    format!(
        "gate: {:.0} % accepted, {:.0} % of strong's cost, {gain_pp:+.1} pp over random",
        acceptance * 100.0,
        cost_share * 100.0
    )
}
