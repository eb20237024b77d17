//! The price files that come with the crate.

use super::{PriceAliases, PriceFile};

/// In the order in which a name without a provider is looked for.
const FILES: [&str; 12] = [
    include_str!("../../pricing/openai.json"),
    include_str!("../../pricing/anthropic.json"),
    include_str!("../../pricing/groq.json"),
    include_str!("../../pricing/deepseek.json"),
    include_str!("../../pricing/cohere.json"),
    include_str!("../../pricing/vertex_ai.json"),
    include_str!("../../pricing/together.json"),
    include_str!("../../pricing/fireworks.json"),
    include_str!("../../pricing/huggingface.json"),
    include_str!("../../pricing/openrouter.json"),
    include_str!("../../pricing/ollama.json"),
    include_str!("../../pricing/vllm.json"),
];

const ALIASES: &str = include_str!("../../pricing/aliases.json");

/// The files that can be read: all of them, as a test proves.
pub(super) fn files() -> Vec<PriceFile> {
    FILES.iter().filter_map(|json| PriceFile::parse(json).ok()).collect()
}

/// The aliases; a test proves that they can be read.
pub(super) fn aliases() -> PriceAliases {
    PriceAliases::parse(ALIASES).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_file_can_be_read() {
        for json in FILES {
            PriceFile::parse(json).unwrap();
        }
        assert_eq!(files().len(), FILES.len());
        assert!(!PriceAliases::parse(ALIASES).unwrap().models.is_empty());
    }
}
