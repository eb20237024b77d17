//! Calls from Rust into JavaScript and their answers.
//!
//! A call is an id, an operation and a JSON text. JavaScript answers through [`answer_call`]
//! whenever it is done; on the JavaScript thread that may be before the call returns, and then
//! nothing crosses a thread.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use cascadeflow::chat_json::Fields;
use cascadeflow::{Error, ErrorKind, Result};
use napi::bindgen_prelude::{FnArgs, Function, FunctionRef};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status};
use napi_derive::napi;
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::runtime::entered_env;

/// What JavaScript is told: call id, operation, JSON text.
type Message = FnArgs<(u32, &'static str, String)>;
/// Weak: waiting for calls does not keep the process alive.
type Queue = ThreadsafeFunction<Message, (), Message, Status, false, true>;

static UNANSWERED: LazyLock<Mutex<HashMap<u32, oneshot::Sender<Answer>>>> =
    LazyLock::new(Mutex::default);
static NEXT_ID: AtomicU32 = AtomicU32::new(1);

enum Answer {
    Returned(String),
    Threw(String),
}

/// The outcome of a call that was answered: the JSON text it returned, or of what it threw.
pub(super) type Outcome = std::result::Result<String, String>;

/// Answers the call `id`: `returned` is JSON text of what the class returned (or, where `threw`,
/// of the exception). A call that is no longer waited for is ignored.
#[napi]
pub(crate) fn answer_call(id: u32, threw: bool, json: String) {
    let sender = UNANSWERED.lock().remove(&id);
    if let Some(sender) = sender {
        // The receiver is gone when the run was cancelled meanwhile.
        let _ = sender.send(if threw { Answer::Threw(json) } else { Answer::Returned(json) });
    }
}

/// A JavaScript function that takes calls.
pub(super) struct Callee {
    direct: FunctionRef<Message, ()>,
    queue: Queue,
    owner: usize,
}

impl Callee {
    pub(super) fn new(env: &Env, function: &Function<'_, Message, ()>) -> napi::Result<Self> {
        Ok(Self {
            direct: function.create_ref()?,
            queue: function
                .build_threadsafe_function::<Message>()
                .callee_handled::<false>()
                .weak::<true>()
                .build()?,
            owner: env.raw() as usize,
        })
    }

    /// Tells JavaScript without waiting for an answer.
    pub(super) fn tell(&self, id: u32, operation: &'static str, json: String) -> Result<()> {
        let message = FnArgs::from((id, operation, json));
        let sent = match entered_env().filter(|env| env.raw() as usize == self.owner) {
            Some(env) => self
                .direct
                .borrow_back(&env)
                .and_then(|function| function.call(message))
                .map_err(|error| error.reason.clone()),
            None => match self.queue.call(message, ThreadsafeFunctionCallMode::NonBlocking) {
                Status::Ok => Ok(()),
                status => Err(status.to_string()),
            },
        };
        sent.map_err(|error| {
            Error::new(ErrorKind::Internal, format!("JavaScript cannot be called: {error}"))
        })
    }

    /// Asks JavaScript and waits for the answer. When the caller stops waiting, JavaScript is told to
    /// `abort`.
    pub(super) async fn ask(&self, operation: &'static str, json: String) -> Result<Outcome> {
        let (sender, receiver) = oneshot::channel();
        let id = new_id();
        UNANSWERED.lock().insert(id, sender);
        let mut pending = Pending { callee: self, id, answered: false };
        self.tell(id, operation, json)?;
        let answer = receiver.await;
        pending.answered = true;
        match answer {
            Ok(Answer::Returned(json)) => Ok(Ok(json)),
            Ok(Answer::Threw(json)) => Ok(Err(json)),
            Err(_) => Err(Error::new(ErrorKind::Internal, "a call into JavaScript was lost")),
        }
    }
}

impl Callee {
    /// Asks JavaScript about `about`, and reads what it returned: `Null` where that was nothing; or
    /// the text of what it threw.
    pub(super) async fn ask_for<T: Serialize + Sync>(
        &self,
        operation: &'static str,
        about: &T,
    ) -> Result<std::result::Result<Value, String>> {
        let json = serde_json::to_string(about).map_err(|error| {
            Error::new(ErrorKind::Internal, format!("a call cannot be encoded: {error}"))
        })?;
        Ok(match self.ask(operation, json).await? {
            Ok(returned) => {
                let mut fields = Fields::parse("answer", &returned)?;
                Ok(fields.take_value("returned").unwrap_or(Value::Null))
            }
            Err(thrown) => Err(thrown),
        })
    }
}

/// An id that no other call or stream has.
pub(super) fn new_id() -> u32 {
    NEXT_ID.fetch_add(1, Ordering::Relaxed)
}

struct Pending<'a> {
    callee: &'a Callee,
    id: u32,
    answered: bool,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if self.answered {
            return;
        }
        UNANSWERED.lock().remove(&self.id);
        // Nothing is left to abort when the environment is going away.
        let _ = self.callee.tell(self.id, "abort", String::new());
    }
}
