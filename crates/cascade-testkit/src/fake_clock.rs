use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use cascade_core::ports::{BoxFuture, Clock};
use parking_lot::Mutex;

/// A clock that stands still until it is moved. Clones share one time.
///
/// [`FakeClock::new`] moves only by [`FakeClock::advance`]; [`FakeClock::jumping`] moves by itself
/// to the end of every sleep, so that code under test never waits. Needs no runtime.
#[derive(Debug, Clone, Default)]
pub struct FakeClock {
    state: Arc<Mutex<State>>,
    jumps: bool,
}

#[derive(Debug, Default)]
struct State {
    now: Duration,
    epoch: Duration,
    slept: Vec<Duration>,
    waiting: Vec<(Duration, Waker)>,
}

impl FakeClock {
    /// A clock at zero that moves only when told.
    pub fn new() -> Self {
        Self::default()
    }

    /// A clock at zero whose sleeps end at once and move it on by their length.
    pub fn jumping() -> Self {
        Self { jumps: true, ..Self::default() }
    }

    /// Sets the wall-clock time at which the monotonic time is zero.
    #[must_use]
    pub fn with_epoch(self, epoch: Duration) -> Self {
        self.state.lock().epoch = epoch;
        self
    }

    /// Moves the time on and ends the sleeps that are over.
    pub fn advance(&self, by: Duration) {
        let due: Vec<Waker> = {
            let mut state = self.state.lock();
            state.now += by;
            let now = state.now;
            let waiting = std::mem::take(&mut state.waiting);
            let (due, later) = waiting.into_iter().partition(|(until, _)| *until <= now);
            state.waiting = later;
            let due: Vec<(Duration, Waker)> = due;
            due.into_iter().map(|(_, waker)| waker).collect()
        };
        due.into_iter().for_each(Waker::wake);
    }

    /// Lengths of all sleeps asked for, in order.
    pub fn sleeps(&self) -> Vec<Duration> {
        self.state.lock().slept.clone()
    }
}

impl Clock for FakeClock {
    fn monotonic(&self) -> Duration {
        self.state.lock().now
    }

    fn since_epoch(&self) -> Duration {
        let state = self.state.lock();
        state.epoch + state.now
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let mut state = self.state.lock();
        state.slept.push(duration);
        let until = state.now + duration;
        drop(state);
        Box::pin(Sleep { clock: self.clone(), until })
    }
}

struct Sleep {
    clock: FakeClock,
    until: Duration,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let now = self.clock.monotonic();
        if now >= self.until {
            return Poll::Ready(());
        }
        if self.clock.jumps {
            self.clock.advance(self.until.saturating_sub(now));
            return Poll::Ready(());
        }
        self.clock.state.lock().waiting.push((self.until, context.waker().clone()));
        Poll::Pending
    }
}
