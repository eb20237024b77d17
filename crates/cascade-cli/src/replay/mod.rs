//! `cascadeflow replay`: recorded drafts through the whole engine.

mod arguments;
mod command;
mod draft_file;
mod draft_row;
mod file_report;
mod macro_report;
mod measuring_router;
mod pair_prices;
pub(crate) mod plot;
mod recorded_provider;
mod replayer;
pub mod statistics;
mod view;

pub(crate) use arguments::ReplayArguments;
pub(crate) use command::execute;
