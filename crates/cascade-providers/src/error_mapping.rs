//! From a provider's words to the kinds of the core's error.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use cascade_core::{ApiKey, Error, ErrorKind};
use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use crate::capabilities::Dialect;
use crate::retry::Failure;
use crate::wire::WireFault;

const TABLE: &str = include_str!("../data/error_signals.json");
/// Characters of a provider's message that are passed on.
const MAX_MESSAGE: usize = 300;

/// Words that tell kinds of error apart.
#[derive(Deserialize)]
struct Signals {
    codes: Vec<CodeSignal>,
    phrases: Vec<PhraseSignal>,
    secret_prefixes: Vec<String>,
    request_id_headers: Vec<String>,
    /// Words of a refusal of signed reasoning.
    signature_phrases: Vec<String>,
}

#[derive(Deserialize)]
struct CodeSignal {
    kind: ErrorKind,
    codes: Vec<String>,
}

#[derive(Deserialize)]
struct PhraseSignal {
    kind: ErrorKind,
    /// Statuses it is looked for in.
    statuses: Vec<u16>,
    phrases: Vec<String>,
}

#[expect(clippy::expect_used, reason = "the table is part of the program; a test reads all of it")]
static SIGNALS: LazyLock<Signals> =
    LazyLock::new(|| serde_json::from_str(TABLE).expect("the signal table is well-formed"));

/// Who is spoken to about what; goes into every error.
#[derive(Debug, Clone)]
pub(crate) struct ErrorContext {
    pub(crate) dialect: &'static Dialect,
    pub(crate) model: Arc<str>,
    pub(crate) key: Option<ApiKey>,
}

/// What a provider says about a failure, wherever its body says it.
#[derive(Debug, Default)]
struct Report {
    codes: Vec<String>,
    message: Option<String>,
    request_id: Option<String>,
    /// How long to wait, as Google says it.
    retry_delay: Option<Duration>,
}

impl ErrorContext {
    /// Adds provider and model.
    pub(crate) fn label(&self, error: Error) -> Error {
        error.with_provider(self.dialect.name).with_model(&*self.model)
    }

    /// The failure that an answer with a status outside 2xx is.
    pub(crate) fn status_failure(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Failure {
        let report = serde_json::from_slice::<Value>(body)
            .map(|value| Report::read(&value))
            .unwrap_or_default();
        let kind = classify(Some(status.as_u16()), &report);
        let retry_delay = report.retry_delay;
        let mut error = self.report_error(kind, report);
        error = error.with_status(status.as_u16());
        if let Some(id) = request_id(headers) {
            error = error.with_request_id(id);
        }
        if let Some(wait) = retry_after(headers).or(retry_delay) {
            error = error.with_retry_after(wait);
        }
        if status.is_redirection() {
            error = error.with_hint("give the final address as `base_url`: redirects are refused");
        }
        if status.is_redirection() {
            return Failure { error, provider_says: Some(false) };
        }
        let provider_says = match headers.get("x-should-retry").map(http::HeaderValue::as_bytes) {
            // Quota and the like stay used up whatever the header says.
            Some(b"true") => matches!(
                kind,
                ErrorKind::RateLimit
                    | ErrorKind::Overloaded
                    | ErrorKind::Timeout
                    | ErrorKind::InvalidRequest
            )
            .then_some(true),
            Some(b"false") => Some(false),
            _ => None,
        };
        Failure { error, provider_says }
    }

    /// The error that words inside an answer with status 200 are.
    pub(crate) fn fault_error(&self, fault: WireFault, headers: &HeaderMap) -> Error {
        let mut error = match fault {
            WireFault::Reported(value) => {
                let report = Report::read(&value);
                let status = status_in_body(&value);
                let error = self.report_error(classify(status, &report), report);
                match status {
                    Some(status) => error.with_status(status),
                    None => error,
                }
            }
            WireFault::Malformed(what) => {
                self.label(Error::new(ErrorKind::Protocol, format!("answer is not usable: {what}")))
            }
        };
        if let (None, Some(id)) = (error.request_id(), request_id(headers)) {
            error = error.with_request_id(id);
        }
        error
    }

    fn report_error(&self, kind: ErrorKind, report: Report) -> Error {
        let what = match kind {
            ErrorKind::Auth => "refuses the credentials",
            ErrorKind::Permission => "does not permit the request",
            ErrorKind::NotFound => "does not know the model or address",
            ErrorKind::InvalidRequest => "refuses the request",
            ErrorKind::ContextLength => "finds the prompt too long",
            ErrorKind::ContentFilter => "stops the request by its content filter",
            ErrorKind::RateLimit => "limits the rate of requests",
            ErrorKind::Quota => "says that the quota is used up",
            ErrorKind::Overloaded => "is overloaded or failing",
            ErrorKind::Timeout => "gave up waiting",
            ErrorKind::Cancelled => "cancelled the request",
            _ => "gives no usable answer",
        };
        let mut message = format!("`{}` {what}", self.dialect.name);
        if let Some(words) = report.message {
            message.push_str(": ");
            message.push_str(&truncate(&self.redact(&words)));
        }
        let mut error = self.label(Error::new(kind, message));
        if let Some(hint) = self.hint(kind) {
            error = error.with_hint(hint);
        }
        if let (ErrorKind::Auth, Some(variable)) = (kind, self.dialect.key_env.first()) {
            error = error.with_env_var(*variable).with_field("api_key");
        }
        match report.request_id {
            Some(id) => error.with_request_id(id),
            None => error,
        }
    }

    fn hint(&self, kind: ErrorKind) -> Option<String> {
        Some(match kind {
            ErrorKind::Auth => {
                let variable = self.dialect.key_env.first().copied().unwrap_or_default();
                format!("check the key in `{variable}` or `api_key`")
            }
            ErrorKind::NotFound if self.dialect.name == "ollama" && !self.model.is_empty() => {
                format!("run `ollama pull {}`", self.model)
            }
            ErrorKind::NotFound if self.model.is_empty() => "check `base_url`".into(),
            ErrorKind::NotFound => {
                format!("check the model name `{}` and `base_url`", self.model)
            }
            ErrorKind::ContextLength => "shorten the conversation or take another model".into(),
            ErrorKind::Quota => "check plan and billing of the account".into(),
            _ => return None,
        })
    }

    /// `text` without credentials: neither ours nor what looks like one.
    fn redact(&self, text: &str) -> String {
        let mut clean = match &self.key {
            Some(key) if !key.expose().is_empty() => text.replace(key.expose(), "***"),
            _ => text.to_owned(),
        };
        for prefix in &SIGNALS.secret_prefixes {
            clean = mask_words(&clean, prefix);
        }
        clean
    }
}

/// Replaces what follows `prefix` up to the end of the word, where it is long enough for a key.
fn mask_words(text: &str, prefix: &str) -> String {
    const SHORTEST_SECRET: usize = 8;
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(prefix) {
        let at_word_start =
            rest[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric());
        let after = &rest[at + prefix.len()..];
        let is_key = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '*' | '.');
        let end = after.find(|c| !is_key(c)).unwrap_or(after.len());
        clean.push_str(&rest[..at + prefix.len()]);
        if at_word_start && end >= SHORTEST_SECRET {
            clean.push_str("***");
        } else {
            clean.push_str(&after[..end]);
        }
        rest = &after[end..];
    }
    clean.push_str(rest);
    clean
}

fn truncate(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(MAX_MESSAGE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl Report {
    /// Reads the forms that providers use: `{"error": {"message", "type", "code"}}`, `{"error":
    /// "…"}`, `{"message", "type", "code"}`, `{"detail"}`, and lists of these.
    fn read(value: &Value) -> Self {
        let mut report = Self::default();
        let value = match value {
            Value::Array(items) => items.first().unwrap_or(&Value::Null),
            other => other,
        };
        report.request_id = text_of(value, &["request_id", "requestId"]);
        let inner = value.get("error").filter(|error| !error.is_null()).unwrap_or(value);
        if let Value::String(text) = inner {
            report.message = Some(text.clone());
            return report;
        }
        report.message = text_of(inner, &["message", "msg", "error", "detail"])
            .or_else(|| text_of(value, &["message"]))
            .or_else(|| {
                text_of(inner.get("detail").and_then(|detail| detail.get(0))?, &["msg", "message"])
            });
        report.retry_delay = inner
            .get("details")
            .and_then(Value::as_array)
            .and_then(|details| {
                details.iter().find_map(|detail| detail.get("retryDelay")?.as_str())
            })
            .and_then(|text| text.strip_suffix('s')?.parse().ok())
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        for name in ["code", "type", "status"] {
            if let Some(Value::String(code)) = inner.get(name) {
                report.codes.push(code.to_ascii_lowercase());
            }
        }
        report
    }
}

fn text_of(value: &Value, names: &[&str]) -> Option<String> {
    names
        .iter()
        .find_map(|name| value.get(name)?.as_str())
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

/// A status that a body names because the answer's own was already sent.
fn status_in_body(value: &Value) -> Option<u16> {
    let inner = value.get("error").unwrap_or(value);
    ["code", "status", "status_code"]
        .iter()
        .find_map(|name| inner.get(name)?.as_u64())
        .and_then(|status| u16::try_from(status).ok())
        .filter(|status| (400..600).contains(status))
}

/// Codes that name a kind beyond doubt go first, then the message's words, then general codes, then
/// the status.
fn classify(status: Option<u16>, report: &Report) -> ErrorKind {
    let by_code = report.codes.iter().find_map(|code| {
        SIGNALS.codes.iter().find(|signal| signal.codes.contains(code)).map(|signal| signal.kind)
    });
    let specific = matches!(
        by_code,
        Some(ErrorKind::Quota | ErrorKind::ContextLength | ErrorKind::ContentFilter)
    );
    if let (Some(kind), true) = (by_code, specific) {
        return kind;
    }
    let words = report.message.as_deref().unwrap_or_default().to_ascii_lowercase();
    let by_words = SIGNALS
        .phrases
        .iter()
        .filter(|signal| status.is_none_or(|status| signal.statuses.contains(&status)))
        .find(|signal| signal.phrases.iter().any(|phrase| words.contains(phrase.as_str())))
        .map(|signal| signal.kind);
    let by_status = status.and_then(kind_of_status);
    // A general code such as `invalid_request_error` says less than the status beside it.
    let informative =
        by_code.filter(|kind| *kind != ErrorKind::InvalidRequest || by_status.is_none());
    by_words
        .or(by_status.filter(|kind| *kind != ErrorKind::InvalidRequest))
        .or(informative)
        .or(by_status)
        .unwrap_or(match status {
            Some(_) => ErrorKind::Protocol,
            None => ErrorKind::Overloaded,
        })
}

fn kind_of_status(status: u16) -> Option<ErrorKind> {
    Some(match status {
        401 => ErrorKind::Auth,
        402 => ErrorKind::Quota,
        403 => ErrorKind::Permission,
        404 | 410 => ErrorKind::NotFound,
        408 | 504 => ErrorKind::Timeout,
        // A conflict is a lock held elsewhere, and passes.
        409 | 425 | 500..=599 => ErrorKind::Overloaded,
        429 => ErrorKind::RateLimit,
        499 => ErrorKind::Cancelled,
        400..=498 => ErrorKind::InvalidRequest,
        _ => return None,
    })
}

/// Whether a provider's words say that it refuses signed reasoning it was shown.
pub(crate) fn speaks_of_signature(message: &str) -> bool {
    let words = message.to_ascii_lowercase();
    SIGNALS.signature_phrases.iter().any(|phrase| words.contains(phrase.as_str()))
}

/// The provider's id of the request.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    SIGNALS
        .request_id_headers
        .iter()
        .find_map(|name| headers.get(name.as_str())?.to_str().ok())
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
}

/// How long the provider asks to wait: milliseconds, seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let millis = text("retry-after-ms").and_then(|value| value.parse::<f64>().ok());
    if let Some(wait) = millis.and_then(|millis| Duration::try_from_secs_f64(millis / 1e3).ok()) {
        return Some(wait);
    }
    let value = text(RETRY_AFTER.as_str())?;
    if let Ok(seconds) = value.parse::<f64>() {
        // Beyond any clock counts as for ever.
        let beyond = (seconds > 0.0).then_some(Duration::MAX);
        return Duration::try_from_secs_f64(seconds).ok().or(beyond);
    }
    let until = httpdate::parse_http_date(value).ok()?;
    // The server's own clock, where it shows it, so that ours may be wrong.
    let now = text(DATE.as_str())
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .unwrap_or_else(wall_clock);
    Some(until.duration_since(now).unwrap_or_default())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a date in a header means the wall clock of the world, not the engine's"
)]
fn wall_clock() -> SystemTime {
    SystemTime::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    http::HeaderName::from_bytes(name.as_bytes()).unwrap(),
                    http::HeaderValue::from_str(value).unwrap(),
                )
            })
            .collect()
    }

    #[test]
    fn retry_after_is_read_in_every_form() {
        let seconds = Duration::from_secs;
        assert_eq!(retry_after(&headers(&[("retry-after", "7")])), Some(seconds(7)));
        assert_eq!(retry_after(&headers(&[("retry-after", "0.25")])), Some(seconds(1) / 4));
        assert_eq!(
            retry_after(&headers(&[("retry-after-ms", "40"), ("retry-after", "9")])),
            Some(Duration::from_millis(40))
        );
        let by_date = headers(&[
            ("date", "Sat, 21 Nov 2026 10:00:00 GMT"),
            ("retry-after", "Sat, 21 Nov 2026 10:00:12 GMT"),
        ]);
        assert_eq!(retry_after(&by_date), Some(seconds(12)));
        let past = headers(&[("retry-after", "Sat, 21 Nov 1998 10:00:00 GMT")]);
        assert_eq!(retry_after(&past), Some(Duration::ZERO));
        assert_eq!(retry_after(&headers(&[("retry-after", "soon")])), None);
        assert_eq!(retry_after(&headers(&[("retry-after", "-3")])), None);
        assert_eq!(retry_after(&headers(&[("retry-after", "1e300")])), Some(Duration::MAX));
    }

    #[test]
    fn what_looks_like_a_key_is_masked() {
        assert_eq!(
            mask_words("key sk-abcdefghijkl is wrong, sk-1 too", "sk-"),
            "key sk-*** is wrong, sk-1 too"
        );
        assert_eq!(mask_words("risk-abcdefghijkl", "sk-"), "risk-abcdefghijkl");
    }
}
