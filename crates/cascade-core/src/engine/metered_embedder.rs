//! Pays for embeddings.

use std::sync::Arc;

use serde_json::Map;

use crate::error::{Error, ErrorKind, Result};
use crate::ports::{
    Admission, BoxFuture, Charge, Embedder, Embeddings, Ledger, Reservation, SpendRequest,
};
use crate::query::estimate_tokens;
use crate::types::{
    Attempt, AttemptOutcome, AttemptRole, BudgetScope, ModelPrice, Priced, RunId, Spend, Usage, Usd,
};

/// Tokens that an API may add to each text: marks of its beginning and end.
const MARKS_PER_TEXT: u64 = 8;

/// An embedder whose calls draw on budgets: the worst case is reserved before a text leaves, what
/// was used is booked, the rest is released. A refused call sends nothing.
#[derive(Clone)]
pub struct MeteredEmbedder {
    embedder: Arc<dyn Embedder>,
    ledger: Arc<dyn Ledger>,
    model: Arc<str>,
    provider: Arc<str>,
    price: Option<ModelPrice>,
    scope: Arc<BudgetScope>,
}

impl MeteredEmbedder {
    /// Books the calls of `embedder` in `ledger` as those of `model` of `provider`. With a `price`
    /// of `None` its cost is unknown: it counts as zero and is flagged.
    pub fn new(
        embedder: Arc<dyn Embedder>,
        ledger: Arc<dyn Ledger>,
        model: impl Into<Arc<str>>,
        provider: impl Into<Arc<str>>,
        price: Option<ModelPrice>,
    ) -> Self {
        let (model, provider) = (model.into(), provider.into());
        Self { embedder, ledger, model, provider, price, scope: Arc::default() }
    }

    /// The same for other budgets.
    #[must_use]
    pub fn for_scope(&self, scope: BudgetScope) -> Self {
        Self { scope: Arc::new(scope), ..self.clone() }
    }

    fn cost(&self, usage: &Usage) -> Usd {
        self.price.as_ref().map_or(Usd::ZERO, |price| price.cost(usage))
    }

    async fn reserve(&self, texts: &[&str]) -> Result<Held<'_>> {
        // A token is a byte at least.
        let bytes: u64 = texts.iter().map(|text| text.len() as u64 + MARKS_PER_TEXT).sum();
        let cost = self.cost(&Usage::new(bytes, 0));
        let worst_case = Spend { cost, requests: 1, tokens: bytes };
        // There is no cheaper model whose vectors could stand beside these.
        let request = SpendRequest { scope: &self.scope, worst_case, degraded: true };
        match self.ledger.reserve(request).await? {
            Admission::Granted { reservation, .. } => {
                Ok(Held { ledger: &*self.ledger, reservation: Some(reservation) })
            }
            Admission::Degrade { reason } => Err(Error::new(ErrorKind::Budget, reason)
                .with_field("budget")
                .with_hint("raise the budget, or wait until it resets")),
        }
    }

    async fn pay(&self, texts: &[&str]) -> Result<Embeddings> {
        let held = self.reserve(texts).await?;
        let made = self.embedder.embed_counted(texts).await?;
        let usage = made.usage.unwrap_or_else(|| {
            Usage::estimate(texts.iter().map(|text| estimate_tokens(text)).sum(), 0)
        });
        let priced = match &self.price {
            None => Priced::Unpriced,
            Some(price) if price.is_free() => Priced::Free,
            Some(_) => Priced::Catalogue,
        };
        let attempt = Attempt {
            role: AttemptRole::Embedding,
            step: "embedding".into(),
            model: Arc::clone(&self.model),
            provider: Arc::clone(&self.provider),
            outcome: AttemptOutcome::Accepted,
            usage,
            cost: self.cost(&usage),
            priced,
            started_ms: 0.0,
            latency_ms: 0.0,
            first_chunk_ms: None,
            finish_reason: None,
            response_model: None,
            verdict: None,
            error_kind: None,
            error: None,
        };
        held.book(&attempt, &self.scope);
        Ok(Embeddings { usage: Some(usage), ..made })
    }
}

impl Embedder for MeteredEmbedder {
    fn embed<'a>(&'a self, texts: &'a [&'a str]) -> BoxFuture<'a, Result<Vec<Vec<f32>>>> {
        Box::pin(async move { Ok(self.pay(texts).await?.vectors) })
    }

    fn embed_counted<'a>(&'a self, texts: &'a [&'a str]) -> BoxFuture<'a, Result<Embeddings>> {
        Box::pin(self.pay(texts))
    }
}

/// What is set aside, released when it goes out of scope.
struct Held<'a> {
    ledger: &'a dyn Ledger,
    reservation: Option<Reservation>,
}

impl Held<'_> {
    fn book(&self, attempt: &Attempt, scope: &Arc<BudgetScope>) {
        let Some(reservation) = &self.reservation else { return };
        let metadata = Map::new();
        let charge =
            Charge { run: RunId::next(), scope, attempt, requests: 1, metadata: &metadata };
        self.ledger.commit(reservation, charge);
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some(reservation) = self.reservation.take() {
            self.ledger.release(reservation);
        }
    }
}
