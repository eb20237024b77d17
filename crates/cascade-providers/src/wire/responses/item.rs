use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One item of a conversation, in either direction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Item<'a> {
    /// Something said.
    Message {
        /// Id of the item, in answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// `system`, `developer`, `user` or `assistant`.
        role: Cow<'a, str>,
        /// What is said.
        content: ItemContent<'a>,
        /// `completed`, `incomplete` or `in_progress`, in answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<String>,
    },
    /// A call the model asks for.
    FunctionCall {
        /// Id of the item, in answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Id of the call.
        call_id: Cow<'a, str>,
        /// Name of the tool.
        name: Cow<'a, str>,
        /// The arguments as JSON text.
        arguments: Cow<'a, str>,
        /// `completed`, `incomplete` or `in_progress`, in answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<String>,
    },
    /// What a tool answered.
    FunctionCallOutput {
        /// Id of the call.
        call_id: Cow<'a, str>,
        /// The answer.
        output: Cow<'a, str>,
    },
    /// The model's reasoning.
    Reasoning {
        /// Id of the item.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<Cow<'a, str>>,
        /// What is shown of it.
        #[serde(default)]
        summary: Vec<ReasoningText>,
        /// The reasoning itself, from servers that show it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content: Option<Vec<ReasoningText>>,
        /// All of it, encrypted, where it was asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        encrypted_content: Option<Cow<'a, str>>,
    },
    /// An item this version does not know.
    #[serde(untagged)]
    Unknown(Value),
}

/// Content: text, or parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ItemContent<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// Parts of a message to the model.
    Input(Vec<InputPart<'a>>),
    /// Parts of a message of the model.
    Output(Vec<OutputPart>),
}

/// One part of a message to the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum InputPart<'a> {
    /// Text.
    InputText {
        /// The text.
        text: Cow<'a, str>,
    },
    /// A picture.
    InputImage {
        /// A web address or a `data:` URL.
        image_url: Cow<'a, str>,
        /// Resolution to look with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<Cow<'a, str>>,
    },
}

/// One part of a message of the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OutputPart {
    /// Text.
    OutputText {
        /// The text.
        text: String,
        /// Sources that are quoted.
        #[serde(default)]
        annotations: Vec<Value>,
        /// Log-probabilities.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        logprobs: Option<Vec<OutputLogprob>>,
    },
    /// Why the model declines.
    Refusal {
        /// The text.
        refusal: String,
    },
    /// A part this version does not know.
    #[serde(untagged)]
    Unknown(Value),
}

/// A piece of reasoning.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReasoningText {
    /// `summary_text` or `reasoning_text`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The text.
    pub text: String,
}

/// One token.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OutputLogprob {
    /// Its text.
    pub token: String,
    /// Its log-probability.
    pub logprob: f64,
    /// The likeliest alternatives.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub top_logprobs: Vec<TopOutputLogprob>,
}

/// One alternative.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TopOutputLogprob {
    /// Its text.
    pub token: String,
    /// Its log-probability.
    pub logprob: f64,
}
