//! The table of names against the official constants, and the dashboards against the table.

use std::collections::BTreeSet;
use std::path::Path;

#[expect(
    deprecated,
    reason = "only moved: the GenAI conventions have a repository of their own"
)]
use opentelemetry_semantic_conventions::attribute::{
    DEPLOYMENT_ENVIRONMENT_NAME, ERROR_TYPE, GEN_AI_INPUT_MESSAGES, GEN_AI_OPERATION_NAME,
    GEN_AI_OUTPUT_MESSAGES, GEN_AI_PROVIDER_NAME, GEN_AI_REQUEST_MAX_TOKENS, GEN_AI_REQUEST_MODEL,
    GEN_AI_REQUEST_SEED, GEN_AI_REQUEST_TEMPERATURE, GEN_AI_REQUEST_TOP_P,
    GEN_AI_RESPONSE_FINISH_REASONS, GEN_AI_RESPONSE_MODEL, GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
    GEN_AI_SYSTEM_INSTRUCTIONS, GEN_AI_TOKEN_TYPE, GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
    GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS, GEN_AI_USAGE_INPUT_TOKENS, GEN_AI_USAGE_OUTPUT_TOKENS,
    GEN_AI_USAGE_REASONING_OUTPUT_TOKENS, SERVICE_INSTANCE_ID, SERVICE_NAME, USER_ID,
};
#[expect(
    deprecated,
    reason = "only moved: the GenAI conventions have a repository of their own"
)]
use opentelemetry_semantic_conventions::metric::{
    GEN_AI_CLIENT_OPERATION_DURATION, GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK,
    GEN_AI_CLIENT_TOKEN_USAGE,
};
use serde_json::Value;

fn table() -> Value {
    serde_json::from_str(include_str!("../../data/otel_conventions.json")).unwrap()
}

fn names(table: &Value, part: &str, field: &str) -> BTreeSet<String> {
    let entries = table[part].as_object().unwrap().values();
    entries.map(|entry| entry[field].as_str().unwrap().to_owned()).collect()
}

#[test]
#[expect(deprecated, reason = "only moved: the GenAI conventions have a repository of their own")]
fn names_that_are_not_ours_are_the_conventions() {
    let official: BTreeSet<&str> = BTreeSet::from([
        DEPLOYMENT_ENVIRONMENT_NAME,
        ERROR_TYPE,
        GEN_AI_CLIENT_OPERATION_DURATION,
        GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK,
        GEN_AI_CLIENT_TOKEN_USAGE,
        GEN_AI_INPUT_MESSAGES,
        GEN_AI_OPERATION_NAME,
        GEN_AI_OUTPUT_MESSAGES,
        GEN_AI_PROVIDER_NAME,
        GEN_AI_REQUEST_MAX_TOKENS,
        GEN_AI_REQUEST_MODEL,
        GEN_AI_REQUEST_SEED,
        GEN_AI_REQUEST_TEMPERATURE,
        GEN_AI_REQUEST_TOP_P,
        GEN_AI_RESPONSE_FINISH_REASONS,
        GEN_AI_RESPONSE_MODEL,
        GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
        GEN_AI_SYSTEM_INSTRUCTIONS,
        GEN_AI_TOKEN_TYPE,
        GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
        GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
        GEN_AI_USAGE_INPUT_TOKENS,
        GEN_AI_USAGE_OUTPUT_TOKENS,
        GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
        SERVICE_INSTANCE_ID,
        SERVICE_NAME,
        USER_ID,
    ]);
    let table = table();
    let mut used = names(&table, "attributes", "key");
    used.extend(names(&table, "metrics", "name"));
    let foreign: BTreeSet<&str> = used
        .iter()
        .map(String::as_str)
        .filter(|name| name.contains('.') && !name.starts_with("cascadeflow."))
        .collect();
    assert_eq!(foreign, official);
    let version = table["semconv"].as_str().unwrap();
    let schema = opentelemetry_semantic_conventions::SCHEMA_URL;
    assert_eq!(table["schema_url"], schema);
    assert!(schema.ends_with(version));
}

/// The names under which Prometheus keeps a metric, by OpenTelemetry's rules for it: dots become
/// underlines, the unit is written out, a counter ends in `_total`.
fn prometheus_names(metric: &Value) -> Vec<String> {
    let name = metric["name"].as_str().unwrap().replace('.', "_");
    let unit = match metric["unit"].as_str().unwrap() {
        "s" => "_seconds",
        "ms" => "_milliseconds",
        unit if unit.starts_with('{') => "",
        unit => panic!("the unit `{unit}` has no name here"),
    };
    match metric["kind"].as_str().unwrap() {
        "counter" => vec![format!("{}{unit}_total", name.trim_end_matches("_total"))],
        _ => ["bucket", "sum", "count"].map(|part| format!("{name}{unit}_{part}")).to_vec(),
    }
}

/// Words of a query that begin like a metric of ours.
fn used_metrics(query: &str) -> Vec<String> {
    let words = query.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let ours = |word: &&str| word.starts_with("cascadeflow_") || word.starts_with("gen_ai_client_");
    words.filter(ours).map(str::to_owned).collect()
}

fn queries(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(query) if name == "expr" || name == "query" => {
                        found.push(query.clone());
                    }
                    value => queries(value, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| queries(value, found)),
        _ => {}
    }
}

#[test]
fn dashboards_use_only_metrics_of_the_table_and_nearly_all_of_them() {
    let table = table();
    let metrics = table["metrics"].as_object().unwrap();
    let known: Vec<(String, Vec<String>)> =
        metrics.iter().map(|(name, metric)| (name.clone(), prometheus_names(metric))).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/dashboards");
    let mut used = BTreeSet::new();
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|e| e == "json")).collect();
    assert!(!files.is_empty());
    for file in files {
        let dashboard: Value =
            serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let mut found = Vec::new();
        queries(&dashboard, &mut found);
        assert!(found.len() > 5, "{}: its panels ask for something", file.display());
        for metric in found.iter().flat_map(|query| used_metrics(query)) {
            let owner = known.iter().find(|(_, names)| names.contains(&metric));
            let (owner, _) = owner.unwrap_or_else(|| panic!("{metric}: no such metric"));
            used.insert(owner.clone());
        }
    }
    let all: BTreeSet<String> = metrics.keys().cloned().collect();
    assert_eq!(used, all, "every metric has a panel");
}
