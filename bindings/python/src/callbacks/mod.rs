//! Ports of the engine that Python code implements, one a file.

mod call;
mod chunks;
mod provider;
mod response;
mod tool_handler;

pub(crate) use provider::PythonProvider;
pub(crate) use tool_handler::PythonToolHandler;
