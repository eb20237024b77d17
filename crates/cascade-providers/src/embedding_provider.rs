//! Vectors over HTTP.

use std::sync::Arc;

use cascade_core::ports::{BoxFuture, Embedder, Embeddings};
use cascade_core::{Error, ErrorKind, ModelConfig, Result, Usage};
use http::Method;
use serde_json::{Map, Value};

use crate::capabilities::Dialect;
use crate::credentials::Lookup;
use crate::deadline::Deadline;
use crate::endpoint::Endpoint;
use crate::http_config::HttpConfig;
use crate::protocol::{EmbeddingProtocol, EncodedRequest, Protocol};
use crate::surface::resolve;

/// Turns texts into vectors by a model of a provider.
///
/// Texts beyond what one request holds go in several, one after the other. Extra parameters of the
/// model, such as `dimensions` or `input_type`, are passed on. Making one opens nothing.
pub struct EmbeddingProvider {
    endpoint: Endpoint,
    protocol: Box<dyn Protocol>,
    model: Arc<str>,
    extra: Map<String, Value>,
}

impl EmbeddingProvider {
    /// The embedder of `dialect` for `model`, with what the model configures and `lookup` finds.
    ///
    /// # Errors
    /// A validation error about `provider` when its API makes no vectors; otherwise as for a
    /// [`crate::HttpProvider`].
    pub fn new(
        dialect: &'static Dialect,
        model: &ModelConfig,
        lookup: Lookup<'_>,
        config: HttpConfig,
    ) -> Result<Self> {
        let (endpoint, protocol) = resolve(dialect, model, lookup, config)?;
        if dialect.embedding_batch.is_none() || protocol.embedding().is_none() {
            return Err(no_vectors(dialect, model));
        }
        let mut extra = model.extra.clone();
        extra.retain(|name, _| !dialect.settings.iter().any(|setting| setting.name == name));
        Ok(Self { endpoint, protocol, model: Arc::from(&*model.name), extra })
    }

    /// The provider's name in the registry.
    pub fn name(&self) -> &'static str {
        self.endpoint.dialect.name
    }

    /// Id of the model.
    pub fn model(&self) -> &str {
        &self.model
    }

    async fn embed_all(&self, texts: &[&str]) -> Result<Embeddings> {
        let context = &self.endpoint.context;
        let deadline = Deadline::start(self.endpoint.config.timeouts.total, None)
            .map_err(|error| context.label(error))?;
        let Some(protocol) = self.protocol.embedding() else {
            return Err(context.label(Error::new(ErrorKind::Internal, "API makes no vectors")));
        };
        let most = self.endpoint.dialect.embedding_batch.unwrap_or(1);
        let batch = protocol.batch_size(&self.model).min(most).max(1);
        let mut all = Embeddings { vectors: Vec::with_capacity(texts.len()), usage: None };
        let mut is_first = true;
        for part in texts.chunks(batch) {
            let made = self.embed_batch(protocol, part, deadline).await?;
            all.usage = if is_first { made.usage } else { sum(all.usage, made.usage) };
            is_first = false;
            all.vectors.extend(made.vectors);
        }
        let length = all.vectors.first().map_or(0, Vec::len);
        if all.vectors.iter().any(|vector| vector.is_empty() || vector.len() != length) {
            return Err(context.label(Error::new(
                ErrorKind::Protocol,
                "answer has vectors of different lengths or without numbers",
            )));
        }
        Ok(all)
    }

    async fn embed_batch(
        &self,
        protocol: &dyn EmbeddingProtocol,
        texts: &[&str],
        deadline: Deadline,
    ) -> Result<Embeddings> {
        let context = &self.endpoint.context;
        let body = protocol
            .encode(&self.model, texts, &self.extra)
            .map_err(|error| context.label(error))?;
        let encoded = &EncodedRequest::from(body);
        let target = self.endpoint.target_of(&self.model);
        self.endpoint
            .call(deadline, &target, context, || async move {
                let url = self.endpoint.url(&protocol.path(&self.model));
                let (headers, body) = self
                    .endpoint
                    .exchange(Method::POST, url, Some(encoded), deadline, context)
                    .await?;
                let made =
                    protocol.decode(&body).map_err(|fault| context.fault_error(fault, &headers))?;
                if made.vectors.len() != texts.len() {
                    let (got, asked) = (made.vectors.len(), texts.len());
                    let message = format!("answer has {got} vectors for {asked} texts");
                    return Err(context.label(Error::new(ErrorKind::Protocol, message)).into());
                }
                Ok(made)
            })
            .await
    }
}

impl Embedder for EmbeddingProvider {
    fn embed<'a>(&'a self, texts: &'a [&'a str]) -> BoxFuture<'a, Result<Vec<Vec<f32>>>> {
        Box::pin(async move { Ok(self.embed_all(texts).await?.vectors) })
    }

    fn embed_counted<'a>(&'a self, texts: &'a [&'a str]) -> BoxFuture<'a, Result<Embeddings>> {
        Box::pin(self.embed_all(texts))
    }
}

fn no_vectors(dialect: &Dialect, model: &ModelConfig) -> Error {
    Error::validation(
        "provider",
        format!("provider makes no embeddings: `{}`", dialect.name),
        "use a provider that has embedding models, such as `openai`, `cohere` or `ollama`",
    )
    .with_provider(dialect.name)
    .with_model(&*model.name)
}

/// Both counts together; unknown when either is.
fn sum(left: Option<Usage>, right: Option<Usage>) -> Option<Usage> {
    let (left, right) = (left?, right?);
    Some(Usage::new(left.input_tokens.saturating_add(right.input_tokens), 0))
}
