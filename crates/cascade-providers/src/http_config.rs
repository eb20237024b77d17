//! Settings of the HTTP calls.

use std::time::Duration;

use cascade_core::{ApiKey, Error, HttpOptions, Result};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::circuit_breaker::{CircuitBreakerConfig, CircuitBreakerRegistry};
use crate::credentials::Lookup;
use crate::network_config::NetworkConfig;

/// Variables that name a file of certificate authorities, as other programs have them.
const CA_VARIABLES: [&str; 3] = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

/// How long each phase of a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until a connection stands. Default 10 s.
    pub connect: Duration,
    /// From sending until the first piece of a streamed answer. Default 180 s: reasoning models
    /// think before they speak.
    pub first_token: Duration,
    /// Between two pieces of an answer; signs of life count. Default 120 s.
    pub between_chunks: Duration,
    /// For the whole call, retries included. Default 600 s; a request's own time left is shorter
    /// wherever it is given and shorter.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_token: Duration::from_mins(3),
            between_chunks: Duration::from_mins(2),
            total: Duration::from_mins(10),
        }
    }
}

/// When and how often a temporary failure is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Calls in all, the first included. Default 3; 1 never retries.
    pub max_attempts: u32,
    /// Upper end of the first random wait; it doubles with each further one. Default 500 ms.
    pub base_delay: Duration,
    /// Limit of that upper end. Default 8 s.
    pub max_delay: Duration,
    /// Longest wait that a provider may ask for; a longer one ends the call at once. Default 30 s.
    pub max_retry_after: Duration,
    /// Retries that every hundred calls of one provider, model and key pay for. Default 10.
    pub budget_percent: u32,
    /// Most retries saved up, which are also there at the start. Default 10.
    pub budget_reserve: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            base_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(8),
            max_retry_after: Duration::from_secs(30),
            budget_percent: 10,
            budget_reserve: 10,
        }
    }
}

impl RetryPolicy {
    /// Never tries again.
    pub const fn never() -> Self {
        Self {
            max_attempts: 1,
            base_delay: Duration::ZERO,
            max_delay: Duration::ZERO,
            max_retry_after: Duration::ZERO,
            budget_percent: 0,
            budget_reserve: 0,
        }
    }
}

/// Most bytes accepted from a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeLimits {
    /// Of an answer, plain or streamed, after decompression. Default 64 MiB.
    pub body: usize,
    /// Of one message of a stream. Default 16 MiB.
    pub event: usize,
}

impl Default for SizeLimits {
    fn default() -> Self {
        Self { body: 64 << 20, event: 16 << 20 }
    }
}

/// Settings of the HTTP calls of one or all providers.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// Base URL of models that have none of their own; `None` takes the provider's.
    pub base_url: Option<String>,
    /// How long each phase may take.
    pub timeouts: Timeouts,
    /// When to try again.
    pub retry: RetryPolicy,
    /// How much is accepted.
    pub limits: SizeLimits,
    /// Further headers of every request; they replace the provider's own of the same name.
    pub headers: HeaderMap,
    /// Proxy and certificates.
    pub network: NetworkConfig,
    /// When calls stop going out; `None` never stops them.
    pub circuit: Option<CircuitBreakerConfig>,
    /// Where the breakers are kept. Default: the process's.
    pub breakers: CircuitBreakerRegistry,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            base_url: None,
            timeouts: Timeouts::default(),
            retry: RetryPolicy::default(),
            limits: SizeLimits::default(),
            headers: HeaderMap::new(),
            network: NetworkConfig::default(),
            circuit: Some(CircuitBreakerConfig::default()),
            breakers: CircuitBreakerRegistry::global(),
        }
    }
}

impl HttpConfig {
    /// The defaults, with the certificate authorities that the environment names: `SSL_CERT_FILE`,
    /// `REQUESTS_CA_BUNDLE` or `CURL_CA_BUNDLE`, first wins. The proxy variables hold anyway.
    ///
    /// # Errors
    /// A config error about `ca_file` when the file named is not readable PEM.
    pub fn from_env(lookup: Lookup<'_>) -> Result<Self> {
        Self::default().with_options(&Self::options_from_env(lookup))
    }

    /// What [`Self::from_env`] sets, as a model's options: the first file of certificate authorities
    /// that the environment names. Reads no file.
    pub fn options_from_env(lookup: Lookup<'_>) -> HttpOptions {
        let ca_file = CA_VARIABLES.iter().find_map(|name| lookup(name)).filter(|f| !f.is_empty());
        HttpOptions { ca_file, ..HttpOptions::default() }
    }

    /// These settings with what `options` sets in their place; reads the files it names.
    ///
    /// # Errors
    /// A config error that names the field of `http` at fault; it shows no secret.
    pub fn with_options(mut self, options: &HttpOptions) -> Result<Self> {
        for (name, value) in &options.headers {
            let (name, value) = header(name, value)?;
            self.headers.insert(name, value);
        }
        let millis = |own: &mut Duration, given: Option<u64>| {
            if let Some(given) = given {
                *own = Duration::from_millis(given);
            }
        };
        millis(&mut self.timeouts.connect, options.connect_timeout_ms);
        millis(&mut self.timeouts.first_token, options.first_token_timeout_ms);
        millis(&mut self.timeouts.between_chunks, options.chunk_timeout_ms);
        millis(&mut self.timeouts.total, options.timeout_ms);
        self.network = self.network.with_options(options)?;
        Ok(self)
    }
}

fn header(name: &str, value: &ApiKey) -> Result<(HeaderName, HeaderValue)> {
    let fail = |what: &str| {
        Error::config(
            format!("http.headers.{name}"),
            format!("{what} of header `{name}` cannot be sent"),
            "use letters, digits and dashes in the name, and one line of text as the value",
        )
    };
    let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| fail("name"))?;
    let mut value = HeaderValue::from_str(value.expose()).map_err(|_| fail("value"))?;
    value.set_sensitive(true);
    Ok((parsed, value))
}
