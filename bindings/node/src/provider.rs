//! A handle around a built-in provider, for the published provider classes.

use std::pin::pin;
use std::sync::Arc;

use cascadeflow::chat_json::Fields;
use cascadeflow::ports::Provider;
use cascadeflow::{Error, ErrorKind, ModelConfig, Result, Usage, read_value};
use futures_util::{StreamExt, TryStreamExt, stream};
use napi::Env;
use napi_derive::napi;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::cancel::{Canceller, until};
use crate::convert::{AnswerView, ChunkView, EmbeddingsView, read_chat_request};
use crate::decisions::{catalogue_price, price_of};
use crate::error::to_js;
use crate::registry;
use crate::runtime::{Settled, settle};
use crate::stream::NativeStream;

/// A built-in provider with its credentials.
#[napi]
pub struct NativeProvider {
    provider: Arc<dyn Provider>,
    model: ModelConfig,
}

#[napi]
impl NativeProvider {
    /// Makes the provider of the model configuration in the JSON text `model`.
    #[napi(constructor)]
    pub fn new(model: String) -> napi::Result<Self> {
        read_model(&model)
            .and_then(|model| Ok(Self { provider: registry::builtin(&model)?, model }))
            .map_err(to_js)
    }

    /// Answers the published `ProviderRequest` in the JSON text `request` with the JSON text of a
    /// `ProviderResponse`, or its promise.
    #[napi]
    pub fn generate<'env>(
        &self,
        env: &'env Env,
        request: String,
        canceller: Option<&Canceller>,
    ) -> napi::Result<Settled<'env, String>> {
        let provider = Arc::clone(&self.provider);
        let cancelled = canceller.map(Canceller::listen);
        settle(env, async move {
            let request = read_chat_request(&request)?;
            let response = until(cancelled, pin!(provider.complete(&request))).await?;
            encode(&AnswerView::new(&response, &request.model))
        })
    }

    /// Streams the answer as JSON texts of `StreamChunk`s.
    #[napi]
    pub fn stream(&self, request: String) -> napi::Result<NativeStream> {
        let request = read_chat_request(&request).map_err(to_js)?;
        let provider = Arc::clone(&self.provider);
        let opened = async move { provider.stream(&request).await };
        let chunks = stream::once(opened).try_flatten();
        Ok(NativeStream::new(
            chunks.map(|delta| delta.and_then(|delta| encode(&ChunkView::from(&delta)))),
        ))
    }

    /// The models that the provider says it serves: the JSON text of a list of `{id}`, or its
    /// promise.
    #[napi]
    pub fn list_models<'env>(
        &self,
        env: &'env Env,
        canceller: Option<&Canceller>,
    ) -> napi::Result<Settled<'env, String>> {
        let model = self.model.clone();
        let cancelled = canceller.map(Canceller::listen);
        settle(env, async move {
            let provider = registry::over_http(&model)?;
            let models = until(cancelled, pin!(provider.list_models())).await?;
            Ok(models.iter().map(|model| json!({"id": model.id})).collect::<Value>().to_string())
        })
    }

    /// Has the provider's server fetch a model; done, or its promise is, when it is there.
    #[napi]
    pub fn pull_model<'env>(
        &self,
        env: &'env Env,
        model: String,
        canceller: Option<&Canceller>,
    ) -> napi::Result<Settled<'env, ()>> {
        let configured = self.model.clone();
        let cancelled = canceller.map(Canceller::listen);
        settle(env, async move {
            let provider = registry::over_http(&configured)?;
            until(cancelled, pin!(provider.pull_model(&model))).await
        })
    }

    /// The vectors of the texts in the JSON text `request`: `input`, and further parameters of the
    /// provider; `model` in place of the configured one. Gives the JSON text of `{embeddings, model,
    /// usage}`, or its promise.
    #[napi]
    pub fn embed<'env>(
        &self,
        env: &'env Env,
        request: String,
        canceller: Option<&Canceller>,
    ) -> napi::Result<Settled<'env, String>> {
        let configured = self.model.clone();
        let cancelled = canceller.map(Canceller::listen);
        settle(env, async move {
            let (model, texts) = read_embedding_request(configured, &request)?;
            let embedder = registry::embedder(&model)?;
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let made = until(cancelled, pin!(embedder.embed_counted(&texts))).await?;
            encode(&EmbeddingsView::new(&made, &model.name))
        })
    }

    /// The catalogue's price of `model` as the JSON text of `{input, output}`, in USD per 1,000,000
    /// tokens; null where it knows none.
    #[napi]
    pub fn catalogue_price(&self, model: String) -> Option<String> {
        catalogue_price(&self.model, &model)
            .map(|price| json!({"input": price.input.to_f64(), "output": price.output.to_f64()}))
            .map(|price| price.to_string())
    }

    /// What a call of `model` costs in USD: by the configured cost where it is the configured
    /// model's, else by the catalogue.
    #[napi]
    pub fn calculate_cost(
        &self,
        prompt_tokens: f64,
        completion_tokens: f64,
        model: String,
    ) -> napi::Result<f64> {
        let usage = Usage::new(
            token_count("promptTokens", prompt_tokens)?,
            token_count("completionTokens", completion_tokens)?,
        );
        Ok(price_of(&self.model, &model, &usage).to_f64())
    }
}

/// The model that is asked, with the request's parameters, and the texts.
fn read_embedding_request(
    mut model: ModelConfig,
    request: &str,
) -> Result<(ModelConfig, Vec<String>)> {
    let mut fields = Fields::parse("request", request)?;
    let texts = match fields.take_value("input") {
        Some(Value::String(text)) => vec![text],
        Some(list) => read_value(list).map_err(|_| no_texts())?,
        None => return Err(no_texts()),
    };
    if let Some(name) = fields.take("model")? {
        model.name = name;
    }
    let extra: Map<String, Value> = fields.take_or_default("extra")?;
    fields.finish()?;
    model.extra.extend(extra);
    Ok((model, texts))
}

fn no_texts() -> Error {
    Error::validation("input", "there are no texts", "give a text, or a list of texts")
}

fn read_model(text: &str) -> Result<ModelConfig> {
    let value = serde_json::from_str(text).map_err(|error| {
        Error::validation(
            "model",
            format!("the model configuration is not JSON: {error}"),
            "give `{name, provider, cost}`",
        )
    })?;
    let model: ModelConfig = read_value(value)?;
    model.validate()?;
    Ok(model)
}

/// A count from JavaScript, which has only doubles.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be a whole number in range"
)]
fn token_count(field: &str, value: f64) -> napi::Result<u64> {
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && (0.0..LARGEST).contains(&value) {
        return Ok(value as u64);
    }
    Err(to_js(Error::validation(
        field,
        format!("not a number of tokens: `{value}`"),
        "give a whole number, zero or more",
    )))
}

fn encode(view: &impl Serialize) -> Result<String> {
    serde_json::to_string(view).map_err(|error| {
        Error::new(ErrorKind::Internal, format!("answer cannot be encoded: {error}"))
    })
}
