//! User code as implementations of ports, one port a file.

mod calls;
mod event_sink;
mod provider;
mod quality_check;

pub(crate) use event_sink::JsEventSink;
pub(crate) use provider::{ProviderHost, provider_of};
pub(crate) use quality_check::CheckHost;
