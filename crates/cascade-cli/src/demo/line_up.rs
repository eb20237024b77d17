use std::collections::BTreeMap;
use std::sync::Arc;

use cascadeflow::providers::ProviderRegistry;
use cascadeflow::{Agent, AgentConfig, ApiKey, Error, ErrorKind, ModelConfig, Result};

use super::script::{Cast, Dialect};
use super::server::{KEY, ScriptedServers};
use super::toolbox::Toolbox;

/// The agent of each line-up, by name.
pub(super) struct LineUps {
    agents: BTreeMap<String, Agent>,
}

impl LineUps {
    /// Makes the agents as a user would: from configuration, over the built-in providers.
    pub(super) fn new(
        cast: &Cast,
        servers: &ScriptedServers,
        toolbox: &Arc<Toolbox>,
    ) -> Result<Self> {
        let registry = ProviderRegistry::builtin();
        let mut agents = BTreeMap::new();
        for line_up in &cast.line_ups {
            let config = AgentConfig {
                models: cast
                    .models
                    .iter()
                    .filter(|model| {
                        line_up.models.contains(&model.name)
                            || line_up.fallbacks.contains(&model.name)
                    })
                    .map(|model| ModelConfig {
                        base_url: Some(servers.base_url(model.dialect)),
                        api_key: Some(ApiKey::new(KEY)),
                        ..ModelConfig::new(&model.name, provider(model.dialect))
                            .with_cost(model.cost)
                    })
                    .collect(),
                fallbacks: line_up.fallbacks.clone(),
                ..AgentConfig::default()
            };
            let agent = config
                .builder(|model| registry.create(model, &|_| None))?
                .tool_handler(Arc::clone(toolbox) as _)
                .build()?;
            agents.insert(line_up.name.clone(), agent);
        }
        Ok(Self { agents })
    }

    /// The agent of a line-up.
    pub(super) fn get(&self, name: &str) -> Result<&Agent> {
        self.agents.get(name).ok_or_else(|| {
            Error::new(ErrorKind::Internal, format!("the demo script has no line-up `{name}`"))
        })
    }
}

const fn provider(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Openai => "openai",
        Dialect::Anthropic => "anthropic",
    }
}
