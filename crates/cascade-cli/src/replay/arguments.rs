use std::path::PathBuf;

use cascadeflow::Usd;
use clap::Args;

/// Measure the judge on recorded answers of a cheap and a strong model.
///
/// Every row goes through the engine as a cascade: the recorded cheap answer is the draft, the
/// judge accepts or rejects it, and the recorded strong answer follows a rejection. Each FILE holds
/// JSON Lines, gzipped or not; a row has `prompt`, `cheap`, `strong` (the texts), `cheap_q` and
/// `strong_q` (quality from 0 to 1), and may have `id`, `cheap_model` and `strong_model`.
///
/// The cascade is set against three policies with the same acceptance: drafts accepted at random,
/// the shortest drafts accepted, and the best possible choice (oracle).
#[derive(Debug, Args)]
#[command(after_long_help = include_str!("../../data/replay_figures.txt"))]
pub(crate) struct ReplayArguments {
    /// Files of recorded drafts.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Print the report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Draw quality against acceptance into this file, SVG or PNG by its ending.
    #[arg(long, value_name = "OUT")]
    pub(crate) plot: Option<PathBuf>,
    /// Price of the strong model as a multiple of the cheap one's. Without it, prices come from the
    /// catalogue where both models are known there, else the multiple is 10.
    #[arg(long, value_name = "RATIO")]
    pub(crate) price_ratio: Option<Usd>,
    /// Judge with the `quality` section of this configuration file instead of the defaults.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Leave out malformed lines and count them instead of stopping at the first.
    #[arg(long)]
    pub(crate) skip_bad: bool,
}
