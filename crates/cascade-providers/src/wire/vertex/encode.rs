use std::borrow::Cow;

use cascade_core::{
    ChatRequest, Error, ImageSource, Message, Part, ResponseFormat, Result, Role, ToolChoice,
};
use serde_json::{Map, Value, json};

use super::{
    FunctionCallingConfig, FunctionDeclaration, GeminiContent, GeminiFileData, GeminiFunctionCall,
    GeminiFunctionResponse, GeminiInlineData, GeminiPart, GenerateContentRequest, GenerationConfig,
    ToolConfig, ToolDeclarations,
};
use crate::wire::signature::{SignatureOwner, own_signature};

/// Number of alternatives asked for with each token's log-probability.
const TOP_LOGPROBS: u8 = 5;

/// Extra parameters that stand beside `generationConfig`; all others belong into it.
const TOP_LEVEL: [&str; 11] = [
    "model",
    "messages",
    "contents",
    "stream",
    "generationConfig",
    "safetySettings",
    "cachedContent",
    "labels",
    "tools",
    "toolConfig",
    "systemInstruction",
];

/// What a server and a model accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncodeRules {
    /// Whether calls and results carry ids.
    pub call_ids: bool,
    /// Signature for a call whose own is not known, as when another model made it; `None` leaves
    /// it out.
    pub placeholder_signature: Option<&'static str>,
    /// Whether log-probabilities can be asked for.
    pub logprobs: bool,
}

impl Default for EncodeRules {
    fn default() -> Self {
        Self { call_ids: true, placeholder_signature: None, logprobs: true }
    }
}

/// `request` in this dialect. Reasoning goes back as the signature of the call it led to; its text
/// is left out.
///
/// # Errors
/// A validation error when a message cannot be expressed.
pub fn encode_request(
    request: &ChatRequest,
    rules: EncodeRules,
) -> Result<GenerateContentRequest<'_>> {
    let mut system: Vec<GeminiPart> = request
        .system
        .as_deref()
        .filter(|text| !text.is_empty())
        .map(text_part)
        .into_iter()
        .collect();
    let mut contents: Vec<GeminiContent> = Vec::with_capacity(request.messages.len());
    for (index, message) in request.messages.iter().enumerate() {
        let parts = encode_parts(message, index, &request.messages[..index], rules)?;
        let role = match message.role {
            Role::System => {
                system.extend(parts);
                continue;
            }
            Role::User | Role::Tool => "user",
            Role::Assistant => "model",
        };
        match contents.last_mut() {
            // The results of all calls of one turn must stand in one message.
            Some(last) if last.role.as_deref() == Some(role) => last.parts.extend(parts),
            _ if parts.is_empty() => {}
            _ => contents.push(GeminiContent { role: Some(role.to_owned()), parts }),
        }
    }
    let has_tools = !request.tools.is_empty();
    let (response_mime_type, response_json_schema) = match request.response_format.as_deref() {
        None | Some(ResponseFormat::Text) => (None, None),
        Some(ResponseFormat::JsonObject) => (Some("application/json"), None),
        Some(ResponseFormat::JsonSchema { schema, .. }) => (Some("application/json"), Some(schema)),
    };
    let logprobs = request.logprobs && rules.logprobs;
    Ok(GenerateContentRequest {
        contents,
        system_instruction: (!system.is_empty())
            .then_some(GeminiContent { role: None, parts: system }),
        tools: has_tools.then(|| vec![encode_tools(request)]),
        tool_config: request.tool_choice.as_ref().filter(|_| has_tools).map(encode_tool_choice),
        generation_config: GenerationConfig {
            temperature: request.temperature,
            top_p: request.top_p,
            max_output_tokens: request.max_tokens,
            stop_sequences: (!request.stop.is_empty())
                .then(|| request.stop.iter().map(|text| Cow::Borrowed(&**text)).collect()),
            seed: request.seed,
            response_mime_type: response_mime_type.map(Cow::Borrowed),
            response_json_schema: response_json_schema.map(Cow::Borrowed),
            response_logprobs: logprobs.then_some(true),
            logprobs: logprobs.then_some(TOP_LOGPROBS),
            extra: Map::new(),
        },
        extra: Map::new(),
    })
}

/// Moves the extra parameters that belong to generation into `generationConfig`.
pub(crate) fn encode_extra(extra: &Map<String, Value>) -> Map<String, Value> {
    let mut top = Map::new();
    let mut generation = Map::new();
    for (name, value) in extra {
        // The driver's own fields are kept in place, so that setting them is refused there.
        if TOP_LEVEL.contains(&name.as_str()) {
            top.insert(name.clone(), value.clone());
        } else {
            generation.insert(name.clone(), value.clone());
        }
    }
    if !generation.is_empty() {
        if let Some(Value::Object(given)) = top.get("generationConfig") {
            generation.extend(given.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        top.insert("generationConfig".into(), Value::Object(generation));
    }
    top
}

fn text_part(text: &str) -> GeminiPart {
    GeminiPart { text: Some(text.to_owned()), ..GeminiPart::default() }
}

fn encode_parts(
    message: &Message,
    index: usize,
    before: &[Message],
    rules: EncodeRules,
) -> Result<Vec<GeminiPart>> {
    let mut parts = Vec::with_capacity(message.parts.len());
    let mut signatures = Vec::new();
    for part in &message.parts {
        match part {
            Part::Text { text, .. } if text.is_empty() => {}
            Part::Text { text, .. } => parts.push(text_part(text)),
            Part::Image { source } => parts.push(encode_image(source)),
            Part::ToolCall(call) => {
                let args = call.parsed_arguments().filter(Value::is_object);
                let Some(args) = args else {
                    return Err(Error::validation(
                        format!("messages[{index}]"),
                        format!("arguments of tool call `{}` are not a JSON object", call.name),
                        "give the arguments as the text of a JSON object",
                    ));
                };
                parts.push(GeminiPart {
                    function_call: Some(GeminiFunctionCall {
                        id: rules.call_ids.then(|| call.id.clone()),
                        name: call.name.clone(),
                        args: Some(args),
                    }),
                    ..GeminiPart::default()
                });
            }
            Part::ToolResult { call_id, content, is_error } => {
                let Some(name) = name_of_call(before, call_id) else {
                    return Err(Error::validation(
                        format!("messages[{index}]"),
                        format!("tool result answers no call: `{call_id}`"),
                        "keep the assistant's message with the call before its result",
                    ));
                };
                let field = if *is_error { "error" } else { "output" };
                parts.push(GeminiPart {
                    function_response: Some(GeminiFunctionResponse {
                        id: rules.call_ids.then(|| call_id.clone()),
                        name: name.to_owned(),
                        response: json!({ field: content }),
                    }),
                    ..GeminiPart::default()
                });
            }
            Part::CacheMark { .. } => {}
            Part::Thinking { signature, .. } => {
                signatures.extend(
                    signature.as_deref().and_then(|s| own_signature(SignatureOwner::Google, s)),
                );
            }
        }
    }
    if message.role == Role::Tool && !parts.iter().any(|part| part.function_response.is_some()) {
        return Err(Error::validation(
            format!("messages[{index}]"),
            "tool message has no tool result",
            "give the id of the call that it answers",
        ));
    }
    sign(&mut parts, &signatures, rules);
    Ok(parts)
}

/// Gives the signatures back to the calls they came with; without a call, to the last text.
fn sign(parts: &mut [GeminiPart], signatures: &[&str], rules: EncodeRules) {
    let mut left = signatures.iter();
    let mut is_first = true;
    for part in parts.iter_mut().filter(|part| part.function_call.is_some()) {
        // Only the first of several calls needs one.
        let placeholder = rules.placeholder_signature.filter(|_| is_first);
        part.thought_signature = left.next().copied().or(placeholder).map(str::to_owned);
        is_first = false;
    }
    if let (true, Some(signature), Some(last)) = (is_first, left.next_back(), parts.last_mut()) {
        last.thought_signature = Some((*signature).to_owned());
    }
}

fn name_of_call<'a>(before: &'a [Message], call_id: &str) -> Option<&'a str> {
    before.iter().rev().flat_map(|message| &message.parts).find_map(|part| match part {
        Part::ToolCall(call) if call.id == call_id => Some(call.name.as_str()),
        _ => None,
    })
}

fn encode_image(source: &ImageSource) -> GeminiPart {
    match source {
        ImageSource::Base64 { media_type, data } => GeminiPart {
            inline_data: Some(GeminiInlineData {
                mime_type: media_type.clone(),
                data: data.clone(),
            }),
            ..GeminiPart::default()
        },
        ImageSource::Url { url } => GeminiPart {
            file_data: Some(GeminiFileData {
                mime_type: Some(media_type_of(url).to_owned()),
                file_uri: url.clone(),
            }),
            ..GeminiPart::default()
        },
    }
}

/// The MIME type that the ending of an address tells; the format requires one.
fn media_type_of(url: &str) -> &'static str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    match path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "heic" => "image/heic",
        "pdf" => "application/pdf",
        _ => "image/jpeg",
    }
}

fn encode_tools(request: &ChatRequest) -> ToolDeclarations<'_> {
    let function_declarations = request
        .tools
        .iter()
        .map(|tool| FunctionDeclaration {
            name: Cow::Borrowed(&tool.name),
            description: (!tool.description.is_empty()).then(|| Cow::Borrowed(&*tool.description)),
            parameters_json_schema: Some(Cow::Borrowed(&tool.parameters)),
        })
        .collect();
    ToolDeclarations { function_declarations }
}

fn encode_tool_choice(choice: &ToolChoice) -> ToolConfig<'_> {
    let (mode, allowed_function_names) = match choice {
        ToolChoice::Auto => ("AUTO", None),
        ToolChoice::None => ("NONE", None),
        ToolChoice::Required => ("ANY", None),
        ToolChoice::Named(name) => ("ANY", Some(vec![Cow::Borrowed(name.as_str())])),
    };
    ToolConfig {
        function_calling_config: FunctionCallingConfig {
            mode: Cow::Borrowed(mode),
            allowed_function_names,
        },
    }
}
