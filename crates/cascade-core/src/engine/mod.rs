//! The engine: analyse → plan → draft → judge → accept or escalate → account.
//!
//! [`Agent`] is the handle; a `Run` carries one query through the stages, each of which takes what
//! the one before produced. Streaming is the same path with a sink.

mod accounting;
mod admission;
mod agent;
mod batch;
mod builder;
mod cache_key;
mod call;
mod conversation;
mod failure;
mod judging;
mod metered_embedder;
mod outcome;
mod planning;
mod prompt_bound;
mod reservation;
mod run;
mod sink;
mod steps;
mod streaming;
mod tool_loop;
mod trace_recorder;
mod worst_case;

pub use agent::Agent;
pub use builder::AgentBuilder;
pub use metered_embedder::MeteredEmbedder;
pub use streaming::CascadeStream;
