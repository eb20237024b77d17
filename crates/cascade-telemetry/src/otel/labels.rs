use std::collections::HashSet;
use std::sync::Arc;

use opentelemetry::{StringValue, Value};
use parking_lot::Mutex;

/// What stands for values beyond the limit.
const OTHER: &str = "other";
/// Longest value that is kept, in bytes.
const MAX_BYTES: usize = 200;

/// The values of one label: the first ones as they are, `other` for all beyond.
#[derive(Debug)]
pub(super) struct Label {
    most: usize,
    seen: Mutex<HashSet<Arc<str>>>,
}

impl Label {
    pub(super) fn new(most: usize) -> Self {
        Self { most, seen: Mutex::default() }
    }

    /// `value`, or what stands for it.
    pub(super) fn bounded(&self, value: &str) -> Value {
        if value.len() > MAX_BYTES {
            return Value::from(OTHER);
        }
        let mut seen = self.seen.lock();
        if let Some(known) = seen.get(value) {
            return Value::String(StringValue::from(Arc::clone(known)));
        }
        if seen.len() >= self.most {
            return Value::from(OTHER);
        }
        let value: Arc<str> = Arc::from(value);
        seen.insert(Arc::clone(&value));
        Value::String(StringValue::from(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_beyond_the_limit_are_other() {
        let label = Label::new(2);
        let kept = |value: &str| label.bounded(value).to_string();
        assert_eq!([kept("a"), kept("b"), kept("c"), kept("a")], ["a", "b", "other", "a"]);
        assert_eq!(kept(&"x".repeat(201)), "other");
    }
}
