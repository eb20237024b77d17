use cascadeflow::chat_json::read_messages;
use cascadeflow::{Error, Input, Message, Result};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};

use super::json::to_json;

/// What a caller asks: a text, a list of messages, or both. The messages count; a text beside them
/// is their last user message unless it is that already.
pub(crate) fn input(
    query: &Bound<'_, PyAny>,
    conversation: Option<&Bound<'_, PyAny>>,
) -> Result<Input> {
    if let Some(conversation) = conversation.filter(|value| !value.is_none()) {
        let mut conversation = messages("messages", conversation)?;
        if let Ok(text) = query.cast::<PyString>() {
            append(&mut conversation, text.to_string_lossy().into_owned());
        }
        return Ok(Input::Messages(conversation));
    }
    if let Ok(text) = query.cast::<PyString>() {
        return Ok(Input::Text(text.to_string_lossy().into_owned()));
    }
    messages("query", query).map(Input::Messages)
}

fn append(conversation: &mut Vec<Message>, text: String) {
    let asked = conversation
        .iter()
        .any(|message| message.role == cascadeflow::Role::User && message.text() == text);
    if !asked && !text.is_empty() {
        conversation.push(Message::user(text));
    }
}

fn messages(field: &str, value: &Bound<'_, PyAny>) -> Result<Vec<Message>> {
    if !value.is_instance_of::<PyList>() && !value.is_instance_of::<PyTuple>() {
        let kind = value.get_type().name().map_or_else(|_| String::new(), |name| name.to_string());
        return Err(Error::validation(
            field,
            format!("`{field}` is neither a text nor a list of messages: `{kind}`"),
            "give a str, or a list of dicts such as {\"role\": \"user\", \"content\": \"…\"}",
        ));
    }
    read_messages(field, &to_json(field, value)?)
}
