use crate::types::Complexity;

/// What one pass over a query finds. Nothing downstream scans the text again.
#[derive(Debug, Clone)]
pub struct QueryAnalysis {
    /// The query's text.
    pub text: String,
    /// Whitespace-separated words.
    pub word_count: usize,
    /// Estimated tokens.
    pub estimated_tokens: u64,
    /// Detected complexity.
    pub complexity: Complexity,
    /// Confidence in the complexity, in [0, 1].
    pub complexity_confidence: f64,
}

impl QueryAnalysis {
    /// Analyses `text`.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let word_count = text.split_whitespace().count();
        let estimated_tokens = (text.len() as u64).div_ceil(4);
        Self {
            text,
            word_count,
            estimated_tokens,
            complexity: Complexity::Simple,
            complexity_confidence: 0.5,
        }
    }
}
