//! Rust futures as Python awaitables, and Python awaitables as Rust futures.
//!
//! A future is polled on the thread of the event loop that awaits it. What is ready at once never
//! crosses threads. What is not gives the loop a [`gate::Gate`] to wait for, which the future's
//! waker opens. A Python coroutine inside (a provider's method, a check) is driven by the same poll,
//! so that it runs in the caller's own task: context variables, `current_task`, timeouts and cancel
//! scopes work as if the caller had awaited it directly.

mod blocking;
mod deferral;
mod drain;
mod drive;
mod driver;
mod gate;
mod leaf;
mod loop_waker;
mod protocol;
mod wake_queue;

pub(crate) use blocking::block_on;
pub(crate) use drain::Drain;
pub(crate) use drive::{Awaitable, Output};
pub(crate) use gate::PyGate;
pub(crate) use leaf::{LeafWaker, PythonFuture};
pub(crate) use wake_queue::WakeQueue;
