use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use super::Fields;
use super::response_format::read_response_format;
use super::tool::{read_tool_choice, read_tools, write_tool, write_tool_choice};
use crate::error::{Error, Result};
use crate::types::{BatchOptions, RunOptions};

/// The options of a run from a mapping of the names of [`RunOptions`], times in milliseconds as
/// `deadline_ms`; every field is optional and unknown ones are refused.
///
/// # Errors
/// A validation error that names the field.
pub fn read_run_options(value: Value) -> Result<RunOptions> {
    let mut fields = Fields::new("options", value)?;
    let options = RunOptions {
        max_tokens: fields.take("max_tokens")?,
        temperature: fields.take("temperature")?,
        top_p: fields.take("top_p")?,
        stop: read_stop(&mut fields)?,
        seed: fields.take("seed")?,
        system_prompt: fields.take("system_prompt")?,
        tools: match fields.take_value("tools") {
            Some(tools) => read_tools("tools", &tools)?.into(),
            None => Arc::default(),
        },
        tool_choice: fields.take_value("tool_choice").as_ref().map(read_tool_choice).transpose()?,
        response_format: fields
            .take_value("response_format")
            .as_ref()
            .map(read_response_format)
            .transpose()?,
        complexity_hint: fields
            .take::<String>("complexity_hint")?
            .map(|hint| hint.to_lowercase().parse())
            .transpose()?,
        force_direct: fields.take_or_default("force_direct")?,
        domain_hint: fields.take("domain_hint")?,
        domain_confidence_hint: fields.take("domain_confidence_hint")?,
        quality_threshold: fields.take("quality_threshold")?,
        deadline: fields.take_milliseconds("deadline_ms")?,
        stream_policy: fields.take("stream_policy")?,
        strategy: fields.take("strategy")?.map(Arc::new),
        max_steps: fields.take("max_steps")?,
        user_id: fields.take("user_id")?,
        tenant_id: fields.take("tenant_id")?,
        user_tier: fields.take("user_tier")?,
        key_id: fields.take("key_id")?,
        session_id: fields.take("session_id")?,
        workflow: fields.take("workflow")?,
        channel: fields.take("channel")?,
        metadata: fields.take_or_default("metadata")?,
        extra: fields.take_or_default("extra")?,
    };
    fields.finish()?;
    Ok(options)
}

/// The options as [`read_run_options`] reads them; those that take the default are left out.
pub fn write_run_options(options: &RunOptions) -> Map<String, Value> {
    let mut written = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        written.extend(value.map(|value| (name.to_owned(), value)));
    };
    put("max_tokens", plain(options.max_tokens));
    put("temperature", plain(options.temperature));
    put("top_p", plain(options.top_p));
    put("stop", plain(some_list(&options.stop)));
    put("seed", plain(options.seed));
    put("system_prompt", plain(options.system_prompt.as_deref()));
    let tools: Vec<Value> = options.tools.iter().map(write_tool).collect();
    put("tools", plain(some_list(&tools)));
    put("tool_choice", options.tool_choice.as_ref().map(write_tool_choice));
    put("response_format", plain(options.response_format.as_ref()));
    put("complexity_hint", plain(options.complexity_hint));
    put("force_direct", options.force_direct.then_some(Value::Bool(true)));
    put("domain_hint", plain(options.domain_hint.as_deref()));
    put("domain_confidence_hint", plain(options.domain_confidence_hint));
    put("quality_threshold", plain(options.quality_threshold));
    put("deadline_ms", plain(options.deadline.map(|deadline| deadline.as_secs_f64() * 1_000.0)));
    put("stream_policy", plain(options.stream_policy));
    put("strategy", plain(options.strategy.as_deref()));
    put("max_steps", plain(options.max_steps));
    put("user_id", plain(options.user_id.as_deref()));
    put("tenant_id", plain(options.tenant_id.as_deref()));
    put("user_tier", plain(options.user_tier.as_deref()));
    put("key_id", plain(options.key_id.as_deref()));
    put("session_id", plain(options.session_id.as_deref()));
    put("workflow", plain(options.workflow.as_deref()));
    put("channel", plain(options.channel.as_deref()));
    put("metadata", some_map(&options.metadata));
    put("extra", some_map(&options.extra));
    written
}

fn plain(value: Option<impl Serialize>) -> Option<Value> {
    // Serialising these values cannot fail: their map keys are strings.
    value.and_then(|value| serde_json::to_value(value).ok())
}

fn some_list<T>(list: &[T]) -> Option<&[T]> {
    Some(list).filter(|list| !list.is_empty())
}

fn some_map(map: &Map<String, Value>) -> Option<Value> {
    (!map.is_empty()).then(|| Value::Object(map.clone()))
}

fn read_stop(fields: &mut Fields) -> Result<Vec<String>> {
    match fields.take_value("stop") {
        None => Ok(Vec::new()),
        Some(Value::String(one)) => Ok(vec![one]),
        Some(list) => serde_json::from_value(list).map_err(|error| {
            Error::validation(
                "stop",
                format!("`stop` cannot be read: {error}"),
                "give a text or a list of texts",
            )
        }),
    }
}

/// The options of a batch from a mapping: `max_parallel`, `timeout_per_query_ms` (null for none),
/// `total_timeout_ms`, `stop_on_error`, `retries`; what is absent takes the default.
///
/// # Errors
/// A validation error that names the field.
pub fn read_batch_options(value: Value) -> Result<BatchOptions> {
    let mut batch = BatchOptions::default();
    if value.get("timeout_per_query_ms").is_some_and(Value::is_null) {
        batch.timeout_per_query = None;
    }
    let mut fields = Fields::new("batch", value)?;
    if let Some(max_parallel) = fields.take("max_parallel")? {
        batch.max_parallel = max_parallel;
    }
    if batch.max_parallel == 0 {
        return Err(Error::validation("max_parallel", "max_parallel is zero", "give at least 1"));
    }
    if let Some(timeout) = fields.take_milliseconds("timeout_per_query_ms")? {
        batch.timeout_per_query = Some(timeout);
    }
    batch.total_timeout = fields.take_milliseconds("total_timeout_ms")?;
    batch.stop_on_error = fields.take_or_default("stop_on_error")?;
    if let Some(retries) = fields.take("retries")? {
        batch.retries = retries;
    }
    // A null was read above; it is no field left over.
    fields.take_value("timeout_per_query_ms");
    fields.finish()?;
    Ok(batch)
}
