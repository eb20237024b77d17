use std::path::Path;

use cascadeflow::quality::QualityConfig;
use cascadeflow::telemetry::PriceCatalogue;
use cascadeflow::{AgentConfig, Error, ErrorKind};
use serde::Serialize;

use super::arguments::ReplayArguments;
use super::draft_file::DraftFile;
use super::file_report::FileReport;
use super::macro_report::MacroReport;
use super::pair_prices::PairPrices;
use super::plot::{Plot, PlotFormat};
use super::replayer::Replayer;
use super::view;
use crate::failure::Failure;
use crate::terminal::{Progress, Terminal};

#[derive(Serialize)]
struct Report {
    files: Vec<FileReport>,
    #[serde(rename = "macro")]
    means: MacroReport,
}

/// Replays the files and shows the report.
pub(crate) async fn execute(
    arguments: &ReplayArguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    PairPrices::check_ratio(arguments.price_ratio)?;
    let plot = match &arguments.plot {
        Some(path) => Some((path, PlotFormat::of_path(path)?)),
        None => None,
    };
    let quality = match &arguments.config {
        Some(path) => AgentConfig::from_path(path)?.quality,
        None => QualityConfig::default(),
    };
    let replayer = Replayer {
        quality,
        catalogue: PriceCatalogue::embedded(),
        price_ratio: arguments.price_ratio,
    };

    let mut reports = Vec::with_capacity(arguments.files.len());
    let mut curves = Vec::with_capacity(arguments.files.len());
    for path in &arguments.files {
        let file = read(path, arguments.skip_bad).await?;
        let bar = Progress::new(terminal, file.rows.len() as u64);
        bar.message(path.display().to_string());
        let rows: std::sync::Arc<[_]> = file.rows.into();
        let replayed = replayer.replay(std::sync::Arc::clone(&rows), &bar).await?;
        drop(bar);
        let (report, curve) =
            FileReport::new(path.display().to_string(), &rows, file.bad_lines, &replayed);
        reports.push(report);
        curves.push(curve);
    }
    let means = MacroReport::new(&reports);
    if let Some((path, format)) = plot {
        Plot::new(&reports, &curves).draw(path, format)?;
    }
    let report = Report { files: reports, means };
    if arguments.json {
        terminal.json(&report)?;
    } else {
        view::show(&report.files, &report.means, terminal)?;
        if let Some((path, _)) = plot {
            terminal.line(&format!("\nPlot: {}", path.display()))?;
        }
    }
    Ok(())
}

/// Reads a file on a thread of its own, so that an interrupt comes through.
async fn read(path: &Path, skip_bad: bool) -> Result<DraftFile, Failure> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || DraftFile::read(&path, skip_bad))
        .await
        .map_err(|error| {
            Error::new(ErrorKind::Internal, "reading a file ended early").with_source(error)
        })?
        .map_err(Failure::from)
}
