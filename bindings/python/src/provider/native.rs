use std::sync::Arc;
use std::time::Instant;

use cascadeflow::ports::{Provider, ResponseStream};
use cascadeflow::providers::ProviderRegistry;
use cascadeflow::{
    ApiKey, ChatRequest, Error, Input, Message, ModelConfig, ResponseDelta, Result, Role,
    RunOptions, env_vars, read_value,
};
use futures_util::StreamExt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use tokio::sync::Mutex;

use super::answer::response_object;
use crate::awaitable::{Awaitable, Output};
use crate::convert::{RunArguments, input, run_options, to_json};
use crate::error::to_exception;

/// Names of the built-in providers in alphabetical order.
#[pyfunction]
pub(crate) fn builtin_provider_names() -> Vec<String> {
    ProviderRegistry::builtin().names().map(str::to_owned).collect()
}

/// A provider written in Rust.
#[pyclass(frozen, name = "NativeProvider", module = "cascadeflow._native")]
pub(crate) struct NativeProvider {
    name: String,
    provider: Arc<dyn Provider>,
}

impl NativeProvider {
    /// A handle of `provider`, which has no connections.
    pub(super) fn fixed(name: &str, provider: Arc<dyn Provider>) -> Self {
        Self { name: name.to_owned(), provider }
    }

    /// The provider.
    pub(crate) fn provider(&self) -> Arc<dyn Provider> {
        Arc::clone(&self.provider)
    }
}

#[pymethods]
impl NativeProvider {
    /// The built-in provider `name`; a missing `api_key` is taken from the environment.
    #[new]
    #[pyo3(signature = (name, api_key = None, base_url = None, max_retries = None, http = None))]
    fn new(
        py: Python<'_>,
        name: &str,
        api_key: Option<String>,
        base_url: Option<String>,
        max_retries: Option<u32>,
        http: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let mut model = ModelConfig::new("", name);
        model.api_key = api_key.map(ApiKey::new);
        model.base_url = base_url;
        model.max_retries = max_retries;
        model.http = http
            .map(|http| to_json("http_config", http).and_then(read_value))
            .transpose()
            .map_err(|error| to_exception(py, &error))?;
        let provider = ProviderRegistry::builtin()
            .create(&model, &env_vars::read)
            .map_err(|error| to_exception(py, &error))?;
        Ok(Self { name: name.to_owned(), provider })
    }

    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    #[getter]
    fn supports_logprobs(&self) -> bool {
        self.provider.supports_logprobs()
    }

    /// Answers in one piece; the awaited value is a `ModelResponse`.
    #[pyo3(signature = (query, model, messages, arguments, keywords = None))]
    fn complete(
        &self,
        py: Python<'_>,
        query: &Bound<'_, PyAny>,
        model: &str,
        messages: Option<&Bound<'_, PyAny>>,
        arguments: &Bound<'_, PyTuple>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Awaitable> {
        let request = request(query, model, messages, arguments, keywords)?;
        let provider = self.provider();
        let name = self.name.clone();
        Awaitable::new(py, async move {
            let started = Instant::now();
            let answer = provider.complete(&request).await;
            let latency = started.elapsed();
            Box::new(move |py: Python<'_>| match answer {
                Ok(answer) => response_object(py, &name, &request.model, &answer, latency),
                Err(error) => Err(to_exception(py, &error)),
            }) as Output
        })
    }

    /// Answers piece by piece.
    #[pyo3(signature = (query, model, messages, arguments, keywords = None))]
    fn stream(
        &self,
        query: &Bound<'_, PyAny>,
        model: &str,
        messages: Option<&Bound<'_, PyAny>>,
        arguments: &Bound<'_, PyTuple>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<AnswerStream> {
        let request = request(query, model, messages, arguments, keywords)?;
        let provider = self.provider();
        let state = State { name: self.name.clone(), request, provider, started: None, open: None };
        Ok(AnswerStream { state: Arc::new(Mutex::new(state)) })
    }
}

/// A streamed answer of a native provider.
#[pyclass(frozen, name = "AnswerStream", module = "cascadeflow._native")]
pub(crate) struct AnswerStream {
    state: Arc<Mutex<State>>,
}

struct State {
    name: String,
    request: ChatRequest,
    provider: Arc<dyn Provider>,
    started: Option<Instant>,
    open: Option<ResponseStream>,
}

impl State {
    async fn next(&mut self) -> Option<Result<ResponseDelta>> {
        if self.started.is_none() {
            self.started = Some(Instant::now());
            match self.provider.stream(&self.request).await {
                Ok(stream) => self.open = Some(stream),
                Err(error) => return Some(Err(error)),
            }
        }
        let next = self.open.as_mut()?.next().await;
        if !matches!(next, Some(Ok(_))) {
            self.open = None;
        }
        next
    }
}

#[pymethods]
impl AnswerStream {
    /// The next piece, awaited: a `str` of the answer, the `ModelResponse` at its end, then `None`.
    /// Reasoning and fragments of tool calls are left out; the response has them whole.
    fn next(&self, py: Python<'_>) -> PyResult<Awaitable> {
        let state = Arc::clone(&self.state);
        Awaitable::new(py, async move {
            let mut state = state.lock_owned().await;
            let next = loop {
                match state.next().await {
                    Some(Ok(ResponseDelta::Thinking(_) | ResponseDelta::ToolCall(_))) => {}
                    next => break next,
                }
            };
            Box::new(move |py: Python<'_>| match next {
                Some(Ok(ResponseDelta::Text(text))) => {
                    Ok(text.into_pyobject(py)?.into_any().unbind())
                }
                Some(Ok(ResponseDelta::Done(answer))) => {
                    let latency =
                        state.started.map(|started| started.elapsed()).unwrap_or_default();
                    response_object(py, &state.name, &state.request.model, &answer, latency)
                }
                None | Some(Ok(_)) => Ok(py.None()),
                Some(Err(error)) => Err(to_exception(py, &error)),
            }) as Output
        })
    }

    /// Cancels the answer.
    fn close(&self) {
        if let Ok(mut state) = self.state.try_lock() {
            state.open = None;
            state.started.get_or_insert_with(Instant::now);
        }
    }
}

fn request(
    query: &Bound<'_, PyAny>,
    model: &str,
    messages: Option<&Bound<'_, PyAny>>,
    arguments: &Bound<'_, PyTuple>,
    keywords: Option<&Bound<'_, PyDict>>,
) -> PyResult<ChatRequest> {
    let read = || -> Result<ChatRequest> {
        let options = run_options(RunArguments::from(arguments), keywords)?;
        if model.trim().is_empty() {
            return Err(Error::validation(
                "model",
                "model name is empty",
                "give the provider's model id, such as `gpt-4o-mini`",
            ));
        }
        let logprobs = options.extra.get("logprobs").and_then(serde_json::Value::as_bool);
        Ok(chat_request(model, input(query, messages)?, options, logprobs.unwrap_or(false)))
    };
    read().map_err(|error| to_exception(query.py(), &error))
}

fn chat_request(model: &str, input: Input, options: RunOptions, logprobs: bool) -> ChatRequest {
    let messages = match input {
        Input::Text(text) => vec![Message::user(text)],
        Input::Messages(messages) => messages,
    };
    let (system, conversation): (Vec<_>, Vec<_>) =
        messages.into_iter().partition(|message| message.role == Role::System);
    let mut instructions: Vec<String> = options.system_prompt.into_iter().collect();
    instructions.extend(system.iter().map(Message::text));
    let mut extra = options.extra;
    extra.remove("logprobs");
    extra.remove("top_logprobs");
    let mut request = ChatRequest::new(model, conversation);
    request.system = (!instructions.is_empty()).then(|| instructions.join("\n\n").into());
    request.max_tokens = options.max_tokens;
    request.temperature = options.temperature;
    request.top_p = options.top_p;
    request.stop = options.stop.into();
    request.seed = options.seed;
    request.tools = options.tools;
    request.tool_choice = options.tool_choice;
    request.response_format = options.response_format.map(Arc::new);
    request.logprobs = logprobs;
    request.time_left = options.deadline;
    request.extra = Arc::new(extra);
    request
}
