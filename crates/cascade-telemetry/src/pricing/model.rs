use cascade_core::ModelPrice;
use serde::{Deserialize, Serialize};

/// One model of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CataloguedModel {
    /// Model id as the provider knows it.
    pub id: String,
    /// What it is asked through.
    #[serde(default, skip_serializing_if = "ModelKind::is_default")]
    pub kind: ModelKind,
    /// Other names of the same model. Price files keep them apart, in [`PriceAliases`].
    ///
    /// [`PriceAliases`]: super::PriceAliases
    #[serde(skip)]
    pub aliases: Vec<String>,
    /// Prices in USD per 1,000,000 tokens.
    pub price: ModelPrice,
    /// Most tokens of a prompt; `None` when not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_tokens: Option<u64>,
    /// Most completion tokens; `None` when not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<u64>,
    /// Length of an embedding; `None` for what makes none, and when not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding_dimensions: Option<u32>,
    /// What the model is known to be able to do. What is missing is not known, rather than absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<Capability>,
    /// The day the provider switches it off, or did, as `YYYY-MM-DD`; `None` when not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated_on: Option<String>,
    /// Where the row comes from when not from the file's own source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl CataloguedModel {
    /// Whether the model is known to be able to do it.
    pub fn can(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }
}

/// The interface a model is asked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// Chat completions.
    #[default]
    Chat,
    /// OpenAI's responses only.
    Responses,
    /// Plain completions of a text.
    Completion,
    /// Embeddings.
    Embedding,
}

impl ModelKind {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes the field by reference")]
    const fn is_default(&self) -> bool {
        matches!(self, Self::Chat)
    }
}

/// Something a model can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Calls tools.
    Tools,
    /// Calls several tools at once.
    ParallelTools,
    /// Answers in JSON of a given schema.
    JsonSchema,
    /// Sees pictures.
    Vision,
    /// Reads PDF files.
    Pdf,
    /// Hears.
    AudioInput,
    /// Speaks.
    AudioOutput,
    /// Thinks before it answers.
    Reasoning,
    /// Its provider caches prompts.
    PromptCaching,
    /// Searches the web by itself.
    WebSearch,
    /// Makes embeddings.
    Embeddings,
    /// Gives the log-probabilities of its tokens.
    Logprobs,
}
