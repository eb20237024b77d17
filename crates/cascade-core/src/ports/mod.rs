//! The traits through which the engine reaches the outside world, one a file.
//!
//! Each is object-safe and takes `&self`, so that Rust, Python and JavaScript code can implement
//! it. No lock is held while a port is called.

mod budget_store;
mod cache;
mod clock;
mod embedder;
mod enforcement;
mod event_sink;
mod judge;
mod ledger;
mod price_source;
mod provider;
mod quality_check;
mod router;
mod tool_handler;

/// A boxed future, the return type of every asynchronous port method.
pub type BoxFuture<'a, T> = futures_util::future::BoxFuture<'a, T>;
/// A boxed stream, the return type of streaming port methods.
pub type BoxStream<'a, T> = futures_util::stream::BoxStream<'a, T>;

pub use budget_store::{
    BudgetStore, EntryFilter, EntryTotal, Held, Hold, LedgerEntry, LimitedAccount, TotalsBy,
};
pub use cache::{CacheKey, ResponseCache};
pub use clock::Clock;
pub use embedder::{Embedder, Embeddings};
pub use enforcement::{EnforcementAction, EnforcementHook, EnforcementRequest};
pub use event_sink::{EngineEvent, EventSink};
pub use judge::{DraftSetVerdict, Judge, JudgeInput};
pub use ledger::{Admission, Charge, Ledger, Reservation, SpendRequest};
pub use price_source::PriceSource;
pub use provider::{Provider, ResponseStream};
pub use quality_check::QualityCheck;
pub use router::{RouteInput, Router};
pub use tool_handler::ToolHandler;
