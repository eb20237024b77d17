use std::sync::LazyLock;

use serde::Deserialize;

/// A published byte-pair vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// `cl100k_base`: GPT-4, GPT-3.5 and the embedding models.
    Cl100k,
    /// `o200k_base`: GPT-4o and later, the o-series, gpt-oss.
    O200k,
}

#[derive(Debug, Deserialize)]
struct Row {
    prefix: String,
    encoding: Encoding,
}

impl Encoding {
    /// The vocabulary of a model of the OpenAI family; `None` for any other. What stands before the
    /// last slash (`openai/gpt-oss-20b`) and a fine-tune's `ft:` are looked through.
    pub fn of_model(model: &str) -> Option<Self> {
        static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
            serde_json::from_str(include_str!("../../data/encodings.json")).unwrap_or_default()
        });
        let name = model.rsplit('/').next().unwrap_or(model);
        let name = name.strip_prefix("ft:").unwrap_or(name);
        let row = ROWS.iter().find(|row| {
            name.get(..row.prefix.len()).is_some_and(|it| it.eq_ignore_ascii_case(&row.prefix))
        })?;
        Some(row.encoding)
    }

    /// Tokens of `text` in this vocabulary, special tokens taken as plain text. The vocabulary is
    /// part of the program and unpacked once, in about a tenth of a second.
    #[cfg(feature = "tiktoken")]
    pub(super) fn count(self, text: &str) -> u64 {
        let vocabulary = match self {
            Self::Cl100k => tiktoken_rs::cl100k_base_singleton(),
            Self::O200k => tiktoken_rs::o200k_base_singleton(),
        };
        vocabulary.count_ordinary(text) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_stands_first() {
        let rows: Vec<Row> =
            serde_json::from_str(include_str!("../../data/encodings.json")).unwrap();
        for (at, row) in rows.iter().enumerate() {
            assert!(
                rows[..at].iter().all(|before| !row.prefix.starts_with(&before.prefix)),
                "`{}` is never reached",
                row.prefix
            );
        }
    }
}
