//! A handle around a built-in provider, for the published provider classes.

use std::pin::pin;
use std::sync::Arc;

use cascadeflow::ports::Provider;
use cascadeflow::{Error, ErrorKind, ModelConfig, Result, Usage, read_value};
use futures_util::{StreamExt, TryStreamExt, stream};
use napi::Env;
use napi_derive::napi;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cancel::{Canceller, until};
use crate::convert::{AnswerView, ChunkView, read_chat_request};
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

/// Names of the built-in providers in alphabetical order.
#[napi]
pub(crate) fn provider_names() -> Vec<String> {
    registry::names()
}

/// Names of the built-in providers that can be called as they are.
#[napi]
pub(crate) fn available_providers() -> Vec<String> {
    registry::available()
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
