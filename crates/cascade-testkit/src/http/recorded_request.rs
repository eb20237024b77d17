use serde_json::Value;

/// A request the server received.
#[derive(Debug, Clone)]
pub struct RecordedRequest {
    /// Method, such as `POST`.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Headers in order, as sent.
    pub headers: Vec<(String, String)>,
    /// Body, its transfer coding removed.
    pub body: Vec<u8>,
    /// Number of the connection it came over, from 0.
    pub connection: usize,
}

impl RecordedRequest {
    /// The first header of this name, in any case; `None` when there is none.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null when it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}
