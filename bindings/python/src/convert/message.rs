//! Conversations as the published package hands them to providers.

use std::fmt::Write as _;

use cascadeflow::{ChatRequest, Message, Part, Role};

/// A conversation as one text, the form in which the published package hands it to providers: a
/// lone user message as it is, more than one with the speakers' names.
pub(crate) fn prompt(request: &ChatRequest) -> String {
    if let [only] = &*request.messages
        && only.role == Role::User
    {
        return only.text();
    }
    let mut joined = String::new();
    for message in request.messages.iter() {
        let speaker = match message.role {
            Role::System => "System",
            Role::User => "User",
            Role::Assistant => "Assistant",
            Role::Tool => "Tool",
        };
        let text = spoken(message);
        if text.is_empty() {
            continue;
        }
        let separator = if joined.is_empty() { "" } else { "\n" };
        let _ = write!(joined, "{separator}{speaker}: {text}");
    }
    joined
}

fn spoken(message: &Message) -> String {
    let text = message.text();
    if !text.is_empty() {
        return text;
    }
    let results: Vec<_> = message
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::ToolResult { content, .. } => Some(content.as_str()),
            _ => None,
        })
        .collect();
    results.join("\n")
}
