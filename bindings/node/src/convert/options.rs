//! What a caller asks: the query, the options of a run and of a batch.

use std::sync::Arc;
use std::time::Duration;

use cascadeflow::{BatchOptions, Error, Input, Result, RunOptions};

use super::Fields;
use super::chat::{read_messages, read_response_format, read_tool_choice, read_tools};

/// The query of a request: `query`, or the conversation in `messages`.
pub(crate) fn read_input(request: &mut Fields) -> Result<Input> {
    if let Some(messages) = request.take_value("messages") {
        return Ok(Input::Messages(read_messages(messages)?));
    }
    request.take::<String>("query")?.map(Input::Text).ok_or_else(|| {
        Error::validation(
            "query",
            "there is no query",
            "give a text, or a list of messages that ends with a user's",
        )
    })
}

/// The options of a run, from `options` of a request; every field is optional.
pub(crate) fn read_options(request: &mut Fields) -> Result<RunOptions> {
    let Some(value) = request.take_value("options") else { return Ok(RunOptions::default()) };
    let mut fields = Fields::new("options", value)?;
    let options = RunOptions {
        max_tokens: fields.take("max_tokens")?,
        temperature: fields.take("temperature")?,
        top_p: fields.take("top_p")?,
        stop: fields.take_or_default("stop")?,
        seed: fields.take("seed")?,
        system_prompt: fields.take("system_prompt")?,
        tools: fields.take_value("tools").map(read_tools).transpose()?.unwrap_or_default(),
        tool_choice: fields.take_value("tool_choice").as_ref().map(read_tool_choice).transpose()?,
        response_format: fields
            .take_value("response_format")
            .map(read_response_format)
            .transpose()?,
        complexity_hint: fields
            .take::<String>("complexity_hint")?
            .map(|hint| hint.parse())
            .transpose()?,
        force_direct: fields.take_or_default("force_direct")?,
        domain_hint: fields.take("domain_hint")?,
        domain_confidence_hint: fields.take("domain_confidence_hint")?,
        quality_threshold: fields.take("quality_threshold")?,
        deadline: take_milliseconds(&mut fields, "deadline_ms")?,
        stream_policy: fields.take("stream_policy")?,
        strategy: fields.take("strategy")?.map(Arc::new),
        max_steps: fields.take("max_steps")?,
        user_id: fields.take("user_id")?,
        tenant_id: fields.take("tenant_id")?,
        user_tier: fields.take("user_tier")?,
        workflow: fields.take("workflow")?,
        channel: fields.take("channel")?,
        metadata: fields.take_or_default("metadata")?,
        extra: fields.take_or_default("extra")?,
    };
    fields.finish()?;
    Ok(options)
}

/// The options of a batch, from `batch` of a request; what is absent takes the engine's default.
pub(crate) fn read_batch(request: &mut Fields) -> Result<BatchOptions> {
    let mut batch = BatchOptions::default();
    let Some(value) = request.take_value("batch") else { return Ok(batch) };
    let mut fields = Fields::new("batch", value)?;
    if let Some(max_parallel) = fields.take("max_parallel")? {
        batch.max_parallel = max_parallel;
    }
    if let Some(timeout) = take_milliseconds(&mut fields, "timeout_per_query_ms")? {
        batch.timeout_per_query = Some(timeout);
    }
    batch.total_timeout = take_milliseconds(&mut fields, "total_timeout_ms")?;
    batch.stop_on_error = fields.take_or_default("stop_on_error")?;
    if let Some(retries) = fields.take("retries")? {
        batch.retries = retries;
    }
    fields.finish()?;
    Ok(batch)
}

fn take_milliseconds(fields: &mut Fields, field: &str) -> Result<Option<Duration>> {
    let Some(milliseconds) = fields.take::<f64>(field)? else { return Ok(None) };
    Duration::try_from_secs_f64(milliseconds / 1000.0).map(Some).map_err(|_| {
        Error::validation(
            field,
            format!("`{field}` is out of range: `{milliseconds}`"),
            "give milliseconds, zero or more",
        )
    })
}
