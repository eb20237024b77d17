//! What lies between this machine and a provider.

use std::fmt;
use std::sync::Arc;

use cascade_core::{Error, HttpOptions, Result};
use reqwest::{Certificate, ClientBuilder, Identity, NoProxy, Proxy};
use url::Url;

/// Kinds of proxies that calls can go through.
const PROXY_SCHEMES: [&str; 2] = ["http", "https"];

/// Proxy and certificates of the connections to a provider. Shown, it gives no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct NetworkConfig {
    proxy: ProxyChoice,
    no_proxy: Option<String>,
    /// Further certificate authorities in PEM.
    authorities: Option<Arc<[u8]>>,
    /// The client's certificate and key in PEM.
    identity: Option<Arc<[u8]>>,
    verify: bool,
}

#[derive(Clone, PartialEq, Eq, Default)]
enum ProxyChoice {
    #[default]
    System,
    None,
    Url(String),
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self {
            proxy: ProxyChoice::System,
            no_proxy: None,
            authorities: None,
            identity: None,
            verify: true,
        }
    }
}

impl NetworkConfig {
    /// These settings with what `options` sets in their place.
    ///
    /// # Errors
    /// A config error about the field of `http` at fault.
    pub fn with_options(mut self, options: &HttpOptions) -> Result<Self> {
        if let Some(proxy) = &options.proxy {
            self.proxy = match proxy.trim() {
                "" => ProxyChoice::None,
                url => ProxyChoice::Url(url.to_owned()),
            };
            self.proxy()?;
        }
        if options.no_proxy.is_some() {
            self.no_proxy.clone_from(&options.no_proxy);
        }
        if let Some(file) = &options.ca_file {
            let pem = read("ca_file", file)?;
            if Certificate::from_pem_bundle(&pem).map_or(true, |list| list.is_empty()) {
                return Err(not_pem("ca_file", file, "certificates"));
            }
            self.authorities = Some(pem.into());
        }
        if let Some(file) = &options.client_certificate_file {
            let mut pem = read("client_certificate_file", file)?;
            if let Some(key) = &options.client_key_file {
                pem.push(b'\n');
                pem.extend(read("client_key_file", key)?);
            }
            if Identity::from_pem(&pem).is_err() {
                return Err(not_pem("client_certificate_file", file, "a certificate and its key"));
            }
            self.identity = Some(pem.into());
        }
        self.verify = options.verify.unwrap_or(self.verify);
        if !self.verify {
            tracing::warn!("certificates of servers are not checked: `http.verify` is off");
        }
        Ok(self)
    }

    /// Whether there is a proxy of its own to go through.
    pub(crate) fn has_proxy(&self) -> bool {
        matches!(self.proxy, ProxyChoice::Url(_))
    }

    /// Applies the settings; `direct` passes the system's proxy by, and without `tls` no
    /// certificate is looked at.
    pub(crate) fn apply(
        &self,
        mut builder: ClientBuilder,
        direct: bool,
        tls: bool,
    ) -> Result<ClientBuilder> {
        builder = match self.proxy()? {
            Some(proxy) => builder.proxy(proxy),
            None if direct || self.proxy == ProxyChoice::None => builder.no_proxy(),
            None => builder,
        };
        if !tls {
            return Ok(builder.tls_certs_only(std::iter::empty()));
        }
        if let Some(pem) = &self.authorities {
            let list = Certificate::from_pem_bundle(pem)
                .map_err(|_| not_pem("ca_file", "(kept)", "certificates"))?;
            builder = builder.tls_certs_merge(list);
        }
        if let Some(pem) = &self.identity {
            let identity = Identity::from_pem(pem)
                .map_err(|_| not_pem("client_certificate_file", "(kept)", "a certificate"))?;
            builder = builder.identity(identity);
        }
        Ok(builder.tls_danger_accept_invalid_certs(!self.verify))
    }

    fn proxy(&self) -> Result<Option<Proxy>> {
        let ProxyChoice::Url(url) = &self.proxy else { return Ok(None) };
        let proxy = proxy_url(url).and_then(|url| Proxy::all(url).ok()).ok_or_else(|| {
            Error::config(
                "http.proxy",
                "proxy is not a URL of a proxy",
                "give a URL such as `http://proxy.example.com:3128`",
            )
        })?;
        Ok(Some(proxy.no_proxy(self.no_proxy.as_deref().and_then(NoProxy::from_string))))
    }
}

/// The address of a proxy, `http` where it has no scheme; `None` where it is none that can be gone
/// through. One of an unknown kind must not be passed by in silence.
fn proxy_url(text: &str) -> Option<Url> {
    let url = if text.contains("://") {
        Url::parse(text)
    } else if text.trim_end_matches('/').contains('/') {
        return None;
    } else {
        Url::parse(&format!("http://{text}"))
    };
    let url = url.ok()?;
    (PROXY_SCHEMES.contains(&url.scheme()) && url.has_host()).then_some(url)
}

impl fmt::Debug for NetworkConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NetworkConfig")
            .field("has_proxy", &self.has_proxy())
            .field("no_proxy", &self.no_proxy)
            .field("has_authorities", &self.authorities.is_some())
            .field("has_identity", &self.identity.is_some())
            .field("verify", &self.verify)
            .finish_non_exhaustive()
    }
}

fn read(field: &str, file: &str) -> Result<Vec<u8>> {
    std::fs::read(file).map_err(|error| {
        Error::config(
            format!("http.{field}"),
            format!("file cannot be read: `{file}`: {error}"),
            "give the path of a readable PEM file",
        )
        .with_source(error)
    })
}

fn not_pem(field: &str, file: &str, what: &str) -> Error {
    Error::config(
        format!("http.{field}"),
        format!("file holds no {what} in PEM: `{file}`"),
        "give a file with `-----BEGIN …-----` blocks",
    )
}
