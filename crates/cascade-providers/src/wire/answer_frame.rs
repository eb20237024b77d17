use cascade_core::{Error, ErrorKind};

/// What surrounds an answer that a server gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerFrame {
    /// Id of the answer.
    pub id: String,
    /// Model as the client is told it.
    pub model: String,
    /// When it was made, in seconds since the epoch.
    pub created: u64,
}

/// The HTTP status that a server answers `error` with.
pub fn http_status(error: &Error) -> u16 {
    match error.kind() {
        ErrorKind::Config
        | ErrorKind::Validation
        | ErrorKind::InvalidRequest
        | ErrorKind::ContextLength
        | ErrorKind::ContentFilter => 400,
        ErrorKind::Auth => 401,
        ErrorKind::Budget | ErrorKind::Quota => 402,
        ErrorKind::Permission => 403,
        ErrorKind::NotFound => 404,
        ErrorKind::RateLimit => 429,
        ErrorKind::Cancelled => 499,
        ErrorKind::Protocol | ErrorKind::Connection => 502,
        ErrorKind::Overloaded | ErrorKind::AllAttemptsFailed => 503,
        ErrorKind::Timeout => 504,
        ErrorKind::Routing
        | ErrorKind::Quality
        | ErrorKind::Tool
        | ErrorKind::UserCode
        | ErrorKind::Internal => 500,
    }
}
