use super::BoxFuture;
use crate::error::Result;
use crate::types::Usage;

/// Vectors and what making them used.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Embeddings {
    /// One vector for each text, in order, all of one length.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens used; `None` when they are not counted.
    pub usage: Option<Usage>,
}

/// Turns texts into vectors.
pub trait Embedder: Send + Sync {
    /// One vector for each text, in order, all of one length.
    fn embed<'a>(&'a self, texts: &'a [&'a str]) -> BoxFuture<'a, Result<Vec<Vec<f32>>>>;

    /// The vectors and what making them used. The default counts nothing.
    fn embed_counted<'a>(&'a self, texts: &'a [&'a str]) -> BoxFuture<'a, Result<Embeddings>> {
        Box::pin(async move {
            Ok(Embeddings { vectors: self.embed(texts).await?, ..Embeddings::default() })
        })
    }
}
