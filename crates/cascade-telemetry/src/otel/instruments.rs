//! The metrics and what is recorded in them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use cascade_core::{Attempt, AttemptRole, CascadeResult, ErrorKind, Priced, Route, Usd};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter, ObservableCounter};

use super::config::OpenTelemetryConfig;
use super::conventions::{Conventions, Metric, conventions};
use super::counts::Counters;
use super::labels::Label;
use super::usage_record::{UsageDimensions, UsageRecord};

/// Values kept of labels that come from configuration, not from users.
const MOST_PROVIDERS: usize = 50;
const MOST_DOMAINS: usize = 50;
const MOST_TIERS: usize = 50;

/// The instruments of one process.
pub(super) struct Instruments {
    names: &'static Conventions,
    client_token_usage: Histogram<u64>,
    client_operation_duration: Histogram<f64>,
    client_time_to_first_chunk: Histogram<f64>,
    cost_total: Counter<f64>,
    cost_baseline: Counter<f64>,
    tokens_total: Counter<u64>,
    latency: Histogram<f64>,
    runs: Counter<u64>,
    drafts: Counter<u64>,
    escalations: Counter<u64>,
    /// Asked at each export for as long as it is kept.
    _dropped: ObservableCounter<u64>,
    models: Label,
    providers: Label,
    domains: Label,
    users: Label,
    tiers: Label,
    user_labels: bool,
}

/// Whom and what a run is for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Purpose<'a> {
    pub(super) user_id: Option<&'a str>,
    pub(super) user_tier: Option<&'a str>,
    pub(super) domain: Option<&'a str>,
}

impl Instruments {
    pub(super) fn new(
        meter: &Meter,
        config: &OpenTelemetryConfig,
        counters: Arc<Counters>,
    ) -> Self {
        let names = conventions();
        let metrics = &names.metrics;
        let amounts = |metric: &Metric| {
            meter.f64_counter(metric.name).with_unit(metric.unit).with_description(metric.about)
        };
        let counts = |metric: &Metric| {
            meter.u64_counter(metric.name).with_unit(metric.unit).with_description(metric.about)
        };
        let times = |metric: &Metric| {
            meter
                .f64_histogram(metric.name)
                .with_unit(metric.unit)
                .with_description(metric.about)
                .with_boundaries(metric.buckets.clone())
                .build()
        };
        let signal = names.attributes.label_signal.key();
        let dropped = &metrics.dropped;
        Self {
            names,
            client_token_usage: meter
                .u64_histogram(metrics.client_token_usage.name)
                .with_unit(metrics.client_token_usage.unit)
                .with_description(metrics.client_token_usage.about)
                .with_boundaries(metrics.client_token_usage.buckets.clone())
                .build(),
            client_operation_duration: times(&metrics.client_operation_duration),
            client_time_to_first_chunk: times(&metrics.client_time_to_first_chunk),
            cost_total: amounts(&metrics.cost_total).build(),
            cost_baseline: amounts(&metrics.cost_baseline).build(),
            tokens_total: counts(&metrics.tokens_total).build(),
            latency: times(&metrics.latency),
            runs: counts(&metrics.runs).build(),
            drafts: counts(&metrics.drafts).build(),
            escalations: counts(&metrics.escalations).build(),
            _dropped: meter
                .u64_observable_counter(dropped.name)
                .with_unit(dropped.unit)
                .with_description(dropped.about)
                .with_callback(move |observer| {
                    let lost =
                        [("runs", &counters.dropped_runs), ("spans", &counters.failed_spans)];
                    for (what, counter) in lost {
                        let label = KeyValue::new(signal.clone(), what);
                        observer.observe(counter.load(Ordering::Relaxed), &[label]);
                    }
                })
                .build(),
            models: Label::new(config.max_models),
            providers: Label::new(MOST_PROVIDERS),
            domains: Label::new(MOST_DOMAINS),
            users: Label::new(config.max_users),
            tiers: Label::new(MOST_TIERS),
            user_labels: config.user_labels,
        }
    }

    /// Counts one call of a model.
    pub(super) fn attempt(&self, attempt: &Attempt, purpose: Purpose<'_>) {
        self.operation(attempt);
        let names = &self.names.attributes;
        let mut labels = self.model_labels(&attempt.model, &attempt.provider);
        labels.extend(self.purpose_labels(purpose, self.user_labels));
        self.count_tokens(&labels, attempt.usage.input_tokens, attempt.usage.output_tokens);
        labels.push(KeyValue::new(names.label_role.key(), attempt.role.as_str()));
        if attempt.priced != Priced::Unpriced {
            self.cost_total.add(attempt.cost.to_f64().max(0.0), &labels);
        }
        if attempt.role == AttemptRole::Draft {
            let mut labels = self.model_labels(&attempt.model, &attempt.provider);
            labels.push(KeyValue::new(names.label_outcome.key(), attempt.outcome.as_str()));
            self.drafts.add(1, &labels);
        }
    }

    /// What the semantic conventions want of one call.
    fn operation(&self, attempt: &Attempt) {
        let names = &self.names.attributes;
        let mut labels = vec![
            KeyValue::new(names.operation_name.key(), "chat"),
            KeyValue::new(
                names.provider_name.key(),
                self.providers.bounded(self.names.provider(&attempt.provider)),
            ),
            KeyValue::new(names.request_model.key(), self.models.bounded(&attempt.model)),
        ];
        if let Some(model) = &attempt.response_model {
            labels.push(KeyValue::new(names.response_model.key(), self.models.bounded(model)));
        }
        if let Some(seconds) = attempt.first_chunk_ms.map(seconds) {
            self.client_time_to_first_chunk.record(seconds, &labels);
        }
        let counts =
            [("input", attempt.usage.input_tokens), ("output", attempt.usage.output_tokens)];
        for (kind, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            labels.push(KeyValue::new(names.token_type.key(), kind));
            self.client_token_usage.record(count, &labels);
            labels.pop();
        }
        if let Some(kind) = attempt.error_kind {
            labels.push(KeyValue::new(names.error_type.key(), kind.code()));
        }
        self.client_operation_duration.record(seconds(attempt.latency_ms), &labels);
    }

    /// Counts a run that was answered.
    pub(super) fn completed(&self, result: &CascadeResult) {
        let names = &self.names.attributes;
        let outcome = outcome_of(result);
        let labels = [
            KeyValue::new(names.label_route.key(), result.route.as_str()),
            KeyValue::new(names.label_outcome.key(), outcome),
        ];
        self.runs.add(1, &labels);
        if result.escalated && !result.cache_hit {
            self.escalations.add(1, &[labels[0].clone()]);
        }
        let mut labels = self.model_labels(&result.answer_model, &result.answer_provider);
        self.cost_baseline.add(result.baseline_cost.to_f64().max(0.0), &labels);
        labels.push(KeyValue::new(names.label_outcome.key(), outcome));
        self.latency.record(result.timings.total_ms, &labels);
    }

    /// Counts a run that failed.
    pub(super) fn failed(&self, kind: ErrorKind, total_ms: f64) {
        let names = &self.names.attributes;
        let labels = [
            KeyValue::new(names.label_outcome.key(), FAILED),
            KeyValue::new(names.error_type.key(), kind.code()),
        ];
        self.runs.add(1, &labels);
        self.latency.record(total_ms, &labels);
    }

    /// Counts what was spent elsewhere.
    pub(super) fn record(&self, record: &UsageRecord) {
        let labels = self.dimension_labels(&record.dimensions);
        self.count_tokens(&labels, record.input_tokens, record.output_tokens);
        self.cost_total.add(record.cost.to_f64(), &labels);
        let UsageDimensions { user_id: _, user_tier: _, model, provider, domain } =
            &record.dimensions;
        if let Some(latency) = record.latency_ms {
            let labels = self.dimension_labels(&UsageDimensions {
                model: model.clone(),
                provider: provider.clone(),
                domain: domain.clone(),
                ..UsageDimensions::default()
            });
            self.latency.record(latency, &labels);
        }
    }

    /// Counts a cost alone.
    pub(super) fn cost(&self, cost: Usd, dimensions: &UsageDimensions) {
        self.cost_total.add(cost.to_f64(), &self.dimension_labels(dimensions));
    }

    fn count_tokens(&self, labels: &[KeyValue], input: u64, output: u64) {
        let mut labels = labels.to_vec();
        for (kind, count) in [("input", input), ("output", output)] {
            labels.push(KeyValue::new(self.names.attributes.label_token_type.key(), kind));
            self.tokens_total.add(count, &labels);
            labels.pop();
        }
    }

    fn model_labels(&self, model: &str, provider: &str) -> Vec<KeyValue> {
        let names = &self.names.attributes;
        vec![
            KeyValue::new(names.label_model.key(), self.models.bounded(model)),
            KeyValue::new(names.label_provider.key(), self.providers.bounded(provider)),
        ]
    }

    fn purpose_labels(&self, purpose: Purpose<'_>, users: bool) -> Vec<KeyValue> {
        let names = &self.names.attributes;
        let mut labels = Vec::new();
        if let Some(domain) = purpose.domain {
            labels.push(KeyValue::new(names.label_domain.key(), self.domains.bounded(domain)));
        }
        if let Some(user) = purpose.user_id.filter(|_| users) {
            labels.push(KeyValue::new(names.label_user_id.key(), self.users.bounded(user)));
        }
        if let Some(tier) = purpose.user_tier.filter(|_| users) {
            labels.push(KeyValue::new(names.label_user_tier.key(), self.tiers.bounded(tier)));
        }
        labels
    }

    fn dimension_labels(&self, dimensions: &UsageDimensions) -> Vec<KeyValue> {
        let names = &self.names.attributes;
        let mut labels = self.purpose_labels(
            Purpose {
                user_id: dimensions.user_id.as_deref(),
                user_tier: dimensions.user_tier.as_deref(),
                domain: dimensions.domain.as_deref(),
            },
            true,
        );
        if let Some(model) = &dimensions.model {
            labels.push(KeyValue::new(names.label_model.key(), self.models.bounded(model)));
        }
        if let Some(provider) = &dimensions.provider {
            let provider = self.providers.bounded(provider);
            labels.push(KeyValue::new(names.label_provider.key(), provider));
        }
        labels
    }
}

/// The outcome of a run that failed.
pub(super) const FAILED: &str = "failed";

/// How a run that was answered ended.
pub(super) const fn outcome_of(result: &CascadeResult) -> &'static str {
    if result.cache_hit {
        "cached"
    } else if result.escalated {
        "escalated"
    } else if result.draft_accepted {
        "draft_accepted"
    } else {
        match result.route {
            Route::Strategy => "strategy",
            Route::Direct | Route::Cascade => "direct",
        }
    }
}

/// Seconds of milliseconds.
pub(super) fn seconds(milliseconds: f64) -> f64 {
    milliseconds / 1_000.0
}
