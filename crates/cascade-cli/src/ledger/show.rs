use std::io;

use cascadeflow::Usd;
use cascadeflow::telemetry::moment_text;
use clap::ValueEnum;
use serde::Serialize;

use super::arguments::{GroupBy, ShowArguments, TopArguments};
use super::balances::{self, Limits, Standing};
use super::grouping::{Group, Groups};
use super::reading::fold;
use crate::failure::Failure;
use crate::terminal::{TableView, Terminal, count, percent, usd};

/// Widest bar in characters.
const BAR: f64 = 24.0;

#[derive(Serialize)]
struct Report<'a> {
    file: String,
    by: String,
    entries: u64,
    requests: u64,
    tokens: u64,
    cost: f64,
    cost_usd: Usd,
    /// Entries whose model has no known price and that count as free.
    unpriced: u64,
    first: Option<String>,
    last: Option<String>,
    /// Groups that are not among the shown.
    left_out: usize,
    groups: &'a [Group],
    /// How the budgets of a ledger stand; absent from what is said of an export.
    #[serde(skip_serializing_if = "Option::is_none")]
    budgets: Option<Vec<Standing>>,
}

/// `ledger show`.
pub(super) async fn show(
    arguments: &ShowArguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let limits = Limits::read(arguments.config.as_deref())?;
    let groups = read(&arguments.file, &arguments.filter, arguments.by, terminal).await?;
    let live = balances::read(&arguments.file, &limits, arguments.filter.user()).await?;
    let sorted = groups.sorted();
    if arguments.json {
        let mut report = report(&arguments.file, arguments.by, &groups, &sorted, 0);
        report.budgets = live.map(|live| live.budgets);
        terminal.json(&report)?;
        return Ok(());
    }
    show_head(&groups, terminal)?;
    show_table(arguments.by, &groups, &sorted, terminal)?;
    if let Some(live) = live.filter(|live| !live.budgets.is_empty()) {
        balances::show(&live.budgets, terminal)?;
    }
    Ok(())
}

/// `ledger top`.
pub(super) async fn top(arguments: &TopArguments, terminal: &mut Terminal) -> Result<(), Failure> {
    let groups = read(&arguments.file, &arguments.filter, arguments.by, terminal).await?;
    let (top, left_out) = groups.top(usize::try_from(arguments.count).unwrap_or(usize::MAX));
    if arguments.json {
        terminal.json(&report(&arguments.file, arguments.by, &groups, &top, left_out))?;
        return Ok(());
    }
    let name = name_of(arguments.by);
    let most = top.iter().map(|group| group.cost).fold(0.0, f64::max);
    let mut table =
        TableView::new(terminal, &[(&name, false), ("cost", true), ("share", true), ("", false)]);
    for group in &top {
        table.row([
            group.title().to_owned(),
            usd(group.cost_usd),
            percent(group.share),
            bar(group.cost, most),
        ]);
    }
    terminal.line(&table.render())?;
    if left_out > 0 {
        terminal.line(&terminal.paint().faint(&format!("{left_out} more not shown")))?;
    }
    Ok(())
}

async fn read(
    file: &std::path::Path,
    filter: &super::filter::FilterArguments,
    by: GroupBy,
    terminal: &Terminal,
) -> Result<Groups, Failure> {
    fold(file, filter.filter()?, terminal, Groups::new(by), |groups, entry| {
        groups.add(&entry);
        Ok(())
    })
    .await
}

fn report<'a>(
    file: &std::path::Path,
    by: GroupBy,
    groups: &Groups,
    shown: &'a [Group],
    left_out: usize,
) -> Report<'a> {
    Report {
        file: file.display().to_string(),
        by: name_of(by),
        entries: groups.all.entries,
        requests: groups.all.requests,
        tokens: groups.all.tokens,
        cost: groups.all.cost.to_f64(),
        cost_usd: groups.all.cost,
        unpriced: groups.all.unpriced,
        first: groups.first.map(moment_text),
        last: groups.last.map(moment_text),
        left_out,
        groups: shown,
        budgets: None,
    }
}

fn show_head(groups: &Groups, terminal: &mut Terminal) -> io::Result<()> {
    let entries = usize::try_from(groups.all.entries).unwrap_or(usize::MAX);
    let paint = terminal.paint();
    let mut line = format!(
        "{} in {}, {} tokens",
        paint.heading(&usd(groups.all.cost)),
        count(entries, "entry", "entries"),
        groups.all.tokens
    );
    if let Some((first, last)) = groups.first.zip(groups.last) {
        let day = |at| moment_text(at).get(..16).unwrap_or_default().replace('T', " ");
        line = format!("{line}, {} to {} UTC", day(first), day(last));
    }
    terminal.line(&line)?;
    if groups.all.unpriced > 0 {
        let note = format!(
            "{} of models without a known price, counted as free",
            count(usize::try_from(groups.all.unpriced).unwrap_or(usize::MAX), "entry", "entries")
        );
        terminal.line(&paint.bad(&note))?;
    }
    Ok(())
}

fn show_table(
    by: GroupBy,
    groups: &Groups,
    sorted: &[Group],
    terminal: &mut Terminal,
) -> io::Result<()> {
    let name = name_of(by);
    let mut table = TableView::new(
        terminal,
        &[
            (&name, false),
            ("entries", true),
            ("requests", true),
            ("tokens", true),
            ("cost", true),
            ("share", true),
        ],
    );
    for group in sorted {
        table.row([
            group.title().to_owned(),
            group.entries.to_string(),
            group.requests.to_string(),
            group.tokens.to_string(),
            usd(group.cost_usd),
            percent(group.share),
        ]);
    }
    let all = &groups.all;
    table.total([
        "total".to_owned(),
        all.entries.to_string(),
        all.requests.to_string(),
        all.tokens.to_string(),
        usd(all.cost),
        String::new(),
    ]);
    terminal.line(&table.render())
}

fn name_of(key: GroupBy) -> String {
    key.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// A bar as long as `value` is of `most`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and the widest bar"
)]
fn bar(value: f64, most: f64) -> String {
    let share = if most > 0.0 { (value / most).clamp(0.0, 1.0) } else { 0.0 };
    "█".repeat((share * BAR).round() as usize)
}
