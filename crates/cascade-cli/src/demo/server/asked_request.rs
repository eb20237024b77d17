use serde_json::Value;

/// What the script needs to know of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AskedRequest {
    pub(super) model: String,
    /// Text of the last message of the user.
    pub(super) query: String,
    /// Whether a tool has answered since.
    pub(super) tool_answered: bool,
    /// Characters of the whole prompt.
    pub(super) prompt_characters: usize,
    pub(super) stream: bool,
    pub(super) logprobs: bool,
}

impl AskedRequest {
    /// Reads the body of a request; both dialects agree on what is read here. `None` when it is
    /// not one.
    pub(super) fn read(body: &Value) -> Option<Self> {
        let messages = body["messages"].as_array()?;
        let mut asked = Self {
            model: body["model"].as_str()?.to_owned(),
            query: String::new(),
            tool_answered: false,
            prompt_characters: text_of(&body["system"]).chars().count(),
            stream: body["stream"].as_bool().unwrap_or_default(),
            logprobs: body["logprobs"].as_bool().unwrap_or_default(),
        };
        for message in messages {
            let text = text_of(&message["content"]);
            asked.prompt_characters += text.chars().count();
            if message["role"] == "tool" || has_tool_result(&message["content"]) {
                asked.tool_answered = true;
            } else if message["role"] == "user" {
                asked.query = text;
                asked.tool_answered = false;
            }
        }
        Some(asked)
    }
}

/// Text of a content that is a string or a list of parts.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

fn has_tool_result(content: &Value) -> bool {
    content.as_array().is_some_and(|parts| parts.iter().any(|part| part["type"] == "tool_result"))
}

/// The tokens of a text, at four characters each.
pub(super) fn tokens(characters: usize) -> usize {
    characters.div_ceil(4)
}
