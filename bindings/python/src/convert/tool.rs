use cascadeflow::chat_json::write_tool_call;
use cascadeflow::{ToolCall, ToolChoice};
use pyo3::prelude::*;
use serde_json::json;

use super::json::to_python;

/// A tool call in OpenAI's form, with `name` and parsed `arguments` beside it for readers of the
/// universal form.
pub(crate) fn tool_call_to_python(py: Python<'_>, call: &ToolCall) -> PyResult<Py<PyAny>> {
    let mut written = write_tool_call(call);
    if let Some(object) = written.as_object_mut() {
        let arguments = call.parsed_arguments().unwrap_or_else(|| json!(call.arguments));
        object.insert("name".to_owned(), json!(call.name));
        object.insert("arguments".to_owned(), arguments);
    }
    to_python(py, &written)
}

/// A choice of tools as the word or name that stands for it.
pub(crate) fn tool_choice_to_python(choice: &ToolChoice) -> &str {
    match choice {
        ToolChoice::Auto => "auto",
        ToolChoice::None => "none",
        ToolChoice::Required => "required",
        ToolChoice::Named(name) => name,
    }
}
