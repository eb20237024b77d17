use std::io;

use super::query_report::{Outcome, QueryReport};
use super::summary::Summary;
use crate::terminal::{TableView, Terminal, count, percent, shortened, usd, wrapped};

/// What the reader must know before believing a figure.
pub(super) const NOTE: &str = "The models of this demo are scripted: two servers on this machine \
speak the OpenAI and Anthropic protocols and answer from files, at made-up prices. No key is used \
and nothing leaves the machine. Requests, routing, judging, retries, fallback, cost and timings are \
real.";

/// Says what is scripted.
pub(super) fn introduction(terminal: &mut Terminal) -> io::Result<()> {
    let heading = terminal.paint().heading("cascadeflow demo");
    terminal.line(&format!("{heading}\n{}\n", wrapped(NOTE, 96)))
}

/// Shows a row for each question.
pub(super) fn table(queries: &[QueryReport], terminal: &mut Terminal) -> io::Result<()> {
    let columns = [
        ("domain", false),
        ("question", false),
        ("scripted draft", false),
        ("outcome", false),
        ("model", false),
        ("cost", true),
        ("saved", true),
        ("engine", true),
    ];
    let mut table = TableView::new(terminal, &columns);
    for query in queries {
        let cells = [
            query.domain.clone(),
            shortened(&query.query, 36),
            query.scripted_draft.clone(),
            outcome(query.outcome).to_owned(),
            // The introduction says it of all of them.
            query.model.replace("scripted-", ""),
            usd(query.cost_usd),
            usd(query.saved_usd),
            query.overhead_us.map_or_else(|| "–".to_owned(), microseconds),
        ];
        table.row_marked(cells, 3, query.outcome == Outcome::Accepted);
    }
    terminal.line(&table.render())?;
    for query in queries.iter().filter(|query| query.outcome == Outcome::Failed) {
        terminal.line(&format!("failed: {}: {}", shortened(&query.query, 40), query.reason))?;
    }
    Ok(())
}

/// Shows the sums.
pub(super) fn summary(summary: &Summary, terminal: &mut Terminal) -> io::Result<()> {
    let paint = terminal.paint();
    let counts = format!(
        "{} over {}: {} accepted, {} escalated, {} direct, {} failed",
        count(summary.queries, "question", "questions"),
        count(summary.domains, "domain", "domains"),
        summary.accepted,
        summary.escalated,
        summary.direct,
        summary.failed,
    );
    terminal.line(&format!("\n{} {counts}", paint.heading("Summary")))?;
    let saved = format!(
        "{} ({})",
        usd(summary.cost_saved_usd),
        percent(summary.savings_percentage / 100.0)
    );
    terminal.line(&format!(
        "cost {} · saved {} against asking the strong model every time",
        usd(summary.total_cost_usd),
        paint.good(&saved),
    ))?;
    if let (Some(p50), Some(p99)) = (summary.overhead_p50_us, summary.overhead_p99_us) {
        terminal.line(&format!(
            "engine overhead p50 {} · p99 {}",
            microseconds(p50),
            microseconds(p99)
        ))?;
    }
    terminal.line(&paint.faint("The models were scripted; the engine and the requests were real."))
}

const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted => "accepted",
        Outcome::Escalated => "escalated",
        Outcome::Direct => "direct",
        Outcome::Failed => "failed",
    }
}

fn microseconds(value: f64) -> String {
    format!("{value:.0} µs")
}
