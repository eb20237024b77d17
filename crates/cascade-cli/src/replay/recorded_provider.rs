use std::sync::Arc;

use cascadeflow::ports::{BoxFuture, Provider};
use cascadeflow::{ChatRequest, ChatResponse, Error, ErrorKind, Result};

use super::draft_row::DraftRow;

/// The request parameter that says which row is replayed: prompts need not be unique.
pub(super) const ROW_PARAMETER: &str = "replay_row";

/// Which of a row's answers a provider gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Cheap,
    Strong,
}

impl Side {
    /// Name of the provider that gives this side.
    pub(super) const fn provider(self) -> &'static str {
        match self {
            Self::Cheap => "recorded-cheap",
            Self::Strong => "recorded-strong",
        }
    }
}

/// Answers with recorded texts. Nothing else was recorded: no finish reason, no log-probabilities
/// and no usage, which the engine therefore estimates.
pub(super) struct RecordedProvider {
    pub(super) rows: Arc<[DraftRow]>,
    pub(super) side: Side,
}

impl Provider for RecordedProvider {
    fn name(&self) -> &str {
        self.side.provider()
    }

    fn complete<'a>(&'a self, request: &'a ChatRequest) -> BoxFuture<'a, Result<ChatResponse>> {
        let row = request
            .extra
            .get(ROW_PARAMETER)
            .and_then(serde_json::Value::as_u64)
            .and_then(|row| usize::try_from(row).ok())
            .and_then(|row| self.rows.get(row));
        let response = match row {
            Some(row) => {
                let content = match self.side {
                    Side::Cheap => &row.cheap,
                    Side::Strong => &row.strong,
                };
                Ok(ChatResponse { content: content.clone(), ..ChatResponse::default() })
            }
            None => Err(Error::new(ErrorKind::Internal, "the request names no recorded row")),
        };
        Box::pin(std::future::ready(response))
    }
}
