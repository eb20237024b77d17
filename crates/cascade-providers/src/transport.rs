//! The HTTP clients of the process.
//!
//! A client holds a connection pool whose connections live on the tokio runtime that opened them.
//! So there is one client for each runtime and each set of options, made on first use; and a child
//! process made by `fork` gets clients of its own, for it must neither share a connection with its
//! parent nor touch a lock that another thread held at the fork.

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cascade_core::{Error, ErrorKind, Result};
use parking_lot::Mutex;
use reqwest::redirect::Policy;
use tokio::runtime::{Handle, Id};

use crate::network_config::NetworkConfig;

/// Clients kept for one process. The oldest goes when a further one is made, so that programs that
/// start many runtimes do not keep a client of each.
const MAX_CLIENTS: usize = 32;

/// What tells one client from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClientOptions {
    /// Time until a connection stands.
    pub(crate) connect_timeout: Duration,
    /// Whether the system's proxy is passed by, as it is for this machine's own servers.
    pub(crate) direct: bool,
    /// Whether TLS is needed. Without it the system's certificates are not read.
    pub(crate) tls: bool,
    /// Proxy and certificates.
    pub(crate) network: Arc<NetworkConfig>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct ClientKey {
    options: ClientOptions,
    runtime: Option<Id>,
}

/// The clients of one process. A forked child finds its parent's and hangs its own behind them.
struct ProcessClients {
    process: u32,
    clients: Mutex<Vec<(ClientKey, reqwest::Client)>>,
    next: OnceLock<Box<Self>>,
}

static CLIENTS: OnceLock<Box<ProcessClients>> = OnceLock::new();

impl ProcessClients {
    /// The clients of the process with this id.
    fn of(process: u32) -> &'static Self {
        let mut slot = &CLIENTS;
        loop {
            let clients = slot.get_or_init(|| {
                Box::new(Self { process, clients: Mutex::default(), next: OnceLock::new() })
            });
            if clients.process == process {
                return clients;
            }
            slot = &clients.next;
        }
    }
}

/// The client for `options` in this process and on the current runtime.
///
/// # Errors
/// An internal error when the system's certificates or settings cannot be read.
pub(crate) fn client(options: ClientOptions) -> Result<reqwest::Client> {
    let runtime = Handle::try_current().ok().map(|handle| handle.id());
    let key = ClientKey { options, runtime };
    let mut clients = ProcessClients::of(std::process::id()).clients.lock();
    if let Some((_, client)) = clients.iter().find(|(known, _)| *known == key) {
        return Ok(client.clone());
    }
    let client = build(&key.options)?;
    if clients.len() >= MAX_CLIENTS {
        clients.remove(0);
    }
    clients.push((key, client.clone()));
    Ok(client)
}

fn build(options: &ClientOptions) -> Result<reqwest::Client> {
    install_crypto();
    let builder = reqwest::Client::builder()
        .user_agent(concat!("cascadeflow/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(options.connect_timeout)
        .tcp_nodelay(true)
        .tcp_keepalive(Duration::from_secs(30))
        .pool_idle_timeout(Duration::from_secs(90))
        .http2_adaptive_window(true)
        // A key must never travel to where a redirect points.
        .redirect(Policy::none())
        .referer(false);
    let builder = options.network.apply(builder, options.direct, options.tls)?;
    builder.build().map_err(|error| {
        Error::new(ErrorKind::Internal, format!("HTTP client cannot be made: {error}"))
            .with_hint("check that the system's CA certificates are installed")
            .with_source(error)
    })
}

/// Chooses ring as the cryptography of TLS, unless the program has chosen before.
fn install_crypto() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread may have been faster, with the same choice or the program's own.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

/// Whether bytes arrived that cannot be decompressed. A refusal by TLS comes as bad data, too, and
/// is none.
fn is_bad_data(error: &io::Error) -> bool {
    let is_tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).is_some();
    !is_tls && matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
}

/// The innermost reason of a failed exchange, without addresses.
pub(crate) fn exchange_error(error: reqwest::Error, origin: &str) -> Error {
    let error = error.without_url();
    let mut reason = error.to_string();
    let mut is_damaged = false;
    let mut source = std::error::Error::source(&error);
    while let Some(inner) = source {
        reason = inner.to_string();
        is_damaged |= inner.downcast_ref::<io::Error>().is_some_and(is_bad_data);
        source = inner.source();
    }
    let made = if error.is_connect() {
        let kind = if error.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Connection };
        Error::new(kind, format!("no connection to `{origin}`: {reason}"))
            .with_hint("check that the server runs there and that `base_url` is right")
    } else if error.is_timeout() {
        Error::new(ErrorKind::Timeout, format!("`{origin}` does not answer in time"))
    } else if is_damaged {
        Error::new(ErrorKind::Protocol, format!("answer of `{origin}` is damaged: {reason}"))
    } else {
        Error::new(ErrorKind::Connection, format!("connection to `{origin}` broke: {reason}"))
    };
    made.with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forked_process_has_clients_of_its_own() {
        let own = std::process::id();
        let parent = ProcessClients::of(own);
        let held = parent.clients.lock();
        // Were the child to touch its parent's lock, this would hang.
        let child = ProcessClients::of(own ^ 1);
        assert!(child.clients.lock().is_empty());
        drop(held);
        assert!(!std::ptr::eq(parent, child));
        assert!(std::ptr::eq(parent, ProcessClients::of(own)));
        assert!(std::ptr::eq(child, ProcessClients::of(own ^ 1)));
    }

    #[test]
    fn clients_are_shared_by_equal_options_and_bounded() {
        let options = |seconds| ClientOptions {
            connect_timeout: Duration::from_secs(seconds),
            direct: true,
            tls: false,
            network: Arc::default(),
        };
        for seconds in 1..=2 * MAX_CLIENTS as u64 {
            client(options(seconds)).unwrap();
            client(options(seconds)).unwrap();
        }
        assert_eq!(ProcessClients::of(std::process::id()).clients.lock().len(), MAX_CLIENTS);
    }
}
