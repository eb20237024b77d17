use std::fmt::Write as _;

use serde_json::{Map, Value};

/// Differences between what is expected and a record, by the rules of `shared-tests/README.md`; empty when
/// it matches.
pub(crate) fn differences(expected: &Map<String, Value>, record: &Value) -> String {
    let mut found = String::new();
    compare_object(expected, record, "", &mut found);
    found
}

fn compare(expected: &Value, actual: &Value, path: &str, found: &mut String) {
    match expected {
        Value::Object(object) if is_number_matcher(object) => {
            if !number_matches(object, actual) {
                differ(expected, actual, path, found);
            }
        }
        Value::Object(object) => compare_object(object, actual, path, found),
        Value::Array(items) => compare_list(items, actual, path, found),
        Value::Number(number) => {
            if actual.as_f64() != number.as_f64() {
                differ(expected, actual, path, found);
            }
        }
        _ => {
            if expected != actual {
                differ(expected, actual, path, found);
            }
        }
    }
}

fn compare_object(expected: &Map<String, Value>, actual: &Value, path: &str, found: &mut String) {
    let Some(object) = actual.as_object() else {
        return differ(&Value::Object(expected.clone()), actual, path, found);
    };
    for (key, expected) in expected {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        if let Some(field) = key.strip_suffix("_contains") {
            let actual = object.get(field).unwrap_or(&Value::Null);
            if !contains(expected, actual) {
                differ(expected, actual, &path, found);
            }
            continue;
        }
        compare(expected, object.get(key).unwrap_or(&Value::Null), &path, found);
    }
}

fn compare_list(expected: &[Value], actual: &Value, path: &str, found: &mut String) {
    match actual.as_array() {
        Some(items) if items.len() == expected.len() => {
            for (index, (expected, actual)) in expected.iter().zip(items).enumerate() {
                compare(expected, actual, &format!("{path}[{index}]"), found);
            }
        }
        _ => differ(&Value::Array(expected.to_vec()), actual, path, found),
    }
}

fn contains(expected: &Value, actual: &Value) -> bool {
    let Some(text) = actual.as_str().map(str::to_lowercase) else { return false };
    match expected {
        Value::String(part) => text.contains(&part.to_lowercase()),
        Value::Array(parts) => !parts.is_empty() && parts.iter().all(|part| contains(part, actual)),
        _ => false,
    }
}

fn is_number_matcher(object: &Map<String, Value>) -> bool {
    let mut keys: Vec<&str> = object.keys().map(String::as_str).collect();
    keys.sort_unstable();
    matches!(keys[..], ["approx", "within"] | ["max", "min"] | ["max" | "min"])
}

fn number_matches(matcher: &Map<String, Value>, actual: &Value) -> bool {
    let Some(actual) = actual.as_f64() else { return false };
    let bound = |key: &str| matcher.get(key).and_then(Value::as_f64);
    if let (Some(target), Some(tolerance)) = (bound("approx"), bound("within")) {
        return (actual - target).abs() <= tolerance;
    }
    bound("min").is_none_or(|min| actual >= min) && bound("max").is_none_or(|max| actual <= max)
}

fn differ(expected: &Value, actual: &Value, path: &str, found: &mut String) {
    writeln!(found, "{path}: expected {expected}, got {actual}").expect("writing to a string");
}
