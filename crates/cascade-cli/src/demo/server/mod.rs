//! Servers on the loopback interface that answer from the script, in the dialects of providers.

mod anthropic;
mod asked_request;
mod delivery;
mod openai;
mod servers;
mod stage;

pub(super) use servers::{KEY, ScriptedServers};
