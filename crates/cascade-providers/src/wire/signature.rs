//! Whose signature a reasoning block carries.
//!
//! Reasoning goes back to the provider that signed it, and to no other: a foreign signature is
//! refused. Anthropic's travel as they are, for its clients see and return them; the signatures of
//! others carry their owner's name in front.

use std::sync::Arc;

use cascade_core::{Message, Part};

/// Fewest characters of a signature of Anthropic; shorter ones were cut.
const SHORTEST_SIGNATURE: usize = 4;

/// Who signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureOwner {
    /// Anthropic.
    Anthropic,
    /// Google, for Gemini.
    Google,
    /// OpenAI, for reasoning items of the responses API.
    OpenAi,
    /// `OpenRouter`, for its list of reasoning details, which stands as JSON in the signature's place.
    OpenRouter,
}

impl SignatureOwner {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Anthropic => "",
            Self::Google => "google:",
            Self::OpenAi => "openai:",
            Self::OpenRouter => "openrouter:",
        }
    }
}

/// `signature` with its owner's name, as it travels in a conversation.
pub fn tag(owner: SignatureOwner, signature: &str) -> String {
    format!("{}{signature}", owner.prefix())
}

/// The signature as `owner` wrote it; `None` when it is another's, empty, or plainly damaged.
pub fn own_signature(owner: SignatureOwner, signature: &str) -> Option<&str> {
    match owner {
        SignatureOwner::Anthropic => is_base64(signature).then_some(signature),
        _ => signature.strip_prefix(owner.prefix()).filter(|rest| !rest.is_empty()),
    }
}

/// Stands between a signature of OpenAI and the encrypted reasoning that belongs to it.
const ENCRYPTED_MARK: char = '|';

/// A signature as a client of Anthropic is given it, which has no other place for encrypted
/// reasoning that goes with one.
pub(crate) fn with_encrypted(signature: &str, encrypted: Option<&str>) -> String {
    match encrypted {
        Some(encrypted) => format!("{signature}{ENCRYPTED_MARK}{encrypted}"),
        None => signature.to_owned(),
    }
}

/// Both parts of what [`with_encrypted`] joined.
pub(crate) fn split_encrypted(signature: &str) -> (&str, Option<&str>) {
    match signature.split_once(ENCRYPTED_MARK) {
        Some((own, encrypted)) if own.starts_with(SignatureOwner::OpenAi.prefix()) => {
            (own, Some(encrypted))
        }
        _ => (signature, None),
    }
}

/// Whether a text may be a whole base64 text: its letters, its padding and its length.
fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let padding = text.len() - body.len();
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    text.len() >= SHORTEST_SIGNATURE
        && padding <= 2
        && text.len().is_multiple_of(4)
        && body.bytes().all(is_letter)
}

/// The conversation without reasoning: what another model may be shown of it. The same messages
/// come back when there is none; a message of reasoning alone goes.
pub fn without_thinking(messages: &Arc<[Message]>) -> Arc<[Message]> {
    let is_thinking = |part: &Part| matches!(part, Part::Thinking { .. });
    if !messages.iter().any(|message| message.parts.iter().any(is_thinking)) {
        return Arc::clone(messages);
    }
    messages
        .iter()
        .filter_map(|message| {
            let mut kept = message.clone();
            kept.parts.retain(|part| !is_thinking(part));
            (!kept.parts.is_empty() || message.parts.is_empty()).then_some(kept)
        })
        .collect()
}
