use std::sync::Arc;

use super::BoxFuture;
use crate::types::CascadeResult;

/// Everything that makes two runs the same: conversation, models, options, tenant and user, as a
/// canonical text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CacheKey(pub String);

/// Keeps results. A hit costs nothing. Failures of the cache count as misses. One cache may serve
/// several agents as long as their judges and routers are equal: the key does not name those.
pub trait ResponseCache: Send + Sync {
    /// The kept result; `None` when there is none.
    fn get<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Option<Arc<CascadeResult>>>;

    /// Keeps a result.
    fn put(&self, key: CacheKey, result: Arc<CascadeResult>) -> BoxFuture<'_, ()>;
}
