//! Poll first, then hand over.
//!
//! What is ready at once (a refusal, an instant provider, a pure decision) is answered on the
//! JavaScript thread without a promise of its own; what waits for the network goes on in tokio.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use napi::Env;
use napi::bindgen_prelude::{Either, PromiseRaw, ToNapiValue, within_runtime_if_available};
use tokio::runtime::Handle;

use crate::error::to_js;

thread_local! {
    /// The environment whose JavaScript runs on this thread, while Rust is being called from it.
    static ENTERED: Cell<Option<Env>> = const { Cell::new(None) };
}

/// The environment of this thread while a first poll or other work of ours is under way; `None` on
/// any other thread.
pub(crate) fn entered_env() -> Option<Env> {
    ENTERED.get()
}

/// Restores the environment that was entered before.
struct Entered(Option<Env>);

impl Drop for Entered {
    fn drop(&mut self) {
        ENTERED.set(self.0);
    }
}

/// Does `work`, which may call JavaScript of this thread at once.
pub(crate) fn entered<T>(env: Env, work: impl FnOnce() -> T) -> T {
    let _entered = Entered(ENTERED.replace(Some(env)));
    work()
}

/// A value that is there, or the promise of one.
pub(crate) type Settled<'env, T> = Either<T, PromiseRaw<'env, T>>;

/// Polls `future` once here; when it is not ready, goes on with it in tokio.
pub(crate) fn settle<T, F>(env: &Env, future: F) -> napi::Result<Settled<'_, T>>
where
    T: Send + ToNapiValue + 'static,
    F: Future<Output = cascadeflow::Result<T>> + Send + 'static,
{
    let mut future = Box::pin(future);
    match poll_here(*env, future.as_mut()) {
        Poll::Ready(output) => output.map(Either::A).map_err(to_js),
        // The first poll had no waker; the task polls again at once and registers its own.
        Poll::Pending => {
            env.spawn_future(async move { future.await.map_err(to_js) }).map(Either::B)
        }
    }
}

fn poll_here<F: Future>(env: Env, future: Pin<&mut F>) -> Poll<F::Output> {
    let handle = within_runtime_if_available(Handle::current);
    let _context = handle.enter();
    let _entered = Entered(ENTERED.replace(Some(env)));
    future.poll(&mut Context::from_waker(Waker::noop()))
}
