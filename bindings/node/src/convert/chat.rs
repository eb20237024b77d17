//! Conversations, tools and requests.

use std::sync::Arc;

use cascadeflow::{
    ChatRequest, Error, ImageSource, Message, Part, ResponseFormat, Result, Role, Tool, ToolCall,
    ToolChoice,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Fields;
use super::fields::kind_of;

/// The messages of a conversation as published: `role`, `content` (a text, or parts), `name`,
/// `tool_calls`, `tool_call_id`.
pub(crate) fn read_messages(value: Value) -> Result<Vec<Message>> {
    let Value::Array(messages) = value else {
        return Err(Error::validation(
            "messages",
            format!("`messages` is not a list: `{}`", kind_of(&value)),
            "give a list of `{role, content}`",
        ));
    };
    messages.into_iter().map(read_message).collect()
}

fn read_message(value: Value) -> Result<Message> {
    let mut fields = Fields::new("messages", value)?;
    let role: Role = fields.take("role")?.ok_or_else(|| {
        Error::validation(
            "role",
            "a message has no `role`",
            "use `system`, `user`, `assistant` or `tool`",
        )
    })?;
    let content = fields.take_value("content");
    let name = fields.take("name")?;
    let mut parts = Vec::new();
    if role == Role::Tool {
        let call_id = fields.take_or_default("tool_call_id")?;
        let is_error = fields.take_or_default("is_error")?;
        let text = content.map(read_parts).transpose()?.unwrap_or_default();
        let content = Message { role, parts: text, name: None }.text();
        parts.push(Part::ToolResult { call_id, content, is_error });
        return Ok(Message { role, parts, name });
    }
    if let Some(content) = content {
        parts.extend(read_parts(content)?);
    }
    if let Some(calls) = fields.take_value("tool_calls") {
        parts.extend(read_tool_calls(calls)?.into_iter().map(Part::ToolCall));
    }
    Ok(Message { role, parts, name })
}

fn read_parts(content: Value) -> Result<Vec<Part>> {
    match content {
        Value::String(text) => Ok(vec![Part::text(text)]),
        Value::Array(parts) => parts.into_iter().map(read_part).collect(),
        other => Err(Error::validation(
            "content",
            format!("`content` of a message is neither text nor parts: `{}`", kind_of(&other)),
            "give a text, or a list of parts such as `{type: 'text', text}`",
        )),
    }
}

fn read_part(value: Value) -> Result<Part> {
    // OpenAI's form of an image, which callers hold in their hands; the others are the engine's.
    if value.get("type").and_then(Value::as_str) == Some("image_url") {
        let url = value.pointer("/image_url/url").and_then(Value::as_str).ok_or_else(|| {
            Error::validation("image_url", "an image part has no URL", "give `image_url: {url}`")
        })?;
        return Ok(Part::Image { source: image_source(url) });
    }
    serde_json::from_value(value).map_err(|error| {
        Error::validation(
            "content",
            format!("a part of a message cannot be read: {error}"),
            "give parts such as `{type: 'text', text}` or `{type: 'image_url', image_url: {url}}`",
        )
    })
}

fn image_source(url: &str) -> ImageSource {
    let inline = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
    match inline {
        Some((media_type, data)) => {
            ImageSource::Base64 { media_type: media_type.to_owned(), data: data.to_owned() }
        }
        None => ImageSource::Url { url: url.to_owned() },
    }
}

/// Tools as published (`{type: 'function', function}`), or flat.
pub(crate) fn read_tools(value: Value) -> Result<Arc<[Tool]>> {
    let malformed = |message: String| {
        Error::validation(
            "tools",
            message,
            "give a list of `{type: 'function', function: {name, description, parameters}}`",
        )
    };
    let Value::Array(tools) = value else {
        return Err(malformed(format!("`tools` is not a list: `{}`", kind_of(&value))));
    };
    tools
        .into_iter()
        .map(|mut tool| {
            let inner = tool.get_mut("function").map(Value::take).unwrap_or(tool);
            serde_json::from_value(inner)
                .map_err(|error| malformed(format!("a tool cannot be read: {error}")))
        })
        .collect()
}

/// `auto`, `none`, `required`, or a tool by name in any of the usual forms.
pub(crate) fn read_tool_choice(value: &Value) -> Result<ToolChoice> {
    let name = ["/function/name", "/named", "/name"]
        .iter()
        .find_map(|path| value.pointer(path).and_then(Value::as_str));
    if let Some(name) = name {
        return Ok(ToolChoice::Named(name.to_owned()));
    }
    match value.as_str().or_else(|| value.get("type").and_then(Value::as_str)) {
        Some("auto") => Ok(ToolChoice::Auto),
        Some("none") => Ok(ToolChoice::None),
        Some("required" | "any") => Ok(ToolChoice::Required),
        _ => Err(Error::validation(
            "tool_choice",
            format!("unknown tool choice: `{value}`"),
            "use `auto`, `none`, `required`, or `{type: 'function', function: {name}}`",
        )),
    }
}

/// The engine's form, or OpenAI's with the schema under `json_schema`.
pub(crate) fn read_response_format(mut value: Value) -> Result<ResponseFormat> {
    if let Some(Value::Object(mut schema)) = value.get_mut("json_schema").map(Value::take) {
        schema.insert("type".to_owned(), json!("json_schema"));
        value = Value::Object(schema);
    }
    serde_json::from_value(value).map_err(|error| {
        Error::validation(
            "response_format",
            format!("`response_format` cannot be read: {error}"),
            "use `{type: 'json_object'}` or `{type: 'json_schema', json_schema: {name, schema}}`",
        )
    })
}

/// Tool calls as published (`{id, type, function: {name, arguments}}`), or flat.
pub(crate) fn read_tool_calls(value: Value) -> Result<Vec<ToolCall>> {
    let Value::Array(calls) = value else {
        return Err(Error::validation(
            "tool_calls",
            format!("`tool_calls` is not a list: `{}`", kind_of(&value)),
            "give a list of `{id, type: 'function', function: {name, arguments}}`",
        ));
    };
    calls.into_iter().map(read_tool_call).collect()
}

fn read_tool_call(mut value: Value) -> Result<ToolCall> {
    let function = value.get_mut("function").map(Value::take);
    let mut outer = Fields::new("tool_calls", value)?;
    let id = outer.take_or_default("id")?;
    let mut inner = match function {
        Some(function) => Fields::new("function", function)?,
        None => outer,
    };
    let name = inner.take("name")?.ok_or_else(|| {
        Error::validation("tool_calls", "a tool call has no `name`", "give the tool's name")
    })?;
    let arguments = match inner.take_value("arguments") {
        None => String::new(),
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
    };
    Ok(ToolCall { id, name, arguments })
}

/// A tool call as published.
#[derive(Serialize)]
pub(crate) struct ToolCallView<'a> {
    id: &'a str,
    r#type: &'static str,
    function: FunctionView<'a>,
}

#[derive(Serialize)]
struct FunctionView<'a> {
    name: &'a str,
    arguments: &'a str,
}

impl<'a> From<&'a ToolCall> for ToolCallView<'a> {
    fn from(call: &'a ToolCall) -> Self {
        Self {
            id: &call.id,
            r#type: "function",
            function: FunctionView { name: &call.name, arguments: &call.arguments },
        }
    }
}

/// A message as published.
#[derive(Serialize)]
struct MessageView<'a> {
    role: Role,
    content: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCallView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a str>,
}

fn message_views(message: &Message) -> Vec<MessageView<'_>> {
    let mut views = Vec::new();
    let mut tool_calls = Vec::new();
    let mut has_images = false;
    for part in &message.parts {
        match part {
            Part::ToolCall(call) => tool_calls.push(ToolCallView::from(call)),
            Part::Image { .. } => has_images = true,
            // One published message holds one result.
            Part::ToolResult { call_id, content, .. } => views.push(MessageView {
                role: Role::Tool,
                content: json!(content),
                name: message.name.as_deref(),
                tool_calls: Vec::new(),
                tool_call_id: Some(call_id),
            }),
            Part::Text { .. } | Part::Thinking { .. } => {}
        }
    }
    let text = message.text();
    if !text.is_empty() || has_images || !tool_calls.is_empty() || views.is_empty() {
        let content = if has_images { parts_view(&message.parts) } else { json!(text) };
        views.push(MessageView {
            role: message.role,
            content,
            name: message.name.as_deref(),
            tool_calls,
            tool_call_id: None,
        });
    }
    views
}

fn parts_view(parts: &[Part]) -> Value {
    parts
        .iter()
        .filter_map(|part| match part {
            Part::Text { text, .. } => Some(json!({"type": "text", "text": text})),
            Part::Image { source } => {
                let url = match source {
                    ImageSource::Url { url } => url.clone(),
                    ImageSource::Base64 { media_type, data } => {
                        format!("data:{media_type};base64,{data}")
                    }
                };
                Some(json!({"type": "image_url", "image_url": {"url": url}}))
            }
            _ => None,
        })
        .collect()
}

/// A request as a user's provider class is given it: the published `ProviderRequest` and what the
/// engine knows beyond it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestView<'a> {
    messages: Vec<MessageView<'a>>,
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
            messages: request.messages.iter().flat_map(message_views).collect(),
            model: &request.model,
            max_tokens: request.max_tokens,
            temperature: request.temperature,
            top_p: request.top_p,
            stop: &request.stop,
            seed: request.seed,
            system_prompt: request.system.as_deref(),
            tools: request
                .tools
                .iter()
                .map(|tool| json!({"type": "function", "function": tool}))
                .collect(),
            tool_choice: request.tool_choice.as_ref().map(tool_choice_view),
            response_format: request.response_format.as_deref(),
            stream,
            extra: &request.extra,
        }
    }
}

fn tool_choice_view(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Named(name) => json!({"type": "function", "function": {"name": name}}),
        other => json!(other),
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
        Some(other) => read_messages(other)?,
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
    request.tools = fields.take_value("tools").map(read_tools).transpose()?.unwrap_or_default();
    request.tool_choice =
        fields.take_value("tool_choice").as_ref().map(read_tool_choice).transpose()?;
    request.response_format =
        fields.take_value("response_format").map(read_response_format).transpose()?.map(Arc::new);
    request.logprobs = fields.take_or_default("logprobs")?;
    request.extra = Arc::new(fields.take_or_default("extra")?);
    fields.finish()?;
    Ok(request)
}
