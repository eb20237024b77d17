//! Names of one model with and without a date.

/// `name` without what marks one release of it at its end: a date (`-2024-07-18`, `-20240718`,
/// `@20240718`), `@default` or `-latest`; `None` when it has no such mark.
pub(super) fn without_release(name: &str) -> Option<&str> {
    let stem = name
        .strip_suffix("-latest")
        .or_else(|| name.strip_suffix("@default"))
        .or_else(|| without_date(name))?;
    (!stem.is_empty()).then_some(stem)
}

/// `name` without the date at its end; `None` when it has none.
pub(super) fn without_date(name: &str) -> Option<&str> {
    [11, 9].into_iter().find_map(|length| {
        let (stem, tail) = name.split_at_checked(name.len().checked_sub(length)?)?;
        let date = tail.strip_prefix(['-', '@'])?;
        let shape: String =
            date.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
        matches!(shape.as_str(), "9999-99-99" | "99999999").then_some(stem)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_mark_of_a_release_is_cut() {
        let cases = [
            ("gpt-4o-mini-2024-07-18", Some("gpt-4o-mini")),
            ("claude-sonnet-4-5-20250929", Some("claude-sonnet-4-5")),
            ("claude-sonnet-4-5@20250929", Some("claude-sonnet-4-5")),
            ("claude-opus-5@default", Some("claude-opus-5")),
            ("claude-3-7-sonnet-latest", Some("claude-3-7-sonnet")),
            ("gpt-4-0613", None),
            ("gpt-4.1", None),
            ("command-a-03-2025", None),
            ("model-1234-56-7", None),
            ("-latest", None),
            ("é-2024-07-1é", None),
        ];
        for (name, stem) in cases {
            assert_eq!(without_release(name), stem, "{name}");
        }
    }
}
