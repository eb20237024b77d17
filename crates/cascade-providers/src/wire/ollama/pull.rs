use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The body of `POST /api/pull`, which fetches a model to the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequest<'a> {
    /// Model id; without a tag `latest` is meant.
    pub model: Cow<'a, str>,
    /// Whether progress is told line by line.
    pub stream: bool,
}

/// One line of the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullProgress {
    /// What is being done; `success` at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Why it ended early.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl PullProgress {
    /// Whether the model is there.
    pub fn is_done(&self) -> bool {
        self.status.as_deref() == Some("success")
    }
}
