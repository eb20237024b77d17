//! `cascadeflow demo`: the real engine and the real providers on scripted models.

mod arguments;
mod command;
mod line_up;
mod quantile;
mod query_report;
mod runner;
mod script;
mod server;
mod summary;
mod toolbox;
mod view;

pub(crate) use arguments::DemoArguments;
pub(crate) use command::execute;
