//! Base URLs, in all the forms that people write them.

use cascade_core::{Error, Result};
use url::Url;

use crate::capabilities::{Dialect, VersionRule};

/// A base URL brought into the form that paths are appended to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    url: Url,
}

impl BaseUrl {
    /// Reads `text` for `dialect`. Slashes at the end are harmless; the API's version may be there
    /// or not; a host without a scheme is taken as `http`, as Ollama's own variable has it.
    ///
    /// # Errors
    /// A config error about `base_url`; it never shows a password in the URL.
    pub fn parse(text: &str, dialect: &Dialect) -> Result<Self> {
        let trimmed = text.trim();
        let with_scheme =
            if trimmed.contains("://") { trimmed.to_owned() } else { format!("http://{trimmed}") };
        let mut url = Url::parse(&with_scheme).map_err(|_| invalid("is not a URL"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid("has a scheme other than `http` and `https`"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(invalid("has no host"));
        }
        // An address to listen on is no address to connect to.
        if url.host_str() == Some("0.0.0.0") && url.set_host(Some("127.0.0.1")).is_err() {
            return Err(invalid("has no host"));
        }
        url.set_query(None);
        url.set_fragment(None);
        let path =
            versioned_path(url.path().trim_end_matches('/'), dialect.version, dialect.api_version);
        url.set_path(&path);
        Ok(Self { url })
    }

    /// The URL of `path`, which begins with a slash.
    pub fn join(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.url.path().trim_end_matches('/')));
        url
    }

    /// The same place in another version of the API: its last segment replaced where it is one.
    #[must_use]
    pub fn with_version(&self, version: &str) -> Self {
        let path = self.url.path().trim_end_matches('/');
        let last = path.rsplit('/').next().unwrap_or_default();
        let kept = if is_version(last) { &path[..path.len() - last.len() - 1] } else { path };
        let mut url = self.url.clone();
        url.set_path(&format!("{kept}/{version}"));
        Self { url }
    }

    /// Whether the host is this machine.
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    /// Whether the connection is encrypted.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Scheme, host and port, for messages; user and password stay out.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }
}

fn versioned_path(path: &str, rule: VersionRule, version: &str) -> String {
    let last = path.rsplit('/').next().unwrap_or_default();
    let has_version = is_version(last);
    match rule {
        VersionRule::AppendToBareHost if path.is_empty() => format!("/{version}"),
        VersionRule::Append if !has_version => format!("{path}/{version}"),
        VersionRule::Strip if has_version || last == "api" => {
            path[..path.len() - last.len()].trim_end_matches('/').to_owned()
        }
        _ => path.to_owned(),
    }
}

/// Whether a path segment is a version, such as `v1` or `v1beta`.
fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn invalid(what: &str) -> Error {
    Error::config(
        "base_url",
        format!("base URL {what}"),
        "give a URL such as `https://api.example.com/v1`",
    )
}
