use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// What the content type says about an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MediaKind {
    /// One JSON value.
    Json,
    /// A web page, and so not an answer of any dialect.
    Page,
    /// Anything else; some servers name their streams oddly or not at all.
    Other,
}

impl MediaKind {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = value.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        match essence.to_ascii_lowercase().as_str() {
            "application/json" => Self::Json,
            "text/html" | "application/xhtml+xml" => Self::Page,
            _ => Self::Other,
        }
    }
}
