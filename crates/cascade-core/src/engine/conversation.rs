//! Brings what the caller gave into the form that models are sent.

use std::sync::{Arc, OnceLock};

use super::prompt_bound::PromptBound;
use crate::error::{Error, Result};
use crate::query::estimate_tokens;
use crate::types::{Input, Message, Part, Role};

/// A caller's input, ready to be sent.
#[derive(Debug)]
pub(super) struct Conversation {
    /// The messages without system messages.
    pub(super) messages: Arc<[Message]>,
    /// The system messages joined; `None` when there are none.
    pub(super) system: Option<String>,
    /// Text of the last user message.
    pub(super) query: String,
    /// Number of user and assistant messages before the last user message.
    pub(super) turns: usize,
    /// Whether any message holds an image.
    pub(super) has_images: bool,
    /// Estimated tokens of the messages but for the query's text, which is analysed anyway.
    pub(super) other_tokens: u64,
    /// See [`Self::bound`].
    bound: OnceLock<PromptBound>,
}

impl Conversation {
    /// Reads the input.
    ///
    /// # Errors
    /// A validation error when there is nothing to answer.
    pub(super) fn new(input: Input) -> Result<Self> {
        match input {
            Input::Text(text) => Self::from_text(text),
            Input::Messages(messages) => Self::from_messages(messages),
        }
    }

    fn from_text(query: String) -> Result<Self> {
        if query.trim().is_empty() {
            return Err(Error::validation(
                "query",
                "the query is empty",
                "give the question as text or a list of messages",
            ));
        }
        Ok(Self {
            messages: Arc::from([Message::user(query.clone())]),
            system: None,
            turns: 0,
            has_images: false,
            other_tokens: 0,
            bound: OnceLock::new(),
            query,
        })
    }

    fn from_messages(all: Vec<Message>) -> Result<Self> {
        let mut system: Option<String> = None;
        let mut messages = Vec::with_capacity(all.len());
        for message in all {
            if message.role == Role::System {
                let text = message.text();
                match &mut system {
                    Some(joined) => {
                        joined.push_str("\n\n");
                        joined.push_str(&text);
                    }
                    None => system = Some(text),
                }
            } else {
                messages.push(message);
            }
        }
        let Some(last_user) = messages.iter().rposition(|message| message.role == Role::User)
        else {
            return Err(Error::validation(
                "messages",
                "the conversation has no user message",
                "give at least one message with the role `user`",
            ));
        };
        let query = messages[last_user].text();
        let has_images = messages
            .iter()
            .any(|message| message.parts.iter().any(|part| matches!(part, Part::Image { .. })));
        let answers_tools = messages[last_user..].iter().any(|m| m.role == Role::Tool);
        let only_results = messages[last_user]
            .parts
            .iter()
            .any(|part| matches!(part, Part::ToolResult { .. } | Part::Image { .. }));
        if query.trim().is_empty() && !answers_tools && !only_results {
            return Err(Error::validation(
                "messages",
                "the last user message is empty",
                "give it text, an image or a tool result",
            ));
        }
        let turns = messages[..last_user]
            .iter()
            .filter(|message| matches!(message.role, Role::User | Role::Assistant))
            .count();
        let other_tokens = messages
            .iter()
            .enumerate()
            .map(|(index, message)| message_tokens(message, index == last_user))
            .sum();
        Ok(Self {
            messages: messages.into(),
            system,
            query,
            turns,
            has_images,
            other_tokens,
            bound: OnceLock::new(),
        })
    }

    /// What the messages take of a prompt at most. Read when it is first asked for: most runs have
    /// no budget.
    pub(super) fn bound(&self) -> PromptBound {
        *self.bound.get_or_init(|| PromptBound::of(&self.messages))
    }

    /// Goes on with `messages`: a model's calls of tools and their results.
    pub(super) fn extend(&mut self, messages: Vec<Message>) {
        if let Some(bound) = self.bound.get_mut() {
            bound.add(PromptBound::of(&messages));
        }
        self.other_tokens +=
            messages.iter().map(|message| message_tokens(message, false)).sum::<u64>();
        self.messages = self.messages.iter().cloned().chain(messages).collect();
    }
}

fn message_tokens(message: &Message, is_query: bool) -> u64 {
    message
        .parts
        .iter()
        .map(|part| match part {
            Part::Text { .. } if is_query => 0,
            Part::Text { text, .. } | Part::Thinking { text, .. } => estimate_tokens(text),
            Part::ToolResult { content, .. } => estimate_tokens(content),
            Part::ToolCall(call) => estimate_tokens(&call.arguments) + estimate_tokens(&call.name),
            Part::Image { .. } => IMAGE_TOKENS,
            Part::CacheMark { .. } => 0,
        })
        .sum()
}

/// What a picture of about a megapixel takes with the common providers.
const IMAGE_TOKENS: u64 = 1_000;
