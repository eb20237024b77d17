//! `cascadeflow run`: one question.

mod answer_view;
mod arguments;
mod command;
mod configuration;
mod discovery;
mod model_flag;
mod time_span;

pub(crate) use arguments::RunArguments;
pub(crate) use command::execute;
pub(crate) use discovery::key_variable;
