use std::io;

use cascadeflow::{CascadeResult, Route, TraceStage};

use crate::terminal::{TableView, Terminal, duration_ms, percent, usd};

/// Ends the line that the answer stands on, and shows the tool calls it asks for.
pub(super) fn end_of_answer(result: &CascadeResult, terminal: &mut Terminal) -> io::Result<()> {
    if !result.content.is_empty() && !result.content.ends_with('\n') {
        terminal.line("")?;
    }
    for call in &result.tool_calls {
        terminal.line(&format!("tool call: {}({})", call.name, call.arguments))?;
    }
    Ok(())
}

/// Shows model, way, cost and what was saved.
pub(super) fn summary(result: &CascadeResult, terminal: &mut Terminal) -> io::Result<()> {
    let paint = terminal.paint();
    let way = match result.route {
        Route::Direct => "asked directly".to_owned(),
        Route::Strategy => "by strategy".to_owned(),
        Route::Cascade if result.draft_accepted => paint.good("draft accepted"),
        Route::Cascade if was_judged(result) => "draft rejected".to_owned(),
        Route::Cascade => "draft failed".to_owned(),
    };
    let unpriced = if result.unpriced { " (some prices unknown)" } else { "" };
    terminal.line(&format!(
        "\n{} {} ({}) · {way} · {}",
        paint.faint("model"),
        paint.accent(&result.model_used),
        result.answer_provider,
        result.reason,
    ))?;
    terminal.line(&format!(
        "{} {}{unpriced} · {} {} ({}) · {} {}",
        paint.faint("cost"),
        usd(result.total_cost),
        paint.faint("saved"),
        usd(result.cost_saved),
        percent(result.savings_percentage / 100.0),
        paint.faint("time"),
        duration_ms(result.timings.total_ms),
    ))
}

/// Whether there was a draft to judge; else its model failed.
fn was_judged(result: &CascadeResult) -> bool {
    result.cache_hit || result.attempts.iter().any(|attempt| attempt.verdict.is_some())
}

/// Shows every decision of the run.
pub(super) fn explain(result: &CascadeResult, terminal: &mut Terminal) -> io::Result<()> {
    terminal.line(&format!("\n{}", terminal.paint().heading("Decisions")))?;
    let columns = [
        ("at", true),
        ("stage", false),
        ("decision", false),
        ("reason", false),
        ("rule", false),
        ("cost", true),
    ];
    let mut table = TableView::new(terminal, &columns);
    for step in &result.trace.steps {
        table.row([
            duration_ms(step.at_ms),
            stage(step.stage).to_owned(),
            step.decision.to_string(),
            step.reason.to_string(),
            step.rule.to_string(),
            if step.cost.is_zero() { String::new() } else { usd(step.cost) },
        ]);
    }
    terminal.line(&table.render())
}

const fn stage(stage: TraceStage) -> &'static str {
    match stage {
        TraceStage::Analyse => "analyse",
        TraceStage::Cache => "cache",
        TraceStage::Budget => "budget",
        TraceStage::Route => "route",
        TraceStage::Call => "call",
        TraceStage::Judge => "judge",
        TraceStage::Escalate => "escalate",
        TraceStage::Fallback => "fallback",
        TraceStage::Tools => "tools",
        TraceStage::Account => "account",
    }
}
