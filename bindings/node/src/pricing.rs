//! Prices, tokens and costs: JSON text in, JSON text out.

use cascadeflow::chat_json::{Fields, read_messages};
use cascadeflow::telemetry::{
    CostEstimator, PriceCatalogue, ReloadingPrices, TokenCount, TokenCounter,
};
use cascadeflow::{Error, ErrorKind, Message, ModelConfig, Result, Usage, Usd, read_value};
use napi_derive::napi;
use serde::Serialize;

use crate::error::to_js;

/// The tokens of `text` or `messages` of the JSON text `request`, as the `model` of it sees them
/// (without one by the estimate): the JSON text of `{tokens, source}`.
#[napi]
pub(crate) fn count_tokens(request: String) -> napi::Result<String> {
    count(&request).and_then(|counted| encode(&counted)).map_err(to_js)
}

fn count(request: &str) -> Result<TokenCount> {
    let mut fields = Fields::parse("request", request)?;
    let model: Option<String> = fields.take("model")?;
    let counter = model.as_deref().map_or_else(TokenCounter::estimate, TokenCounter::for_model);
    let text: Option<String> = fields.take("text")?;
    let messages = fields.take_value("messages");
    fields.finish()?;
    match (text, messages) {
        (Some(text), None) => Ok(counter.text(&text)),
        (None, Some(messages)) => Ok(counter.messages(&read_messages("messages", &messages)?)),
        _ => Err(Error::validation(
            "text",
            "what is to be counted is not clear",
            "give either `text` or `messages`",
        )),
    }
}

fn estimate(catalogue: PriceCatalogue, request: &str) -> Result<String> {
    let mut fields = Fields::parse("request", request)?;
    let model = fields.take::<String>("model")?.ok_or_else(|| {
        Error::validation("model", "there is no model", "give the provider's model id")
    })?;
    let provider: Option<String> = fields.take("provider")?;
    let cost: Option<Usd> = fields.take("cost")?;
    let max_tokens: Option<u64> = fields.take("max_tokens")?;
    let messages = match fields.take_value("messages") {
        Some(serde_json::Value::String(text)) => vec![Message::user(text)],
        Some(messages) => read_messages("messages", &messages)?,
        None => Vec::new(),
    };
    fields.finish()?;
    let estimator = CostEstimator::new(catalogue);
    let estimate = match provider {
        Some(provider) => {
            let mut configured = ModelConfig::new(model, provider);
            configured.cost = cost;
            configured.validate()?;
            estimator.estimate_model(&configured, &messages, max_tokens)?
        }
        None if cost.is_some() => {
            return Err(Error::validation(
                "provider",
                "a model with a `cost` of its own has no provider",
                "give `provider`, or leave `cost` out",
            ));
        }
        None => estimator.estimate_cost(&model, &messages, max_tokens)?,
    };
    encode(&estimate)
}

/// The price catalogue, alone or with files over it.
#[napi]
pub struct NativePrices {
    /// `None` when there are no files.
    files: Option<ReloadingPrices>,
}

#[napi]
impl NativePrices {
    /// The prices that come with the package, with those of the file or the folder at `path` over
    /// them.
    #[napi(constructor)]
    pub fn new(path: Option<String>) -> napi::Result<Self> {
        let files = path.map(ReloadingPrices::open).transpose().map_err(to_js)?;
        Ok(Self { files })
    }

    /// Reads the files again; where one is broken, the prices stay as they were.
    #[napi]
    pub fn reload(&self) -> napi::Result<()> {
        self.files.as_ref().map_or(Ok(()), ReloadingPrices::reload).map_err(to_js)
    }

    /// What is listed of `model` as JSON text, amounts in USD per 1,000,000 tokens as decimal texts;
    /// null when no price is known. Without a provider the name may begin with one.
    #[napi]
    pub fn listing(&self, model: String, provider: Option<String>) -> napi::Result<Option<String>> {
        let found = self.catalogue().listing(&model, provider.as_deref());
        found.map(|found| encode(&found)).transpose().map_err(to_js)
    }

    /// What the usage in the JSON text `usage` costs, as a decimal text in USD; null when no price
    /// is known.
    #[napi]
    pub fn usage_cost(
        &self,
        model: String,
        provider: Option<String>,
        usage: String,
    ) -> napi::Result<Option<String>> {
        let usage = read_usage(&usage).map_err(to_js)?;
        let found = self.catalogue().listing(&model, provider.as_deref());
        Ok(found.map(|found| found.price.cost(&usage).to_string()))
    }

    /// What a call may cost at most: `model`, `messages` (a text is the user's) and optionally
    /// `provider`, `cost` and `max_tokens` of the JSON text `request`. Gives the JSON text of the
    /// engine's estimate.
    #[napi]
    pub fn estimate_cost(&self, request: String) -> napi::Result<String> {
        estimate(self.catalogue(), &request).map_err(to_js)
    }
}

impl NativePrices {
    fn catalogue(&self) -> PriceCatalogue {
        self.files.as_ref().map_or_else(PriceCatalogue::embedded, ReloadingPrices::current)
    }
}

fn read_usage(text: &str) -> Result<Usage> {
    let value = serde_json::from_str(text).map_err(|error| {
        Error::validation(
            "usage",
            format!("the usage is not JSON: {error}"),
            "give whole numbers of tokens, zero or more",
        )
    })?;
    read_value(value)
}

fn encode(view: &impl Serialize) -> Result<String> {
    serde_json::to_string(view).map_err(|error| {
        Error::new(ErrorKind::Internal, format!("answer cannot be encoded: {error}"))
    })
}
