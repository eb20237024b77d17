//! The key under which a run's result is kept.

use std::fmt::Write;

use super::run::Run;
use crate::ports::CacheKey;

/// Everything that makes two runs of agents with equal judges and routers the same, as a canonical text. Each value is written with its
/// length, so that no two different runs give one text.
pub(super) fn of(run: &Run<'_>) -> CacheKey {
    let mut key = String::with_capacity(256);
    let options = &run.options;
    put(&mut key, "tenant", &options.tenant_id);
    put(&mut key, "user", &options.user_id);
    put(&mut key, "tier", &options.user_tier);
    put(&mut key, "workflow", &options.workflow);
    put(&mut key, "channel", &options.channel);
    put(&mut key, "messages", &run.conversation.messages);
    put(&mut key, "system", &(&run.conversation.system, &options.system_prompt));
    put(&mut key, "limits", &(options.max_tokens, run.inner.max_tokens, &options.stop));
    put(
        &mut key,
        "sampling",
        &(options.temperature, run.inner.temperature, options.top_p, options.seed),
    );
    put(&mut key, "tools", &(&options.tools, &options.tool_choice));
    put(&mut key, "format", &options.response_format);
    put(&mut key, "direct", &(options.complexity_hint, options.force_direct));
    put(&mut key, "domain", &(&options.domain_hint, options.domain_confidence_hint));
    put(&mut key, "rounds", &options.max_steps);
    put(&mut key, "cascade", &(run.inner.verifier, run.inner.cascade_enabled));
    put(&mut key, "gate", &(options.quality_threshold, &options.strategy));
    put(&mut key, "extra", &options.extra);
    for member in &run.inner.members {
        put(&mut key, "model", &member.config);
    }
    CacheKey(key)
}

fn put(key: &mut String, name: &str, value: &impl serde::Serialize) {
    // Serialising these values cannot fail: their map keys are strings. If it ever did, the text of
    // the error keeps the key distinct from every success.
    let text = serde_json::to_string(value).unwrap_or_else(|error| format!("!{error}"));
    let _ = write!(key, "{name}:{}:{text};", text.len());
}
