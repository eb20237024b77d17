//! The command line.

use clap::{Parser, Subcommand};

use crate::demo::DemoArguments;
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

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask one question and stream the answer.
    Run(RunArguments),
    /// List the models with known prices.
    Models(ModelsArguments),
    /// Show the engine at work on scripted models: needs no key and no network.
    Demo(DemoArguments),
    /// Measure the judge on recorded answers of a cheap and a strong model.
    Replay(ReplayArguments),
}
