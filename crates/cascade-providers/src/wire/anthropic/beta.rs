//! Beta features: a header on the wire, an extra parameter in the core.

use cascade_core::ChatRequest;
use serde_json::Value;
use std::sync::Arc;

/// Extra parameter that becomes the header `anthropic-beta`: a text, or a list of texts.
pub const BETA_PARAMETER: &str = "anthropic_beta";

/// Adds the features of a client's `anthropic-beta` headers, one text a header, to those that the
/// request has already, each once.
pub fn add_beta_features<'a>(
    request: &mut ChatRequest,
    headers: impl IntoIterator<Item = &'a str>,
) {
    let mut features: Vec<Value> = match request.extra.get(BETA_PARAMETER) {
        None => Vec::new(),
        Some(Value::String(text)) => names(text).collect(),
        Some(Value::Array(items)) => items.clone(),
        Some(other) => vec![other.clone()],
    };
    for name in headers.into_iter().flat_map(names) {
        if !features.contains(&name) {
            features.push(name);
        }
    }
    if !features.is_empty() {
        Arc::make_mut(&mut request.extra).insert(BETA_PARAMETER.into(), Value::Array(features));
    }
}

fn names(text: &str) -> impl Iterator<Item = Value> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(Value::from)
}
