use clap::Args;

/// Show the engine at work on scripted models: needs no key and no network.
///
/// Two servers inside this process speak the OpenAI and Anthropic dialects over loopback HTTP and
/// answer from scripts. The questions go through the real provider drivers and the real engine:
/// routing, judging, escalation, retries, fallback, prices and timings are not scripted.
#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// Print the report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Let the scripted models answer without their pauses.
    #[arg(long)]
    pub(crate) fast: bool,
}
