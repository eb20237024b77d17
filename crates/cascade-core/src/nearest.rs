/// The known name that a mistyped one may have meant, in any case; `None` when none is close: when more than one
/// letter and another for each four of the known name differ.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let (distance, near) = known
        .into_iter()
        .map(|known| (edit_distance(&name, &known.to_lowercase()), known))
        .min()?;
    (distance <= 1 + near.chars().count() / 4).then_some(near)
}

/// Levenshtein distance in characters.
fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_what_is_added_lost_and_replaced() {
        for (left, right, distance) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("é", "e", 1)]
        {
            assert_eq!(edit_distance(left, right), distance, "{left} {right}");
        }
    }

    #[test]
    fn a_mistyped_name_is_found_in_any_case_and_a_strange_one_is_not() {
        let known = ["openai", "ollama", "models"];
        for (name, found) in [
            ("opnai", Some("openai")),
            ("OpenAI", Some("openai")),
            ("model", Some("models")),
            ("something", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, known), found, "{name}");
        }
        assert_eq!(nearest("openai", []), None);
    }
}
