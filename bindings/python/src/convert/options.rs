use std::sync::Arc;
use std::time::Duration;

use cascadeflow::chat_json::{read_response_format, read_tool_choice, read_tools};
use cascadeflow::{Complexity, Error, Result, RunOptions, StreamPolicy};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use super::json::{from_python, json_object, to_json};

/// The arguments of a run that have names of their own in the published signature, as a tuple in
/// this order.
pub(crate) struct RunArguments<'py> {
    max_tokens: Option<Bound<'py, PyAny>>,
    temperature: Option<Bound<'py, PyAny>>,
    complexity_hint: Option<Bound<'py, PyAny>>,
    force_direct: Option<Bound<'py, PyAny>>,
    tools: Option<Bound<'py, PyAny>>,
    tool_choice: Option<Bound<'py, PyAny>>,
    max_steps: Option<Bound<'py, PyAny>>,
    user_tier: Option<Bound<'py, PyAny>>,
    workflow: Option<Bound<'py, PyAny>>,
    domain_hint: Option<Bound<'py, PyAny>>,
    domain_confidence_hint: Option<Bound<'py, PyAny>>,
    tenant_id: Option<Bound<'py, PyAny>>,
    channel: Option<Bound<'py, PyAny>>,
}

impl<'py> From<&Bound<'py, PyTuple>> for RunArguments<'py> {
    fn from(arguments: &Bound<'py, PyTuple>) -> Self {
        let mut items = arguments.iter();
        let mut next = || items.next().filter(|item| !item.is_none());
        Self {
            max_tokens: next(),
            temperature: next(),
            complexity_hint: next(),
            force_direct: next(),
            tools: next(),
            tool_choice: next(),
            max_steps: next(),
            user_tier: next(),
            workflow: next(),
            domain_hint: next(),
            domain_confidence_hint: next(),
            tenant_id: next(),
            channel: next(),
        }
    }
}

/// The options that `arguments` and the further keywords name. Keywords that are no option go to the
/// provider untouched.
pub(crate) fn run_options(
    arguments: RunArguments<'_>,
    keywords: Option<&Bound<'_, PyDict>>,
) -> Result<RunOptions> {
    let mut options = RunOptions {
        max_tokens: optional("max_tokens", arguments.max_tokens, count)?,
        temperature: optional("temperature", arguments.temperature, number)?,
        force_direct: optional("force_direct", arguments.force_direct, truth)?.unwrap_or(false),
        max_steps: optional("max_steps", arguments.max_steps, count)?,
        user_tier: optional("user_tier", arguments.user_tier, text)?,
        workflow: optional("workflow", arguments.workflow, text)?,
        domain_hint: optional("domain_hint", arguments.domain_hint, text)?,
        domain_confidence_hint: optional(
            "domain_confidence_hint",
            arguments.domain_confidence_hint,
            number,
        )?,
        tenant_id: optional("tenant_id", arguments.tenant_id, text)?,
        channel: optional("channel", arguments.channel, text)?,
        ..RunOptions::default()
    };
    if let Some(hint) = arguments.complexity_hint {
        options.complexity_hint = Some(complexity(&hint)?);
    }
    if let Some(offered) = arguments.tools {
        options.tools = read_tools("tools", &to_json("tools", &offered)?)?.into();
    }
    if let Some(choice) = arguments.tool_choice {
        options.tool_choice = Some(read_tool_choice(&to_json("tool_choice", &choice)?)?);
    }
    for (key, value) in keywords.into_iter().flatten() {
        let Ok(key) = key.cast::<PyString>() else { continue };
        if !value.is_none() {
            keyword(&mut options, &key.to_string_lossy(), &value)?;
        }
    }
    Ok(options)
}

fn keyword(options: &mut RunOptions, name: &str, value: &Bound<'_, PyAny>) -> Result<()> {
    match name {
        "system_prompt" => options.system_prompt = Some(text(name, value)?),
        "top_p" => options.top_p = Some(number(name, value)?),
        "stop" => options.stop = stop(value)?,
        "seed" => options.seed = Some(from_python(name, value)?),
        "response_format" => {
            options.response_format = Some(read_response_format(&to_json(name, value)?)?);
        }
        "quality_threshold" => options.quality_threshold = Some(number(name, value)?),
        "deadline" | "timeout" => options.deadline = Some(seconds(name, value)?),
        "deadline_ms" => {
            options.deadline = Some(Duration::from_millis(from_python(name, value)?));
        }
        "stream_policy" => options.stream_policy = Some(from_python::<StreamPolicy>(name, value)?),
        "strategy" => options.strategy = Some(Arc::new(from_python(name, value)?)),
        "user_id" => options.user_id = Some(text(name, value)?),
        "session_id" => options.session_id = Some(text(name, value)?),
        "key_id" => options.key_id = Some(text(name, value)?),
        "metadata" => options.metadata = json_object(name, value)?,
        _ => {
            options.extra.insert(name.to_owned(), to_json(name, value)?);
        }
    }
    Ok(())
}

fn optional<'py, T>(
    name: &str,
    value: Option<Bound<'py, PyAny>>,
    read: impl FnOnce(&str, &Bound<'py, PyAny>) -> Result<T>,
) -> Result<Option<T>> {
    value.map(|value| read(name, &value)).transpose()
}

fn truth(name: &str, value: &Bound<'_, PyAny>) -> Result<bool> {
    value.is_truthy().map_err(|_| wrong(name, value, "give True or False"))
}

fn wrong(name: &str, value: &Bound<'_, PyAny>, hint: &str) -> Error {
    let shown = value.repr().map_or_else(|_| String::new(), |repr| repr.to_string());
    Error::validation(name, format!("{name} is out of range or of a wrong type: `{shown}`"), hint)
}

fn count(name: &str, value: &Bound<'_, PyAny>) -> Result<u32> {
    match value.extract::<u32>() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(wrong(name, value, "give a whole number of at least 1")),
    }
}

fn number(name: &str, value: &Bound<'_, PyAny>) -> Result<f64> {
    match value.extract::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(wrong(name, value, "give a finite number")),
    }
}

fn text(name: &str, value: &Bound<'_, PyAny>) -> Result<String> {
    value.extract().map_err(|_| wrong(name, value, "give a str"))
}

fn seconds(name: &str, value: &Bound<'_, PyAny>) -> Result<Duration> {
    let seconds = number(name, value)?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| wrong(name, value, "give seconds above zero"))
}

fn stop(value: &Bound<'_, PyAny>) -> Result<Vec<String>> {
    if let Ok(one) = value.extract::<String>() {
        return Ok(vec![one]);
    }
    value.extract().map_err(|_| wrong("stop", value, "give a str or a list of str"))
}

fn complexity(value: &Bound<'_, PyAny>) -> Result<Complexity> {
    // Members of the published enumeration carry the name as their value.
    let plain = value.getattr("value").unwrap_or_else(|_| value.clone());
    text("complexity_hint", &plain)?.to_lowercase().parse()
}
