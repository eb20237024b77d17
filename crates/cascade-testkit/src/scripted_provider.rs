use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cascade_core::ports::{BoxFuture, Clock, Provider, ResponseStream};
use cascade_core::{ChatRequest, ChatResponse, Error, ErrorKind, Result};
use futures_util::stream;
use parking_lot::Mutex;

use crate::ScriptedAnswer;

type AnswerFunction = Arc<dyn Fn(&ChatRequest, usize) -> ScriptedAnswer + Send + Sync>;

/// A provider that plays a script and records what it was asked.
///
/// A request takes the next queued answer of its model ([`Self::answer`]); when the queue is empty,
/// the model's standing answer ([`Self::always`]); then the function of [`Self::otherwise`]; then it
/// fails with an internal error that names the model. Clones share script and record.
#[derive(Clone)]
pub struct ScriptedProvider {
    name: Arc<str>,
    supports_logprobs: bool,
    clock: Option<Arc<dyn Clock>>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    queues: Mutex<HashMap<String, VecDeque<ScriptedAnswer>>>,
    standing: Mutex<HashMap<String, ScriptedAnswer>>,
    otherwise: Mutex<Option<AnswerFunction>>,
    requests: Mutex<Vec<ChatRequest>>,
    streams: AtomicUsize,
    cancelled: AtomicUsize,
    running: AtomicUsize,
    most_running: AtomicUsize,
}

impl ScriptedProvider {
    /// A provider of this registry name without a script.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            supports_logprobs: false,
            clock: None,
            shared: Arc::new(Shared::default()),
        }
    }

    /// Says that answers can carry log-probabilities.
    #[must_use]
    pub fn with_logprobs(mut self) -> Self {
        self.supports_logprobs = true;
        self
    }

    /// Takes delays from `clock`. Without it they are timers of the tokio runtime.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Queues one answer of `model`.
    #[must_use]
    pub fn answer(self, model: impl Into<String>, answer: impl Into<ScriptedAnswer>) -> Self {
        self.push(model, answer);
        self
    }

    /// Queues one answer of `model`, while in use.
    pub fn push(&self, model: impl Into<String>, answer: impl Into<ScriptedAnswer>) {
        self.shared.queues.lock().entry(model.into()).or_default().push_back(answer.into());
    }

    /// Sets what `model` answers when nothing is queued for it.
    #[must_use]
    pub fn always(self, model: impl Into<String>, answer: impl Into<ScriptedAnswer>) -> Self {
        self.shared.standing.lock().insert(model.into(), answer.into());
        self
    }

    /// Sets what answers all other requests; it is given the request and the number of requests
    /// before it.
    #[must_use]
    pub fn otherwise(
        self,
        function: impl Fn(&ChatRequest, usize) -> ScriptedAnswer + Send + Sync + 'static,
    ) -> Self {
        *self.shared.otherwise.lock() = Some(Arc::new(function));
        self
    }

    /// Number of requests so far.
    pub fn calls(&self) -> usize {
        self.shared.requests.lock().len()
    }

    /// Number of requests to `model` so far.
    pub fn calls_of(&self, model: &str) -> usize {
        self.shared.requests.lock().iter().filter(|request| &*request.model == model).count()
    }

    /// Number of requests so far that were streams.
    pub fn streams(&self) -> usize {
        self.shared.streams.load(Ordering::SeqCst)
    }

    /// Number of calls and streams dropped before their end.
    pub fn cancelled(&self) -> usize {
        self.shared.cancelled.load(Ordering::SeqCst)
    }

    /// Number of calls and streams under way.
    pub fn running(&self) -> usize {
        self.shared.running.load(Ordering::SeqCst)
    }

    /// Most calls and streams that were ever under way together.
    pub fn most_running(&self) -> usize {
        self.shared.most_running.load(Ordering::SeqCst)
    }

    /// All requests so far, in order.
    pub fn requests(&self) -> Vec<ChatRequest> {
        self.shared.requests.lock().clone()
    }

    fn next(&self, request: &ChatRequest) -> ScriptedAnswer {
        let before = {
            let mut requests = self.shared.requests.lock();
            requests.push(request.clone());
            requests.len() - 1
        };
        let queued =
            self.shared.queues.lock().get_mut(&*request.model).and_then(VecDeque::pop_front);
        let standing = || self.shared.standing.lock().get(&*request.model).cloned();
        if let Some(answer) = queued.or_else(standing) {
            return answer;
        }
        let otherwise = self.shared.otherwise.lock().clone();
        match otherwise {
            Some(function) => function(request, before),
            None => ScriptedAnswer::failure(
                ErrorKind::Internal,
                format!("no scripted answer is left for model: `{}`", request.model),
            ),
        }
    }

    /// An error without provider and model is given this provider's.
    fn label(&self, error: Error, model: &str) -> Error {
        if error.provider().is_some() {
            return error;
        }
        error.with_provider(&*self.name).with_model(model)
    }
}

impl Provider for ScriptedProvider {
    fn name(&self) -> &str {
        &self.name
    }

    fn supports_logprobs(&self) -> bool {
        self.supports_logprobs
    }

    fn complete<'a>(&'a self, request: &'a ChatRequest) -> BoxFuture<'a, Result<ChatResponse>> {
        Box::pin(async move {
            let mut running = Running::start(&self.shared);
            let answer = self.next(request);
            pause(self.clock.as_ref(), answer.delay).await;
            running.finished = true;
            answer.into_complete().map_err(|error| self.label(error, &request.model))
        })
    }

    fn stream<'a>(&'a self, request: &'a ChatRequest) -> BoxFuture<'a, Result<ResponseStream>> {
        Box::pin(async move {
            let running = Running::start(&self.shared);
            self.shared.streams.fetch_add(1, Ordering::SeqCst);
            let answer = self.next(request);
            let (delay, piece_delay) = (answer.delay, answer.piece_delay);
            let pieces: VecDeque<_> = answer
                .into_pieces()
                .into_iter()
                .map(|piece| piece.map_err(|error| self.label(error, &request.model)))
                .collect();
            pause(self.clock.as_ref(), delay).await;
            let clock = self.clock.clone();
            let state = (pieces, running, Duration::ZERO);
            let stream = stream::unfold(state, move |(mut pieces, mut running, wait)| {
                let clock = clock.clone();
                async move {
                    let piece = pieces.pop_front()?;
                    pause(clock.as_ref(), wait).await;
                    running.finished = pieces.is_empty();
                    Some((piece, (pieces, running, piece_delay)))
                }
            });
            Ok(Box::pin(stream) as ResponseStream)
        })
    }
}

async fn pause(clock: Option<&Arc<dyn Clock>>, duration: Duration) {
    if duration.is_zero() {
        return;
    }
    if duration == Duration::MAX {
        return std::future::pending().await;
    }
    match clock {
        Some(clock) => clock.sleep(duration).await,
        None => tokio::time::sleep(duration).await,
    }
}

/// Counts one call as running while it lives, and as cancelled when it is dropped unfinished.
struct Running {
    shared: Arc<Shared>,
    finished: bool,
}

impl Running {
    fn start(shared: &Arc<Shared>) -> Self {
        let now = shared.running.fetch_add(1, Ordering::SeqCst) + 1;
        shared.most_running.fetch_max(now, Ordering::SeqCst);
        Self { shared: Arc::clone(shared), finished: false }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shared.running.fetch_sub(1, Ordering::SeqCst);
        if !self.finished {
            self.shared.cancelled.fetch_add(1, Ordering::SeqCst);
        }
    }
}
