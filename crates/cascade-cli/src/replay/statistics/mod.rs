//! What a gate on recorded drafts is worth, as pure functions, one concept a file.
//!
//! Throughout, row *i* has the quality of its cheap answer *cᵢ* and of its strong answer *sᵢ*, both
//! in [0, 1], and its *gain* *dᵢ = cᵢ − sᵢ*: what accepting the cheap answer changes. A policy that
//! accepts the set *A* of *k* of *n* rows has quality *mean(s) + Σ_{i∈A} dᵢ / n*.

mod acceptance_curve;
mod apgr;
mod auroc;
mod length_baseline;
mod mean;
mod oracle_baseline;
mod pgr;
mod random_baseline;
mod selection_gain;

pub use acceptance_curve::{AcceptanceCurve, CurvePoint};
pub use apgr::apgr;
pub use auroc::auroc;
pub use length_baseline::{length_curve, length_quality};
pub use mean::{gains, mean};
pub use oracle_baseline::{oracle_curve, oracle_quality};
pub use pgr::pgr;
pub use random_baseline::random_quality;
pub use selection_gain::{SelectionGain, selection_gain};
