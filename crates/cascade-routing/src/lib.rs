//! Routers that plan which models a query visits.

mod complexity;

pub use complexity::ComplexityRouter;
