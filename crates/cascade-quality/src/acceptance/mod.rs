//! How likely a draft is right, from its text: a sparse logistic model.

mod features;
mod model;

pub use features::AcceptanceFeatures;
pub use model::AcceptanceModel;
