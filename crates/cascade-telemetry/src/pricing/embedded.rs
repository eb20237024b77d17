//! The price files that come with the crate.

use super::{PriceCatalogue, PriceFile};

const FILES: [&str; 7] = [
    include_str!("../../pricing/openai.json"),
    include_str!("../../pricing/anthropic.json"),
    include_str!("../../pricing/groq.json"),
    include_str!("../../pricing/together.json"),
    include_str!("../../pricing/deepseek.json"),
    include_str!("../../pricing/ollama.json"),
    include_str!("../../pricing/vllm.json"),
];

/// The files that can be read: all of them, as a test proves.
pub(super) fn files() -> Vec<PriceFile> {
    FILES.iter().filter_map(|json| PriceCatalogue::parse_file(json).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_file_can_be_read() {
        for json in FILES {
            PriceCatalogue::parse_file(json).unwrap();
        }
        assert_eq!(files().len(), FILES.len());
    }
}
