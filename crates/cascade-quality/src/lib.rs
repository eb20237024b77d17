//! Quality checks that judge a draft.

mod config;
mod validator;

pub use config::QualityConfig;
pub use validator::QualityValidator;
