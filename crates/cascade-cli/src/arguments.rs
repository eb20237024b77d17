//! The command line.

use clap::{Parser, Subcommand};

use crate::demo::DemoArguments;
use crate::ledger::LedgerArguments;
use crate::models::ModelsArguments;
use crate::replay::ReplayArguments;
use crate::run::RunArguments;

/// Ask a cheap model first, judge its answer, and ask a strong model only when needed.
#[derive(Debug, Parser)]
#[command(name = "cascadeflow", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What each command does stands on its arguments.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(RunArguments),
    Models(ModelsArguments),
    Demo(DemoArguments),
    Replay(ReplayArguments),
    Ledger(LedgerArguments),
}
