//! Ports of the engine that Python code implements, one a file.

mod call;
mod chunks;
mod enforcement;
mod event_sink;
mod provider;
mod quality_check;
mod response;
mod router;
mod tool_handler;

pub(crate) use enforcement::PythonEnforcement;
pub(crate) use event_sink::PythonEventSink;
pub(crate) use provider::PythonProvider;
pub(crate) use quality_check::PythonCheck;
pub(crate) use router::PythonRouter;
pub(crate) use tool_handler::PythonToolHandler;
