//! The engine: plan → draft → judge → accept or escalate → account.
mod agent;
mod builder;
mod streaming;
pub use agent::Agent;
pub use builder::AgentBuilder;
pub use streaming::CascadeStream;
