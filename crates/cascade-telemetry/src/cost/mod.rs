//! What a call will cost.

mod estimate;

pub use estimate::{CostEstimate, CostEstimator};
