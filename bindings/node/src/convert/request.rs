//! What is asked: the query and options of a call, and the request of one model.

use std::sync::Arc;

use cascadeflow::chat_json::{
    Fields, read_input, read_messages, read_response_format, read_run_options, read_tool_choice,
    read_tools, write_message, write_tool, write_tool_choice,
};
use cascadeflow::{ChatRequest, Error, Input, Message, ResponseFormat, Result, Role, RunOptions};
use serde::Serialize;
use serde_json::{Map, Value};

/// The query and the options of a call: the text `query`, or `messages` of the JSON text `request`,
/// which also holds `options`.
pub(crate) fn read_call(
    query: Option<String>,
    request: Option<&str>,
) -> Result<(Input, RunOptions)> {
    let mut fields = match request {
        Some(request) => Fields::parse("request", request)?,
        None => Fields::new("request", Value::Object(Map::new()))?,
    };
    let options = match fields.take_value("options") {
        Some(options) => read_run_options(options)?,
        None => RunOptions::default(),
    };
    let input = match (query, fields.take_value("messages")) {
        (Some(query), _) => Input::Text(query),
        (None, Some(messages)) => read_input("messages", &messages)?,
        (None, None) => {
            return Err(Error::validation(
                "query",
                "there is no query",
                "give a text, or a list of messages that ends with a user's",
            ));
        }
    };
    fields.finish()?;
    Ok((input, options))
}

/// A request as a user's provider class is given it: the published `ProviderRequest` and what the
/// engine knows beyond it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestView<'a> {
    messages: Vec<Value>,
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_prompt: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<&'a ResponseFormat>,
    stream: bool,
    #[serde(skip_serializing_if = "Map::is_empty")]
    extra: &'a Map<String, Value>,
}

impl<'a> RequestView<'a> {
    /// The view of `request`; `stream` says how it will be answered.
    pub(crate) fn new(request: &'a ChatRequest, stream: bool) -> Self {
        Self {
            messages: request.messages.iter().flat_map(write_message).collect(),
            model: &request.model,
            max_tokens: request.max_tokens,
            temperature: request.temperature,
            top_p: request.top_p,
            stop: &request.stop,
            seed: request.seed,
            system_prompt: request.system.as_deref(),
            tools: request.tools.iter().map(write_tool).collect(),
            tool_choice: request.tool_choice.as_ref().map(write_tool_choice),
            response_format: request.response_format.as_deref(),
            stream,
            extra: &request.extra,
        }
    }
}

/// A `ProviderRequest` that a caller gives to a built-in provider. System messages become the
/// system prompt.
pub(crate) fn read_chat_request(text: &str) -> Result<ChatRequest> {
    let mut fields = Fields::parse("request", text)?;
    let model: String = fields.take("model")?.ok_or_else(|| {
        Error::validation("model", "the request has no `model`", "give the provider's model id")
    })?;
    let messages = match fields.take_value("messages") {
        Some(Value::String(text)) => vec![Message::user(text)],
        Some(list) => read_messages("messages", &list)?,
        None => {
            return Err(Error::validation(
                "messages",
                "the request has no `messages`",
                "give a text, or a list of messages",
            ));
        }
    };
    let (system, messages): (Vec<_>, Vec<_>) =
        messages.into_iter().partition(|message| message.role == Role::System);
    let system = fields
        .take::<String>("system_prompt")?
        .into_iter()
        .chain(system.iter().map(Message::text))
        .collect::<Vec<_>>()
        .join("\n\n");
    let mut request = ChatRequest::new(model, messages);
    request.system = (!system.is_empty()).then(|| system.into());
    request.max_tokens = fields.take("max_tokens")?;
    request.temperature = fields.take("temperature")?;
    request.top_p = fields.take("top_p")?;
    request.stop = fields.take_or_default::<Vec<String>>("stop")?.into();
    request.seed = fields.take("seed")?;
    if let Some(tools) = fields.take_value("tools") {
        request.tools = read_tools("tools", &tools)?.into();
    }
    request.tool_choice =
        fields.take_value("tool_choice").as_ref().map(read_tool_choice).transpose()?;
    request.response_format = fields
        .take_value("response_format")
        .as_ref()
        .map(read_response_format)
        .transpose()?
        .map(Arc::new);
    request.logprobs = fields.take_or_default("logprobs")?;
    request.extra = Arc::new(fields.take_or_default("extra")?);
    fields.finish()?;
    Ok(request)
}
