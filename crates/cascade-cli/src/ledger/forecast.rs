use std::io;

use cascadeflow::Usd;
use cascadeflow::telemetry::{
    BudgetOutlook, BudgetPosition, DailySeries, Day, Forecast, ForecastMethod, ForecastOptions,
    Forecaster, SpendHistory, SpendTrend,
};
use serde::Serialize;

use super::arguments::ForecastArguments;
use super::chart::Chart;
use super::reading::fold;
use crate::failure::Failure;
use crate::replay::plot::PlotFormat;
use crate::terminal::{TableView, Terminal, percent, usd};

/// Days of history that the line of blocks shows.
const SHOWN: usize = 60;
/// Blocks by height.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

#[derive(Serialize)]
struct Report<'a> {
    file: String,
    /// The person it is for; `None` for everybody.
    user: Option<&'a str>,
    history: Vec<Spent>,
    forecast: &'a Forecast,
    /// When the budget is used up; `None` when none was given.
    budget: Option<&'a BudgetOutlook>,
}

/// What was spent on a day, in USD.
#[derive(Serialize)]
struct Spent {
    day: Day,
    cost: f64,
}

/// `ledger forecast`.
pub(super) async fn forecast(
    arguments: &ForecastArguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let plot = match &arguments.plot {
        Some(path) => Some((path, PlotFormat::of_path(path)?)),
        None => None,
    };
    let filter = arguments.filter.filter()?;
    let history = SpendHistory::new();
    let history = fold(&arguments.file, filter, terminal, history, |history, entry| {
        history.add(entry.at.as_secs_f64(), None, entry.cost);
        Ok(())
    })
    .await?;
    let series = history.total();
    let forecaster = Forecaster::new(ForecastOptions::default())?;
    let forecast = forecaster.forecast(&series, arguments.days)?;
    let outlook = match arguments.budget {
        Some(limit) => {
            Some(forecaster.budget_outlook(&series, &BudgetPosition::new(limit, Usd::ZERO))?)
        }
        None => None,
    };
    if let Some((path, format)) = plot {
        Chart::new(&series, &forecast).draw(path, format)?;
    }
    if arguments.json {
        terminal.json(&Report {
            file: arguments.file.display().to_string(),
            user: arguments.filter.user(),
            history: spent(&series),
            forecast: &forecast,
            budget: outlook.as_ref(),
        })?;
        return Ok(());
    }
    show(&series, &forecast, terminal)?;
    if let Some((outlook, limit)) = outlook.as_ref().zip(arguments.budget) {
        terminal.line(&budget_line(outlook, limit))?;
    }
    if let Some((path, _)) = plot {
        terminal.line(&format!("Plot: {}", path.display()))?;
    }
    Ok(())
}

fn spent(series: &DailySeries) -> Vec<Spent> {
    dated(series).map(|(day, cost)| Spent { day, cost }).collect()
}

/// The days of a series with what was spent on them.
pub(super) fn dated(series: &DailySeries) -> impl Iterator<Item = (Day, f64)> {
    let days = i64::try_from(series.totals().len()).unwrap_or(i64::MAX);
    let first = series.last_day().map(|last| last.plus(1 - days));
    let totals = series.totals().iter().copied();
    totals.zip(0_i64..).filter_map(move |(cost, index)| Some((first?.plus(index), cost)))
}

fn show(series: &DailySeries, forecast: &Forecast, terminal: &mut Terminal) -> io::Result<()> {
    let paint = terminal.paint();
    if forecast.method == ForecastMethod::InsufficientData {
        return terminal.line(&format!("No forecast: {}", forecast.reasons.join("; ")));
    }
    let history: Vec<f64> = dated(series).map(|(_, cost)| cost).collect();
    let recent = &history[history.len().saturating_sub(SHOWN)..];
    let ahead: Vec<f64> = forecast.days.iter().map(|day| day.cost).collect();
    let most = recent.iter().chain(&ahead).copied().fold(0.0, f64::max);
    terminal.line(&format!(
        "{}{}  {}",
        blocks(recent, most),
        paint.accent(&blocks(&ahead, most)),
        paint.faint(&format!("{} days and {} ahead", recent.len(), ahead.len()))
    ))?;
    let levels: Vec<String> =
        forecast.intervals.iter().map(|interval| percent(interval.level)).collect();
    let mut columns = vec![("day", false), ("cost", true)];
    columns.extend(levels.iter().map(|level| (level.as_str(), true)));
    let mut table = TableView::new(terminal, &columns);
    let range = |lower: f64, upper: f64| format!("{} – {}", dollars(lower), dollars(upper));
    for day in &forecast.days {
        let mut cells = vec![day.day.to_string(), dollars(day.cost)];
        cells.extend(day.intervals.iter().map(|it| range(it.lower, it.upper)));
        table.row(cells);
    }
    let mut cells = vec!["total".to_owned(), dollars(forecast.predicted_cost)];
    cells.extend(forecast.intervals.iter().map(|it| range(it.lower, it.upper)));
    table.total(cells);
    terminal.line(&table.render())?;
    let trend = match forecast.trend {
        SpendTrend::Increasing => "growing",
        SpendTrend::Decreasing => "shrinking",
        SpendTrend::Stable => "stable",
    };
    terminal.line(&format!(
        "Spending is {trend}; {} a day so far; confidence {}",
        dollars(forecast.historical_average),
        percent(forecast.confidence)
    ))?;
    terminal.line(&paint.faint(&forecast.reasons.join("; ")))
}

fn budget_line(outlook: &BudgetOutlook, limit: Usd) -> String {
    let limit = usd(limit);
    match outlook.expected_day {
        Some(day) => {
            let named = |day: Option<Day>| {
                day.map_or_else(|| "later than a year".to_owned(), |day| day.to_string())
            };
            format!(
                "A budget of {limit} from now on is used up on {day} (between {} and {})",
                named(outlook.earliest_day),
                named(outlook.latest_day)
            )
        }
        None => format!(
            "A budget of {limit} from now on lasts {}",
            outlook.until.map_or_else(|| "on".to_owned(), |day| format!("beyond {day}"))
        ),
    }
}

/// An estimate, which needs no more than four digits after the point.
fn dollars(amount: f64) -> String {
    format!("${amount:.4}")
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and the last block"
)]
fn blocks(values: &[f64], most: f64) -> String {
    let last = BLOCKS.len() - 1;
    let height = |value: &f64| {
        let share = if most > 0.0 { (value / most).clamp(0.0, 1.0) } else { 0.0 };
        BLOCKS[((share * last as f64).round() as usize).min(last)]
    };
    values.iter().map(height).collect()
}
