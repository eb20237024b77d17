//! `OpenRouter`'s reasoning details: the form in which it wants the reasoning of any model back.

use cascade_core::Part;
use serde_json::{Map, Value};

use crate::wire::signature::{SignatureOwner, own_signature, tag};

/// Fields that grow piece by piece; the others are said once.
const GROWING: [&str; 3] = ["text", "summary", "data"];

/// Adds the details of one piece of a stream to those before. Pieces of one detail share its
/// `index` and `type`.
pub(super) fn merge(whole: &mut Vec<Value>, news: Vec<Value>) {
    for piece in news {
        let Value::Object(piece) = piece else { continue };
        match whole.iter_mut().filter_map(Value::as_object_mut).find(|own| is_same(own, &piece)) {
            Some(own) => grow(own, piece),
            None => whole.push(Value::Object(piece)),
        }
    }
}

fn is_same(own: &Map<String, Value>, piece: &Map<String, Value>) -> bool {
    let said = |object: &Map<String, Value>, name: &str| {
        object.get(name).filter(|value| !value.is_null()).cloned()
    };
    let agree = |name: &str| match (said(own, name), said(piece, name)) {
        (Some(own), Some(piece)) => own == piece,
        _ => true,
    };
    said(piece, "index").is_some()
        && said(own, "index") == said(piece, "index")
        && said(own, "type") == said(piece, "type")
        && agree("id")
}

fn grow(own: &mut Map<String, Value>, piece: Map<String, Value>) {
    for (name, value) in piece {
        if value.is_null() {
            continue;
        }
        match (own.get_mut(&name), value) {
            (Some(Value::String(text)), Value::String(more)) if GROWING.contains(&&*name) => {
                text.push_str(&more);
            }
            (_, value) => {
                own.insert(name, value);
            }
        }
    }
}

/// The text that the details show; empty where all of it is encrypted.
fn text_of(details: &[Value]) -> String {
    details
        .iter()
        .filter_map(|detail| detail.get("text").or_else(|| detail.get("summary"))?.as_str())
        .collect()
}

/// A reasoning part that can go back; `None` when there are no details. `shown` is what the answer
/// itself calls its reasoning.
pub(super) fn into_part(details: Vec<Value>, shown: &str) -> Option<Part> {
    if details.is_empty() {
        return None;
    }
    let text = if shown.is_empty() { text_of(&details) } else { shown.to_owned() };
    let signature = tag(SignatureOwner::OpenRouter, &Value::Array(details).to_string());
    Some(Part::Thinking { text, signature: Some(signature), redacted: None })
}

/// The details that a reasoning part holds; none when it is another provider's.
pub(super) fn of_part(part: &Part) -> Vec<Value> {
    let Part::Thinking { signature: Some(signature), .. } = part else { return Vec::new() };
    own_signature(SignatureOwner::OpenRouter, signature)
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default()
}
