use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::routing::post;
use cascadeflow::{Error, ErrorKind, Result};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::stage::Stage;
use super::{anthropic, openai};
use crate::demo::script::{Dialect, Script};

/// The key that the servers ask for, as a real one would.
pub(in crate::demo) const KEY: &str = "scripted-key";

/// One server for each dialect, each on a free port of 127.0.0.1. They end when dropped.
pub(in crate::demo) struct ScriptedServers {
    openai: SocketAddr,
    anthropic: SocketAddr,
    _serving: JoinSet<()>,
}

impl ScriptedServers {
    /// Starts the servers. `paced` keeps the pauses of the script.
    ///
    /// # Errors
    /// A connection error when no port can be had.
    pub(in crate::demo) async fn start(script: Arc<Script>, paced: bool) -> Result<Self> {
        let stage = Arc::new(Stage::new(script, paced));
        let mut serving = JoinSet::new();
        let openai_routes = Router::new()
            .route("/v1/chat/completions", post(openai::complete))
            .with_state(Arc::clone(&stage));
        let anthropic_routes =
            Router::new().route("/v1/messages", post(anthropic::complete)).with_state(stage);
        Ok(Self {
            openai: serve(openai_routes, &mut serving).await?,
            anthropic: serve(anthropic_routes, &mut serving).await?,
            _serving: serving,
        })
    }

    /// The base URL of a dialect as a configuration gives it.
    pub(in crate::demo) fn base_url(&self, dialect: Dialect) -> String {
        match dialect {
            Dialect::Openai => format!("http://{}/v1", self.openai),
            Dialect::Anthropic => format!("http://{}", self.anthropic),
        }
    }
}

async fn serve(routes: Router, serving: &mut JoinSet<()>) -> Result<SocketAddr> {
    let unavailable = |error: std::io::Error| {
        Error::new(ErrorKind::Connection, format!("no port of 127.0.0.1 can be opened: {error}"))
            .with_hint("allow this program to listen on the loopback interface")
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(unavailable)?;
    let address = listener.local_addr().map_err(unavailable)?;
    serving.spawn(async move {
        // Serving ends only with the task; what single connections suffer is part of the script.
        drop(axum::serve(listener, routes).await);
    });
    Ok(address)
}
