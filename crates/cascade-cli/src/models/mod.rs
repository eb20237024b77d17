//! `cascadeflow models`: the models with known prices.

mod command;
mod listed;

pub(crate) use command::{ModelsArguments, execute};
