//! Laws of the dialect table.

use std::collections::BTreeSet;

use cascade_providers::{BaseUrl, dialect, dialects};

#[test]
fn names_and_aliases_are_unique_and_lower_case() {
    let mut seen = BTreeSet::new();
    for row in dialects() {
        for name in std::iter::once(&row.name).chain(&row.aliases) {
            assert!(seen.insert(*name), "{name} stands twice");
            assert_eq!(*name, name.to_ascii_lowercase());
            assert_eq!(dialect(name), Some(row));
        }
    }
}

#[test]
fn base_urls_are_already_in_their_final_form() {
    for row in dialects() {
        let url = BaseUrl::parse(row.base_url, row).unwrap();
        assert_eq!(url.join("/x").to_string(), format!("{}/x", row.base_url), "{}", row.name);
        assert!(url.is_https() || url.is_loopback(), "{} would send keys in the clear", row.name);
        assert_eq!(row.key_required, !url.is_loopback(), "{}", row.name);
    }
}

#[test]
fn model_rules_speak_of_known_parameters() {
    for row in dialects() {
        assert!(!row.key_env.is_empty(), "{}", row.name);
        for rule in &row.model_rules {
            assert!(!rule.prefixes.is_empty());
            for parameter in &rule.omit {
                assert!(["temperature", "top_p", "logprobs", "top_logprobs"].contains(parameter));
            }
            let fields = [None, Some("max_tokens"), Some("max_completion_tokens")];
            assert!(fields.contains(&rule.max_tokens_field));
        }
    }
}
