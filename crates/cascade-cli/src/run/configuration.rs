use cascadeflow::providers::ProviderRegistry;
use cascadeflow::{Agent, AgentConfig, Error, Result, RunOptions, StreamPolicy};

use super::arguments::RunArguments;
use super::discovery;
use crate::environment::Environment;

/// The agent that the arguments and the environment describe.
///
/// # Errors
/// A config error when no model is found, or what makes the configuration unusable.
pub(super) async fn agent(arguments: &RunArguments, environment: &Environment) -> Result<Agent> {
    let mut config = match &arguments.config {
        Some(path) => AgentConfig::from_path(path)?,
        None => AgentConfig::default(),
    };
    if !arguments.models.is_empty() {
        config.models.clone_from(&arguments.models);
        for model in &mut config.models {
            model.base_url.clone_from(&arguments.base_url);
        }
    }
    if config.models.is_empty() {
        config.models = discovery::find_models(environment).await;
    }
    if config.models.is_empty() {
        return Err(Error::config(
            "models",
            "no model is configured",
            format!(
                "set one of {}, start Ollama with a model, name models with \
                 `--model provider/name`, or give `--config FILE`",
                discovery::key_variables().join(", ")
            ),
        ));
    }
    let registry = ProviderRegistry::builtin();
    config.builder(|model| registry.create(model, &|name| environment.get(name)))?.build()
}

/// The options of the run that the arguments give.
pub(super) fn options(arguments: &RunArguments) -> RunOptions {
    RunOptions {
        max_tokens: arguments.max_tokens,
        temperature: arguments.temperature,
        system_prompt: arguments.system.clone(),
        force_direct: arguments.force_direct,
        deadline: arguments.deadline,
        stream_policy: arguments.optimistic.then_some(StreamPolicy::Optimistic),
        ..RunOptions::default()
    }
}
