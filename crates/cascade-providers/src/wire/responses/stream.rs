use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Item, OutputLogprob, ResponseObject};

/// One event of a streamed answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum ResponsesEvent {
    /// The answer begins.
    #[serde(rename = "response.created")]
    Created {
        /// It, still empty.
        response: ResponseObject,
    },
    /// An item begins.
    #[serde(rename = "response.output_item.added")]
    ItemAdded {
        /// Its position.
        output_index: usize,
        /// It, still empty.
        item: Item<'static>,
    },
    /// An item is complete.
    #[serde(rename = "response.output_item.done")]
    ItemDone {
        /// Its position.
        output_index: usize,
        /// All of it.
        item: Item<'static>,
    },
    /// More text.
    #[serde(rename = "response.output_text.delta")]
    TextDelta {
        /// Position of its item.
        output_index: usize,
        /// The text.
        delta: String,
        /// Log-probabilities of it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        logprobs: Vec<OutputLogprob>,
    },
    /// More of a refusal.
    #[serde(rename = "response.refusal.delta")]
    RefusalDelta {
        /// Position of its item.
        output_index: usize,
        /// The text.
        delta: String,
    },
    /// More of a call's arguments.
    #[serde(rename = "response.function_call_arguments.delta")]
    ArgumentsDelta {
        /// Position of its item.
        output_index: usize,
        /// The next piece of their JSON text.
        delta: String,
    },
    /// More of what is shown of the reasoning.
    #[serde(rename = "response.reasoning_summary_text.delta")]
    SummaryDelta {
        /// Position of its item.
        output_index: usize,
        /// The text.
        delta: String,
    },
    /// More reasoning.
    #[serde(rename = "response.reasoning_text.delta")]
    ReasoningDelta {
        /// Position of its item.
        output_index: usize,
        /// The text.
        delta: String,
    },
    /// The answer is complete.
    #[serde(rename = "response.completed")]
    Completed {
        /// All of it.
        response: ResponseObject,
    },
    /// The answer ends early.
    #[serde(rename = "response.incomplete")]
    Incomplete {
        /// What there is.
        response: ResponseObject,
    },
    /// The answer failed.
    #[serde(rename = "response.failed")]
    Failed {
        /// With its error.
        response: ResponseObject,
    },
    /// The stream failed.
    #[serde(rename = "error")]
    Error {
        /// Stable code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<Value>,
        /// The error, from servers that nest it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<Value>,
        /// What went wrong.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// An event that brings nothing new, or one this version does not know.
    #[serde(untagged)]
    Unknown(Value),
}
