use cascade_core::ports::{BoxFuture, RouteInput, Router};
use cascade_core::{Plan, Result};

/// Plans by complexity: easy queries cascade, hard ones go direct.
#[derive(Debug, Default)]
pub struct ComplexityRouter {}

impl Router for ComplexityRouter {
    fn route<'a>(&'a self, input: RouteInput<'a>) -> BoxFuture<'a, Result<Option<Plan>>> {
        let _ = input;
        Box::pin(async { Ok(None) })
    }
}
