use std::sync::Arc;

use cascadeflow::{Error, ErrorKind};
use serde::Serialize;

use super::arguments::DemoArguments;
use super::query_report::QueryReport;
use super::runner;
use super::script::Script;
use super::summary::Summary;
use super::view;
use crate::failure::Failure;
use crate::terminal::{Progress, Terminal, count};

#[derive(Serialize)]
struct Report<'a> {
    note: &'static str,
    queries: &'a [QueryReport],
    summary: &'a Summary,
}

/// Runs the demo and shows its report.
pub(crate) async fn execute(
    arguments: &DemoArguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let script = Arc::new(Script::load()?);
    if !arguments.json {
        view::introduction(terminal)?;
    }
    let progress = Progress::new(terminal, script.len() as u64);
    let queries = runner::run(script, arguments.fast, &progress).await?;
    drop(progress);
    let summary = Summary::new(&queries);
    if arguments.json {
        let report = Report { note: view::NOTE, queries: &queries, summary: &summary };
        terminal.json(&report)?;
    } else {
        view::table(&queries, terminal)?;
        view::summary(&summary, terminal)?;
    }
    if summary.failed > 0 {
        // Every question of the script has a model that can answer it.
        return Err(Error::new(
            ErrorKind::Internal,
            format!(
                "{} of the demo ended without an answer",
                count(summary.failed, "question", "questions")
            ),
        )
        .into());
    }
    Ok(())
}
