use cascadeflow::AgentConfig;

use super::run::Generated;

/// The JSON Schema of the agent's configuration.
pub(super) fn generate() -> Result<Generated, serde_json::Error> {
    let schema = schemars::schema_for!(AgentConfig);
    let mut text = serde_json::to_string_pretty(&schema)?;
    text.push('\n');
    Ok(Generated { path: "docs/reference/agent-config.schema.json", text })
}
