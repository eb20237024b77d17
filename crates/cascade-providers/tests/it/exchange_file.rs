//! Reads the HTTP exchanges of `shared-tests/http`, whose format its README describes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cascade_testkit::http::Script;
use serde::Deserialize;
use serde_json::{Map, Value};

/// One file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExchangeFile {
    pub(crate) provider: String,
    pub(crate) base_path: String,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) exchanges: Vec<Exchange>,
}

/// A question, the request it becomes, the bytes that answer it and their reading.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exchange {
    pub(crate) name: String,
    #[serde(default, rename = "note")]
    _note: String,
    #[serde(default)]
    pub(crate) operation: Operation,
    pub(crate) ask: Map<String, Value>,
    pub(crate) request: ExpectedRequest,
    pub(crate) response: Option<Reply>,
    pub(crate) streamed: Option<Reply>,
    pub(crate) expected: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Operation {
    #[default]
    Chat,
    Models,
    Embed,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpectedRequest {
    #[serde(default = "post")]
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) streamed_path: Option<String>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) body: Map<String, Value>,
    #[serde(default)]
    pub(crate) streamed_body: Map<String, Value>,
    #[serde(default)]
    pub(crate) without: Vec<String>,
}

fn post() -> String {
    "POST".into()
}

/// An answer: exactly one of `body`, `sse` and `lines`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reply {
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<String>,
    sse: Option<Vec<Event>>,
    lines: Option<Vec<String>>,
}

const fn ok() -> u16 {
    200
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Event {
    Data(String),
    Named { event: String, data: String },
    Raw { raw: String },
}

impl Reply {
    /// What the loopback server sends.
    pub(crate) fn script(&self) -> Script {
        let (media_type, pieces) = match (&self.body, &self.sse, &self.lines) {
            (Some(body), None, None) => {
                let script = Script::body(self.status, "application/json", body.as_str());
                return self.with_headers(script);
            }
            (None, Some(events), None) => (
                "text/event-stream",
                events
                    .iter()
                    .map(|event| match event {
                        Event::Data(data) => format!("data: {data}\n\n"),
                        Event::Named { event, data } => format!("event: {event}\ndata: {data}\n\n"),
                        Event::Raw { raw } => raw.clone(),
                    })
                    .collect::<Vec<_>>(),
            ),
            (None, None, Some(lines)) => {
                ("application/x-ndjson", lines.iter().map(|line| format!("{line}\n")).collect())
            }
            _ => panic!("a reply has one of `body`, `sse` and `lines`"),
        };
        assert_eq!(self.status, 200, "streams begin with status 200");
        self.with_headers(pieces.into_iter().fold(Script::stream(media_type), Script::piece))
    }

    fn with_headers(&self, script: Script) -> Script {
        self.headers.iter().fold(script, |script, (name, value)| script.header(name, value))
    }
}

/// The folder of exchanges.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared-tests/http")
}

/// The files of a provider's folder, in order of their names.
pub(crate) fn files_of(provider: &str) -> Vec<ExchangeFile> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder().join(provider))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            serde_norway::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        })
        .collect()
}
