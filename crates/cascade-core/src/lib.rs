//! Types, ports, query analysis and the engine of cascadeflow.
//!
//! Owns what every other crate speaks: messages, usage, money, verdicts, plans and results; the
//! traits (*ports*) through which the outside world is reached; the one-pass analysis of a query;
//! and the engine that turns a query into a [`CascadeResult`]: plan → draft → judge → accept or
//! escalate → account.
//!
//! Must not do HTTP, SQL, files, environment variables or read the wall clock: each of these comes
//! in through a port. It is the lowest layer; every other crate depends on it.

pub mod chat_json;
pub mod engine;
pub mod error;
mod nearest;
pub mod ports;
pub mod query;
pub mod types;

pub use engine::{Agent, AgentBuilder, CascadeStream, MeteredEmbedder};
pub use error::{Error, ErrorKind, Result};
pub use nearest::nearest;
pub use types::*;
