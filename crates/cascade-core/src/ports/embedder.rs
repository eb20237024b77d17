use super::BoxFuture;
use crate::error::Result;

/// Turns texts into vectors.
pub trait Embedder: Send + Sync {
    /// One vector for each text, in order, all of one length.
    fn embed<'a>(&'a self, texts: &'a [&'a str]) -> BoxFuture<'a, Result<Vec<Vec<f32>>>>;
}
