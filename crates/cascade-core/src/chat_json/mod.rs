//! The JSON forms in which callers write conversations, tools and options, and in which they get
//! them back: OpenAI's, Anthropic's and the universal ones. Every face reads and writes through
//! these, so that the same JSON means the same in all of them.

mod check_outcome;
mod fields;
mod message;
mod options;
mod part;
mod response_format;
mod tool;

pub use check_outcome::read_check_outcome;
pub use fields::Fields;
pub use message::{read_input, read_message, read_messages, write_message};
pub use options::{read_batch_options, read_run_options, write_run_options};
pub use response_format::read_response_format;
pub use tool::{
    read_tool_call, read_tool_calls, read_tool_choice, read_tools, write_tool, write_tool_call,
    write_tool_choice,
};
