//! Names of everything that is exported: one table, versioned, with the semantic conventions it
//! follows.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use opentelemetry::Key;
use serde::Deserialize;

/// The table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Conventions {
    /// Version of the table itself.
    #[serde(rename = "version")]
    _version: u32,
    /// Version of the OpenTelemetry semantic conventions.
    #[serde(rename = "semconv")]
    _semconv: &'static str,
    /// Where those are described for machines.
    pub(super) schema_url: &'static str,
    /// Name of the instrumentation scope.
    pub(super) scope: &'static str,
    pub(super) attributes: Attributes,
    pub(super) metrics: Metrics,
    /// Names of providers where the conventions' differ from ours.
    providers: BTreeMap<&'static str, &'static str>,
}

/// One attribute of spans or metrics.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Attribute {
    key: &'static str,
    #[serde(rename = "about")]
    _about: &'static str,
}

impl Attribute {
    /// The attribute's name.
    pub(super) const fn key(self) -> Key {
        Key::from_static_str(self.key)
    }
}

/// One metric.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Metric {
    pub(super) name: &'static str,
    #[serde(rename = "kind")]
    _kind: MetricKind,
    pub(super) unit: &'static str,
    pub(super) about: &'static str,
    /// Bounds of a histogram's buckets.
    #[serde(default)]
    pub(super) buckets: Vec<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum MetricKind {
    Counter,
    Histogram,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "'de: 'static"))]
pub(super) struct Attributes {
    pub(super) operation_name: Attribute,
    pub(super) provider_name: Attribute,
    pub(super) request_model: Attribute,
    pub(super) request_max_tokens: Attribute,
    pub(super) request_temperature: Attribute,
    pub(super) request_top_p: Attribute,
    pub(super) request_seed: Attribute,
    pub(super) response_model: Attribute,
    pub(super) response_finish_reasons: Attribute,
    pub(super) response_time_to_first_chunk: Attribute,
    pub(super) usage_input_tokens: Attribute,
    pub(super) usage_output_tokens: Attribute,
    pub(super) usage_cache_read_tokens: Attribute,
    pub(super) usage_cache_creation_tokens: Attribute,
    pub(super) usage_reasoning_tokens: Attribute,
    pub(super) token_type: Attribute,
    pub(super) input_messages: Attribute,
    pub(super) output_messages: Attribute,
    pub(super) system_instructions: Attribute,
    pub(super) error_type: Attribute,
    pub(super) service_name: Attribute,
    pub(super) service_instance_id: Attribute,
    pub(super) environment: Attribute,
    pub(super) user_id_span: Attribute,
    pub(super) run_id: Attribute,
    pub(super) route: Attribute,
    pub(super) rule: Attribute,
    pub(super) complexity: Attribute,
    pub(super) run_domain: Attribute,
    pub(super) run_outcome: Attribute,
    pub(super) draft_accepted: Attribute,
    pub(super) escalated: Attribute,
    pub(super) cache_hit: Attribute,
    pub(super) cost_usd: Attribute,
    pub(super) cost_baseline_usd: Attribute,
    pub(super) cost_saved_usd: Attribute,
    pub(super) priced: Attribute,
    pub(super) attempts: Attribute,
    pub(super) total_tokens: Attribute,
    pub(super) stage: Attribute,
    pub(super) role: Attribute,
    pub(super) step: Attribute,
    pub(super) attempt_outcome: Attribute,
    pub(super) decision: Attribute,
    pub(super) judge_score: Attribute,
    pub(super) judge_confidence: Attribute,
    pub(super) judge_threshold: Attribute,
    pub(super) judge_failed_checks: Attribute,
    pub(super) label_user_id: Attribute,
    pub(super) label_user_tier: Attribute,
    pub(super) label_model: Attribute,
    pub(super) label_provider: Attribute,
    pub(super) label_domain: Attribute,
    pub(super) label_token_type: Attribute,
    pub(super) label_role: Attribute,
    pub(super) label_outcome: Attribute,
    pub(super) label_route: Attribute,
    pub(super) label_signal: Attribute,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "'de: 'static"))]
pub(super) struct Metrics {
    pub(super) client_token_usage: Metric,
    pub(super) client_operation_duration: Metric,
    pub(super) client_time_to_first_chunk: Metric,
    pub(super) cost_total: Metric,
    pub(super) cost_baseline: Metric,
    pub(super) tokens_total: Metric,
    pub(super) latency: Metric,
    pub(super) runs: Metric,
    pub(super) drafts: Metric,
    pub(super) escalations: Metric,
    pub(super) dropped: Metric,
}

impl Conventions {
    /// The conventions' name of our provider `name`.
    pub(super) fn provider<'a>(&self, name: &'a str) -> &'a str {
        self.providers.get(name).copied().unwrap_or(name)
    }
}

/// The table that is built in.
#[expect(clippy::expect_used, reason = "built in: a test reads it")]
pub(super) fn conventions() -> &'static Conventions {
    static TABLE: LazyLock<Conventions> = LazyLock::new(|| {
        serde_json::from_str(include_str!("../../data/otel_conventions.json"))
            .expect("the table of conventions is well-formed")
    });
    &TABLE
}
