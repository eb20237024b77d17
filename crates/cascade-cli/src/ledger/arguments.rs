use std::path::PathBuf;

use cascadeflow::Usd;
use clap::{Args, Subcommand, ValueEnum};

use super::filter::FilterArguments;

/// Look into what was spent.
///
/// FILE is a ledger that a store keeps, even while it is in use, or an export of one in JSON, CSV or
/// SQLite. Nothing but `import` changes a ledger.
#[derive(Debug, Args)]
pub(crate) struct LedgerArguments {
    #[command(subcommand)]
    pub(super) command: LedgerCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum LedgerCommand {
    Show(ShowArguments),
    Watch(WatchArguments),
    Top(TopArguments),
    Export(ExportArguments),
    Import(ImportArguments),
    Forecast(ForecastArguments),
}

/// Show what was spent in all, and by day, model or any other key; of a ledger that a store keeps,
/// how its budgets stand, too.
#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// Ledger or export.
    pub(super) file: PathBuf,
    /// What the sums are made by.
    #[arg(long, value_enum, default_value_t = GroupBy::Model)]
    pub(super) by: GroupBy,
    #[command(flatten)]
    pub(super) filter: FilterArguments,
    /// Configuration of the agent whose budgets they are, to show their limits.
    #[arg(long, value_name = "AGENT")]
    pub(super) config: Option<PathBuf>,
    /// Print the sums as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Show how the budgets of a ledger stand, again and again until Ctrl-C.
#[derive(Debug, Args)]
pub(super) struct WatchArguments {
    /// Ledger.
    pub(super) file: PathBuf,
    /// Configuration of the agent whose budgets they are, to show their limits.
    #[arg(long, value_name = "AGENT")]
    pub(super) config: Option<PathBuf>,
    /// Only the budgets of this person.
    #[arg(long, value_name = "ID")]
    pub(super) user: Option<String>,
    /// Seconds from one look to the next.
    #[arg(long, value_name = "SECONDS", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) interval: u32,
    /// Looks, and the end; without it, until Ctrl-C.
    #[arg(long, short = 'n', value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) count: Option<u32>,
    /// Print each look as a line of JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Show who or what spent the most.
#[derive(Debug, Args)]
pub(super) struct TopArguments {
    /// Ledger or export.
    pub(super) file: PathBuf,
    /// What is compared.
    #[arg(long, value_enum, default_value_t = GroupBy::User)]
    pub(super) by: GroupBy,
    /// How many are shown.
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 10,
          value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) count: u32,
    #[command(flatten)]
    pub(super) filter: FilterArguments,
    /// Print the list as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Write what was spent into a file: JSON, CSV or SQLite.
#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    /// Ledger or export.
    pub(super) file: PathBuf,
    /// File to write. It appears when it is complete.
    #[arg(value_name = "OUT")]
    pub(super) to: PathBuf,
    /// `json`, `csv` or `sqlite`; without it, the ending of OUT tells.
    #[arg(long, value_name = "NAME")]
    pub(super) format: Option<String>,
    #[command(flatten)]
    pub(super) filter: FilterArguments,
    /// Print what was written as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Book the entries of an export into a ledger: in its entries and sums, on no budget.
#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    /// Export, or another ledger.
    pub(super) file: PathBuf,
    /// Ledger to book into; made when there is none.
    #[arg(long, value_name = "LEDGER")]
    pub(super) into: PathBuf,
    /// Book into a ledger that has entries already; those of FILE are not compared with them.
    #[arg(long)]
    pub(super) append: bool,
    /// Print what was booked as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Forecast what will be spent, and when a budget is used up.
#[derive(Debug, Args)]
pub(super) struct ForecastArguments {
    /// Ledger or export.
    pub(super) file: PathBuf,
    /// Days ahead.
    #[arg(long, value_name = "COUNT", default_value_t = 7)]
    pub(super) days: u32,
    /// A budget in USD, counted from now on.
    #[arg(long, value_name = "USD")]
    pub(super) budget: Option<Usd>,
    /// Draw history and forecast into this file, SVG or PNG by its ending.
    #[arg(long, value_name = "OUT")]
    pub(super) plot: Option<PathBuf>,
    #[command(flatten)]
    pub(super) filter: FilterArguments,
    /// Print the forecast as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// What sums are made by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum GroupBy {
    /// Day in UTC.
    Day,
    /// Model.
    Model,
    /// Provider.
    Provider,
    /// Person.
    User,
    /// Tier.
    Tier,
    /// Organisation.
    Tenant,
    /// API key, by its id.
    Key,
    /// Session.
    Session,
    /// Part in the run: draft, verifier, …
    Role,
}
