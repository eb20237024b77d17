//! User code as implementations of ports, one port a file.

mod calls;
mod enforcement;
mod event_sink;
mod provider;
mod quality_check;
mod queue;
mod router;
mod tool_handler;

pub(crate) use enforcement::EnforcementHost;
pub(crate) use event_sink::JsEventSink;
pub(crate) use provider::{ProviderHost, provider_of};
pub(crate) use quality_check::CheckHost;
pub(crate) use queue::{JsQueue, JsQueues};
pub(crate) use router::RouterHost;
pub(crate) use tool_handler::ToolHost;
