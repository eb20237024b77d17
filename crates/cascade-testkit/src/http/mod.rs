//! A loopback HTTP/1.1 server that plays scripts of raw bytes.
//!
//! It frames requests only as far as needed to record them, and writes exactly what a script says:
//! pauses, pieces of any size, cut connections, silence. It listens on `127.0.0.1` on a port of the
//! system's choice and ends when dropped.

mod recorded_request;
mod script;
mod server;

pub use recorded_request::RecordedRequest;
pub use script::Script;
pub use server::{LoopbackServer, ServerCounts};
