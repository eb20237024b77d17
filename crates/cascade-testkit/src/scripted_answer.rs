use std::time::Duration;

use cascade_core::{
    ChatResponse, Error, ErrorKind, FinishReason, Part, ResponseDelta, Result, TokenLogprob,
    ToolCall, ToolCallDelta, Usage,
};

/// What a scripted model does with one request: an answer or an error, and how it arrives.
#[derive(Debug, Clone)]
pub struct ScriptedAnswer {
    pub(crate) outcome: Result<ChatResponse>,
    /// Time before the answer, or before its first piece; [`Duration::MAX`] hangs.
    pub(crate) delay: Duration,
    /// Time between streamed pieces.
    pub(crate) piece_delay: Duration,
    /// Characters in each streamed piece of text.
    pub(crate) piece_size: usize,
    /// Pieces after which a stream breaks off, and the error it breaks off with.
    pub(crate) cut: Option<(usize, Error)>,
}

impl ScriptedAnswer {
    /// Gives `response`.
    pub fn response(response: ChatResponse) -> Self {
        Self::from_outcome(Ok(response))
    }

    /// Gives `text`, without usage.
    pub fn text(text: impl Into<String>) -> Self {
        Self::response(ChatResponse::from_text(text))
    }

    /// Asks for tool calls, each a name and its arguments as JSON text; ids are `call_0`, `call_1`…
    pub fn tool_calls<'a>(calls: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let tool_calls = calls
            .into_iter()
            .enumerate()
            .map(|(index, (name, arguments))| ToolCall {
                id: format!("call_{index}"),
                name: name.to_owned(),
                arguments: arguments.to_owned(),
            })
            .collect();
        Self::response(ChatResponse {
            tool_calls,
            finish_reason: Some(FinishReason::ToolCalls),
            ..ChatResponse::default()
        })
    }

    /// Fails with `error`.
    pub fn error(error: Error) -> Self {
        Self::from_outcome(Err(error))
    }

    /// Fails with an error of `kind` and `message`.
    pub fn failure(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::error(Error::new(kind, message))
    }

    /// Never answers.
    pub fn hang() -> Self {
        Self::text("").with_delay(Duration::MAX)
    }

    fn from_outcome(outcome: Result<ChatResponse>) -> Self {
        Self {
            outcome,
            delay: Duration::ZERO,
            piece_delay: Duration::ZERO,
            piece_size: 7,
            cut: None,
        }
    }

    /// Waits before the answer, or before the first streamed piece.
    #[must_use]
    pub fn with_delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Waits before each streamed piece after the first.
    #[must_use]
    pub fn with_piece_delay(mut self, delay: Duration) -> Self {
        self.piece_delay = delay;
        self
    }

    /// Streams the text in pieces of `characters`, at least 1. The default is 7.
    #[must_use]
    pub fn with_piece_size(mut self, characters: usize) -> Self {
        self.piece_size = characters.max(1);
        self
    }

    /// Breaks a stream off with `error` after `pieces`; a plain call fails with it.
    #[must_use]
    pub fn cut_after(mut self, pieces: usize, error: Error) -> Self {
        self.cut = Some((pieces, error));
        self
    }

    /// Sets the reported usage of an answer; errors are left alone.
    #[must_use]
    pub fn with_usage(mut self, usage: Usage) -> Self {
        if let Ok(response) = &mut self.outcome {
            response.usage = Some(usage);
        }
        self
    }

    /// Sets why an answer stopped; errors are left alone.
    #[must_use]
    pub fn with_finish_reason(mut self, reason: FinishReason) -> Self {
        if let Ok(response) = &mut self.outcome {
            response.finish_reason = Some(reason);
        }
        self
    }

    /// Gives every word of an answer the log-probability `logprob`; errors are left alone.
    #[must_use]
    pub fn with_logprob(mut self, logprob: f64) -> Self {
        if let Ok(response) = &mut self.outcome {
            response.logprobs = Some(
                response
                    .content
                    .split_inclusive(' ')
                    .map(|word| TokenLogprob { token: word.to_owned(), logprob, top: Vec::new() })
                    .collect(),
            );
        }
        self
    }

    /// What a plain call gives.
    pub(crate) fn into_complete(self) -> Result<ChatResponse> {
        match self.cut {
            Some((_, error)) => Err(error),
            None => self.outcome,
        }
    }

    /// What a stream gives, in order.
    pub(crate) fn into_pieces(self) -> Vec<Result<ResponseDelta>> {
        let response = match self.outcome {
            Ok(response) => response,
            Err(error) => return vec![Err(error)],
        };
        let mut pieces: Vec<Result<ResponseDelta>> = Vec::new();
        for part in &response.thinking {
            if let Part::Thinking { text, .. } = part {
                pieces.extend(
                    split(text, self.piece_size).map(|piece| Ok(ResponseDelta::Thinking(piece))),
                );
            }
        }
        pieces.extend(
            split(&response.content, self.piece_size).map(|piece| Ok(ResponseDelta::Text(piece))),
        );
        for (index, call) in response.tool_calls.iter().enumerate() {
            let first = ToolCallDelta {
                index,
                id: Some(call.id.clone()),
                name: Some(call.name.clone()),
                arguments: String::new(),
            };
            pieces.push(Ok(ResponseDelta::ToolCall(first)));
            pieces.extend(split(&call.arguments, self.piece_size).map(|arguments| {
                Ok(ResponseDelta::ToolCall(ToolCallDelta {
                    index,
                    arguments,
                    ..ToolCallDelta::default()
                }))
            }));
        }
        if let Some((count, error)) = self.cut {
            pieces.truncate(count);
            pieces.push(Err(error));
        } else {
            pieces.push(Ok(ResponseDelta::Done(Box::new(response))));
        }
        pieces
    }
}

impl From<&str> for ScriptedAnswer {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for ScriptedAnswer {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<ChatResponse> for ScriptedAnswer {
    fn from(response: ChatResponse) -> Self {
        Self::response(response)
    }
}

impl From<Error> for ScriptedAnswer {
    fn from(error: Error) -> Self {
        Self::error(error)
    }
}

fn split(text: &str, characters: usize) -> impl Iterator<Item = String> + '_ {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.char_indices().nth(characters).map_or(rest.len(), |(at, _)| at);
        let (piece, later) = rest.split_at(end);
        rest = later;
        Some(piece.to_owned())
    })
}
