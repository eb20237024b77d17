//! How the API of one model is reached over HTTP.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use super::ApiKey;

/// How the API of one model is reached; whatever is absent keeps the driver's default.
///
/// Header values and the password of a proxy are secrets: `Debug` and serialisation give `***`.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HttpOptions {
    /// Further headers of every request; they replace the driver's own of the same name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, ApiKey>,
    /// URL of a proxy for every request; `None` takes the system's. An empty text takes none.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "without_password")]
    pub proxy: Option<String>,
    /// Hosts reached without the proxy, separated by commas; `None` passes none by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_proxy: Option<String>,
    /// File of further certificate authorities in PEM; `None` trusts the system's alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// File of the client's certificate in PEM, with its key unless `client_key_file` has it;
    /// `None` shows no certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate_file: Option<String>,
    /// File of the client certificate's key in PEM; `None` when the certificate's file holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_key_file: Option<String>,
    /// Whether the server's certificate is checked; `None` checks it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify: Option<bool>,
    /// Milliseconds until a connection stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_timeout_ms: Option<u64>,
    /// Milliseconds until the first piece of a streamed answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_token_timeout_ms: Option<u64>,
    /// Milliseconds between two pieces of an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chunk_timeout_ms: Option<u64>,
    /// Milliseconds for the whole call, retries included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
}

impl fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpOptions")
            .field("headers", &self.headers)
            .field("proxy", &self.proxy.as_deref().map(redact_url))
            .field("no_proxy", &self.no_proxy)
            .field("ca_file", &self.ca_file)
            .field("client_certificate_file", &self.client_certificate_file)
            .field("client_key_file", &self.client_key_file)
            .field("verify", &self.verify)
            .field("connect_timeout_ms", &self.connect_timeout_ms)
            .field("first_token_timeout_ms", &self.first_token_timeout_ms)
            .field("chunk_timeout_ms", &self.chunk_timeout_ms)
            .field("timeout_ms", &self.timeout_ms)
            .finish()
    }
}

/// `url` with `***` in the place of user and password.
fn redact_url(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let Some(at) = authority.rfind('@') else { return url.to_owned() };
    let separator = if scheme.is_empty() { "" } else { "://" };
    format!("{scheme}{separator}***{}", &rest[at..])
}

#[expect(clippy::ref_option, reason = "serde passes the field by reference")]
fn without_password<S: Serializer>(url: &Option<String>, to: S) -> Result<S::Ok, S::Error> {
    url.as_deref().map(redact_url).serialize(to)
}
