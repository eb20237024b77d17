//! The most tokens that messages and tools take of a prompt.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::query::bound_tokens;
use crate::types::{Message, Part, Tool};

/// The marks around a message: some chat templates take three, others name a role, a channel and a
/// recipient.
const MESSAGE_MARKS: u64 = 20;
/// The marks around a tool, a call or a result.
const MARKS: u64 = 16;
/// What providers tell a model about tools before it is given any.
const TOOL_INSTRUCTION: u64 = 900;

/// A bound on tokens, but for pictures, which each model counts in its own way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct PromptBound {
    tokens: u64,
    images: u64,
    /// Whether a part is marked to be cached, so that it may cost what writing to a cache costs.
    pub(super) marked: bool,
}

impl PromptBound {
    pub(super) fn of(messages: &[Message]) -> Self {
        let mut bound = Self::default();
        for message in messages {
            bound.tokens += MESSAGE_MARKS + message.name.as_deref().map_or(0, bound_tokens);
            message.parts.iter().for_each(|part| bound.add_part(part));
        }
        bound
    }

    pub(super) fn add(&mut self, more: Self) {
        self.tokens = self.tokens.saturating_add(more.tokens);
        self.images = self.images.saturating_add(more.images);
        self.marked |= more.marked;
    }

    /// The bound for a model.
    pub(super) fn tokens(&self, additions: Additions) -> u64 {
        self.tokens
            .saturating_add(self.images.saturating_mul(additions.image_tokens))
            .saturating_add(additions.preamble_tokens)
    }

    fn add_part(&mut self, part: &Part) {
        let text = |text: &Option<String>| text.as_deref().map_or(0, bound_tokens);
        match part {
            Part::Text { text, cache_control } => {
                self.tokens += bound_tokens(text);
                self.marked |= cache_control.is_some();
            }
            Part::Image { .. } => self.images += 1,
            Part::ToolCall(call) => {
                let parts = [&call.id, &call.name, &call.arguments];
                self.tokens +=
                    MARKS + parts.into_iter().map(|text| bound_tokens(text)).sum::<u64>();
            }
            Part::ToolResult { call_id, content, .. } => {
                self.tokens += MARKS + bound_tokens(call_id) + bound_tokens(content);
            }
            Part::CacheMark { .. } => self.marked = true,
            Part::Thinking { text: shown, redacted, .. } => {
                self.tokens += bound_tokens(shown) + text(redacted);
            }
        }
    }
}

/// The most tokens that a system prompt takes.
pub(super) fn of_system(text: &str) -> u64 {
    MESSAGE_MARKS + bound_tokens(text)
}

/// The most tokens that descriptions of tools take.
pub(super) fn of_tools(tools: &[Tool]) -> u64 {
    if tools.is_empty() {
        return 0;
    }
    let of_tool = |tool: &Tool| {
        let texts = [&*tool.name, &*tool.description, &*tool.parameters.to_string()];
        MARKS + texts.into_iter().map(bound_tokens).sum::<u64>()
    };
    TOOL_INSTRUCTION + tools.iter().map(of_tool).sum::<u64>()
}

/// What a model's provider counts beside the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct Additions {
    /// What the model is told before the first message.
    pub(super) preamble_tokens: u64,
    /// A picture, the largest there may be.
    image_tokens: u64,
}

#[derive(Deserialize)]
struct Row {
    /// Part of the model's id; empty for every other.
    model: String,
    #[serde(flatten)]
    additions: Additions,
}

impl Additions {
    /// The most there are for `model`.
    pub(super) fn of(model: &str) -> Self {
        static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| {
            serde_json::from_str(include_str!("../../data/prompt_additions.json"))
                .unwrap_or_default()
        });
        let row = TABLE.iter().find(|row| model.contains(&row.model));
        row.map_or(Self { preamble_tokens: 0, image_tokens: 0 }, |row| row.additions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn additions_are_those_of_the_first_row_that_fits() {
        assert_eq!(Additions::of("gpt-4o-mini-2024-07-18").image_tokens, 48_169);
        assert_eq!(Additions::of("gpt-4o").image_tokens, 6_500);
        assert_eq!(Additions::of("meta-llama/llama-4-scout").preamble_tokens, 40);
        assert_eq!(Additions::of("anything").preamble_tokens, 4);
    }
}
