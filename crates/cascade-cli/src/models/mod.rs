//! `cascadeflow models`: the models with known prices.

mod command;

pub(crate) use command::{ModelsArguments, execute};
