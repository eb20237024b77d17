use std::path::PathBuf;
use std::time::Duration;

use cascadeflow::ModelConfig;
use clap::Args;

use super::model_flag::parse_model;
use super::time_span::parse_time_span;

/// Ask one question and stream the answer.
///
/// The cheapest model drafts, the draft is judged, and the strongest model answers when the draft
/// is rejected or the question is hard.
///
/// Models come from `--model`, else from `--config`, else from the API keys in the environment and
/// the local Ollama server.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The question; `-` reads it from standard input.
    pub(crate) query: String,
    /// A model as `provider/name`, with USD per 1,000 tokens after a colon where the price catalogue
    /// should not be asked: `openai/gpt-4o-mini:0.00015`. Repeat it for each model.
    #[arg(long = "model", short = 'm', value_name = "PROVIDER/NAME[:COST]", value_parser = parse_model)]
    pub(crate) models: Vec<ModelConfig>,
    /// Base URL of the API of every `--model`, such as that of a local server.
    #[arg(long, value_name = "URL", requires = "models")]
    pub(crate) base_url: Option<String>,
    /// Configuration file, YAML or JSON.
    #[arg(long, short = 'c', value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// System prompt.
    #[arg(long, value_name = "TEXT")]
    pub(crate) system: Option<String>,
    /// Most tokens of an answer.
    #[arg(long, value_name = "N")]
    pub(crate) max_tokens: Option<u32>,
    /// Sampling temperature, from 0 to 2.
    #[arg(long, value_name = "T")]
    pub(crate) temperature: Option<f64>,
    /// Time for everything together, such as `30s`, `500ms` or `2m`.
    #[arg(long, value_name = "TIME", value_parser = parse_time_span)]
    pub(crate) deadline: Option<Duration>,
    /// Ask the strongest model without a draft.
    #[arg(long)]
    pub(crate) force_direct: bool,
    /// Show the answer when it is complete instead of as it comes.
    #[arg(long)]
    pub(crate) no_stream: bool,
    /// Show a draft while it is written; a rejected one is followed by a notice and the answer
    /// that replaces it.
    #[arg(long, conflicts_with_all = ["no_stream", "json"])]
    pub(crate) optimistic: bool,
    /// Show every decision and its reason.
    #[arg(long)]
    pub(crate) explain: bool,
    /// Print the whole result as JSON, decisions included.
    #[arg(long)]
    pub(crate) json: bool,
    /// Show the answer only.
    #[arg(long, short = 'q', conflicts_with_all = ["json", "explain"])]
    pub(crate) quiet: bool,
}
