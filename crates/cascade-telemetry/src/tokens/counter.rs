use cascade_core::query::estimate_tokens;
use cascade_core::{Message, Part};
use serde::Serialize;

use super::Encoding;

/// Counts the tokens of texts and messages as a model sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenCounter {
    encoding: Option<Encoding>,
}

/// A number of tokens and how it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TokenCount {
    /// The tokens.
    pub tokens: u64,
    /// How they were counted.
    pub source: CountSource,
}

/// How tokens were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CountSource {
    /// In the model's own vocabulary.
    Vocabulary,
    /// By the calibrated estimate: the model's vocabulary is not public, or not built in.
    Estimate,
}

/// What each message adds to its text in OpenAI's chat format: the marks around role and content.
const TOKENS_PER_MESSAGE: u64 = 3;
/// A name stands beside the role.
const TOKENS_PER_NAME: u64 = 1;
/// The marks with which every answer begins.
const TOKENS_BEFORE_ANSWER: u64 = 3;
/// What a picture of about a megapixel takes with the common providers.
const TOKENS_PER_IMAGE: u64 = 1_000;

impl TokenCounter {
    /// The counter for `model`, by its id with or without a provider in front.
    pub fn for_model(model: &str) -> Self {
        let built_in = cfg!(feature = "tiktoken");
        Self { encoding: Encoding::of_model(model).filter(|_| built_in) }
    }

    /// The calibrated estimate, for any model.
    pub const fn estimate() -> Self {
        Self { encoding: None }
    }

    /// How this counter counts.
    pub const fn source(self) -> CountSource {
        if self.encoding.is_some() { CountSource::Vocabulary } else { CountSource::Estimate }
    }

    /// Tokens of a text.
    pub fn text(self, text: &str) -> TokenCount {
        TokenCount { tokens: self.tokens(text), source: self.source() }
    }

    /// Prompt tokens of a conversation: texts, tool calls and results, a flat count for each
    /// picture, and the marks of the chat format.
    pub fn messages(self, messages: &[Message]) -> TokenCount {
        let tokens = messages.iter().map(|message| self.message(message)).sum::<u64>()
            + if messages.is_empty() { 0 } else { TOKENS_BEFORE_ANSWER };
        TokenCount { tokens, source: self.source() }
    }

    fn message(self, message: &Message) -> u64 {
        let name = message.name.as_ref().map_or(0, |name| TOKENS_PER_NAME + self.tokens(name));
        let role = 1;
        let parts: u64 = message.parts.iter().map(|part| self.part(part)).sum();
        TOKENS_PER_MESSAGE + role + name + parts
    }

    fn part(self, part: &Part) -> u64 {
        match part {
            Part::Text { text, .. } | Part::Thinking { text, .. } => self.tokens(text),
            Part::ToolResult { content, .. } => self.tokens(content),
            Part::ToolCall(call) => self.tokens(&call.name) + self.tokens(&call.arguments),
            Part::Image { .. } => TOKENS_PER_IMAGE,
            Part::CacheMark { .. } => 0,
        }
    }

    #[cfg(feature = "tiktoken")]
    fn tokens(self, text: &str) -> u64 {
        self.encoding.map_or_else(|| estimate_tokens(text), |encoding| encoding.count(text))
    }

    #[cfg(not(feature = "tiktoken"))]
    #[expect(clippy::unused_self, reason = "without vocabularies every counter estimates")]
    fn tokens(self, text: &str) -> u64 {
        estimate_tokens(text)
    }
}
