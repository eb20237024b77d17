//! Python values as the engine's, and back.

mod input;
mod json;
mod message;
mod options;
mod tool;

pub(crate) use input::input;
pub(crate) use json::{finite_json, from_python, json_object, to_json, to_python};
pub(crate) use message::prompt;
pub(crate) use options::{RunArguments, run_options};
pub(crate) use tool::{tool_call_to_python, tool_choice_to_python};
