//! The one error type of the workspace.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::types::{Attempt, BudgetStatus, DecisionTrace};

/// Result of every fallible operation of the workspace.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, as a stable code that faces map to their exception classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// A configuration value is missing or out of range.
    Config,
    /// An argument of a call is missing, malformed or out of range.
    Validation,
    /// The provider refused the credentials, or none were given.
    Auth,
    /// The credentials are valid but do not allow the operation.
    Permission,
    /// The model or endpoint does not exist.
    NotFound,
    /// The provider refused the request as malformed.
    InvalidRequest,
    /// The prompt does not fit the model's context window.
    ContextLength,
    /// The provider's content filter stopped the request or the answer.
    ContentFilter,
    /// Too many requests; worth retrying after a while.
    RateLimit,
    /// The account's quota or credit is used up; retrying does not help.
    Quota,
    /// The provider is temporarily overloaded or failing (5xx).
    Overloaded,
    /// A deadline passed: connect, first token, between chunks, or total.
    Timeout,
    /// The connection could not be made or broke.
    Connection,
    /// The answer could not be understood.
    Protocol,
    /// The caller cancelled the work.
    Cancelled,
    /// No plan can be made for the request.
    Routing,
    /// A budget does not allow the request.
    Budget,
    /// No answer met the required quality and no fallback was left.
    Quality,
    /// A tool's code failed.
    Tool,
    /// User code plugged into a port (provider, check, hook) failed or returned the wrong type.
    UserCode,
    /// Every planned attempt failed; [`Error::attempts`] lists them.
    AllAttemptsFailed,
    /// A defect of the engine itself.
    Internal,
}

impl ErrorKind {
    /// Every kind, in declaration order.
    pub const ALL: [Self; 22] = [
        Self::Config,
        Self::Validation,
        Self::Auth,
        Self::Permission,
        Self::NotFound,
        Self::InvalidRequest,
        Self::ContextLength,
        Self::ContentFilter,
        Self::RateLimit,
        Self::Quota,
        Self::Overloaded,
        Self::Timeout,
        Self::Connection,
        Self::Protocol,
        Self::Cancelled,
        Self::Routing,
        Self::Budget,
        Self::Quality,
        Self::Tool,
        Self::UserCode,
        Self::AllAttemptsFailed,
        Self::Internal,
    ];

    /// The stable code, equal to the serialised form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Validation => "validation",
            Self::Auth => "auth",
            Self::Permission => "permission",
            Self::NotFound => "not_found",
            Self::InvalidRequest => "invalid_request",
            Self::ContextLength => "context_length",
            Self::ContentFilter => "content_filter",
            Self::RateLimit => "rate_limit",
            Self::Quota => "quota",
            Self::Overloaded => "overloaded",
            Self::Timeout => "timeout",
            Self::Connection => "connection",
            Self::Protocol => "protocol",
            Self::Cancelled => "cancelled",
            Self::Routing => "routing",
            Self::Budget => "budget",
            Self::Quality => "quality",
            Self::Tool => "tool",
            Self::UserCode => "user_code",
            Self::AllAttemptsFailed => "all_attempts_failed",
            Self::Internal => "internal",
        }
    }

    /// Whether the same request may succeed when sent again to the same provider.
    pub const fn is_temporary(self) -> bool {
        matches!(
            self,
            Self::RateLimit | Self::Overloaded | Self::Timeout | Self::Connection | Self::Protocol
        )
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An error with its stable kind and everything a caller needs to act on it.
///
/// `Display` gives the message, then the hint; it never holds a secret. Every optional field is
/// absent rather than invented: `None` means that it is not known or does not apply.
#[derive(Debug, Clone)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Debug, Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    field: Option<String>,
    provider: Option<String>,
    model: Option<String>,
    status: Option<u16>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    env_var: Option<String>,
    budget: Option<BudgetStatus>,
    attempts: Vec<Attempt>,
    trace: DecisionTrace,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

macro_rules! optional_fields {
    ($($(#[$doc:meta])* $field:ident / $with:ident: $set:ty => $get:ty, $read:expr;)*) => {
        $(
            $(#[$doc])*
            pub fn $field(&self) -> Option<$get> {
                let read: fn(&Inner) -> Option<$get> = $read;
                read(&self.inner)
            }

            #[doc = concat!("Sets [`Self::", stringify!($field), "`].")]
            #[must_use]
            pub fn $with(mut self, value: impl Into<$set>) -> Self {
                self.inner.$field = Some(value.into());
                self
            }
        )*
    };
}

impl Error {
    /// An error of `kind`; `message` is lower case, without a final period or a secret.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            inner: Box::new(Inner {
                kind,
                message: message.into(),
                hint: None,
                field: None,
                provider: None,
                model: None,
                status: None,
                request_id: None,
                retry_after: None,
                env_var: None,
                budget: None,
                attempts: Vec::new(),
                trace: DecisionTrace::default(),
                source: None,
            }),
        }
    }

    /// A configuration error about `field`, with the remedy.
    pub fn config(
        field: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::new(ErrorKind::Config, message).with_field(field).with_hint(hint)
    }

    /// A validation error about the argument `field`, with the remedy.
    pub fn validation(
        field: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::new(ErrorKind::Validation, message).with_field(field).with_hint(hint)
    }

    /// The stable kind.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// The message without the hint.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    optional_fields! {
        /// What the user can do about it.
        hint / with_hint: String => &str, |e| e.hint.as_deref();
        /// The configuration field or argument at fault.
        field / with_field: String => &str, |e| e.field.as_deref();
        /// The provider that failed.
        provider / with_provider: String => &str, |e| e.provider.as_deref();
        /// The model that failed.
        model / with_model: String => &str, |e| e.model.as_deref();
        /// The HTTP status the provider answered with.
        status / with_status: u16 => u16, |e| e.status;
        /// The provider's id of the failed request.
        request_id / with_request_id: String => &str, |e| e.request_id.as_deref();
        /// How long the provider asks to wait.
        retry_after / with_retry_after: Duration => Duration, |e| e.retry_after;
        /// The environment variable that would supply the missing credential.
        env_var / with_env_var: String => &str, |e| e.env_var.as_deref();
        /// How the budget stood that refused the run.
        budget / with_budget: BudgetStatus => &BudgetStatus, |e| e.budget.as_ref();
    }

    /// The attempts made before the error, in order; empty unless the engine ran some.
    pub fn attempts(&self) -> &[Attempt] {
        &self.inner.attempts
    }

    /// Sets [`Self::attempts`].
    #[must_use]
    pub fn with_attempts(mut self, attempts: Vec<Attempt>) -> Self {
        self.inner.attempts = attempts;
        self
    }

    /// The decisions taken before the error, in order; empty unless a run of the engine had begun.
    pub fn trace(&self) -> &DecisionTrace {
        &self.inner.trace
    }

    /// Sets [`Self::trace`].
    #[must_use]
    pub fn with_trace(mut self, trace: DecisionTrace) -> Self {
        self.inner.trace = trace;
        self
    }

    /// Sets the underlying error, reachable through [`std::error::Error::source`].
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.inner.source = Some(Arc::from(source.into()));
        self
    }

    /// The underlying error as a shareable object, for faces that re-raise it.
    pub fn shared_source(&self) -> Option<&Arc<dyn std::error::Error + Send + Sync>> {
        self.inner.source.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.message)?;
        if let Some(hint) = &self.inner.hint {
            write!(f, " (hint: {hint})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.source.as_deref().map(|e| e as &(dyn std::error::Error + 'static))
    }
}
