use std::io;
use std::path::Path;

use super::file_report::{FileReport, PolicyQuality};
use super::macro_report::{MINIMUM_GAP, MacroReport};
use super::pair_prices::PriceBasis;
use crate::terminal::{TableView, Terminal, count, percent};

/// Shows the report as two tables: what each policy gives, and what the judge knows.
pub(super) fn show(
    files: &[FileReport],
    means: &MacroReport,
    terminal: &mut Terminal,
) -> io::Result<()> {
    let paint = terminal.paint();
    let macro_name = format!("mean of {}", count(means.files, "file", "files"));
    terminal.line(&paint.heading("Quality at the same acceptance"))?;
    let mut table = TableView::new(
        terminal,
        &[
            ("file", false),
            ("rows", true),
            ("accepted", true),
            ("cheap", true),
            ("strong", true),
            ("cascade", true),
            ("random", true),
            ("length", true),
            ("oracle", true),
            ("cost share", true),
        ],
    );
    for file in files {
        table.row(quality_cells(
            name(&file.file),
            file.n,
            Some(file.acceptance),
            Some(file.quality),
            Some(file.cost_share),
        ));
    }
    table.total(quality_cells(
        macro_name.clone(),
        means.n,
        means.acceptance,
        means.quality,
        means.cost_share,
    ));
    terminal.line(&table.render())?;

    terminal.line(&format!("\n{}", paint.heading("What the judge knows")))?;
    let mut table = TableView::new(
        terminal,
        &[
            ("file", false),
            ("gain over random", true),
            ("z", true),
            ("PGR", true),
            ("APGR", true),
            ("AUROC gate", true),
            ("AUROC score", true),
            ("would go direct", true),
        ],
    );
    for file in files {
        table.row_marked(
            [
                name(&file.file),
                gain(Some(file.gain_over_random_pp), Some(file.gain_se_pp)),
                number(Some(file.gain_z), 1),
                number(file.pgr, 3),
                number(file.apgr, 3),
                number(file.auroc_gate, 3),
                number(file.auroc_score, 3),
                share(Some(file.route_direct)),
            ],
            1,
            file.gain_over_random_pp > 0.0,
        );
    }
    table.total([
        macro_name,
        gain(means.gain_over_random_pp, means.gain_se_pp),
        number(means.gain_z_pooled, 1),
        number(means.pgr, 3),
        number(means.apgr, 3),
        number(means.auroc_gate, 3),
        number(means.auroc_score, 3),
        share(means.route_direct),
    ]);
    terminal.line(&table.render())?;
    for note in notes(files) {
        terminal.line(&paint.faint(&note))?;
    }
    Ok(())
}

fn quality_cells(
    name: String,
    rows: usize,
    acceptance: Option<f64>,
    quality: Option<PolicyQuality>,
    cost_share: Option<f64>,
) -> [String; 10] {
    let of = |value: fn(PolicyQuality) -> f64| share(quality.map(value));
    [
        name,
        rows.to_string(),
        share(acceptance),
        of(|q| q.cheap),
        of(|q| q.strong),
        of(|q| q.cascade),
        of(|q| q.random),
        of(|q| q.length),
        of(|q| q.oracle),
        share(cost_share),
    ]
}

fn notes(files: &[FileReport]) -> Vec<String> {
    let mut notes = vec![
        format!(
            "The mean is over files whose strong model is more than {:.0} points better; its z is \
             that of the mean gain.",
            MINIMUM_GAP * 100.0
        ),
        "Gain over random: percentage points of quality above accepting as many drafts at random, \
         ± its standard error."
            .to_owned(),
    ];
    let unpriced = files.iter().filter(|file| file.prices == PriceBasis::Ratio).count();
    if unpriced > 0 {
        notes.push(format!(
            "Cost share of {} by a price ratio (`--price-ratio`, 10 unless given), not by the \
             catalogue's prices.",
            count(unpriced, "file", "files")
        ));
    }
    let bad: usize = files.iter().map(|file| file.bad_lines).sum();
    if bad > 0 {
        notes.push(format!("Left out: {}.", count(bad, "malformed line", "malformed lines")));
    }
    notes
}

/// The file's name without folders and the usual endings.
pub(super) fn name(file: &str) -> String {
    let name = Path::new(file).file_name().map_or(file.into(), |name| name.to_string_lossy());
    let bare = name.strip_suffix(".gz").unwrap_or(&name);
    bare.strip_suffix(".jsonl").unwrap_or(bare).to_owned()
}

fn share(value: Option<f64>) -> String {
    value.map_or_else(absent, percent)
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(absent, |value| format!("{value:.digits$}"))
}

fn gain(gain: Option<f64>, standard_error: Option<f64>) -> String {
    gain.zip(standard_error)
        .map_or_else(absent, |(gain, error)| format!("{gain:+.2} ± {error:.2} pp"))
}

fn absent() -> String {
    "–".to_owned()
}
