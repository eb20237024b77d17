use std::sync::Arc;
use std::time::Instant;

use cascadeflow::ports::{Embedder, Provider, ResponseStream};
use cascadeflow::providers::{
    EmbeddingProvider, HttpConfig, HttpProvider, ProviderRegistry, dialect,
};
use cascadeflow::{
    ApiKey, ChatRequest, Error, Input, Message, ModelConfig, ResponseDelta, Result, Role,
    RunOptions, env_vars, read_value,
};
use futures_util::StreamExt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use serde_json::json;
use tokio::sync::Mutex;

use super::answer::{embeddings_object, response_object};
use super::http_settings::http_settings;
use crate::awaitable::{Awaitable, Output};
use crate::convert::{RunArguments, input, json_object, run_options, to_json, to_python};
use crate::error::to_exception;
use crate::resilience::CircuitBreaker;

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
    /// `None` when it has no connections.
    remote: Option<Remote>,
}

/// A provider that is reached over HTTP.
struct Remote {
    driver: Arc<HttpProvider>,
    model: ModelConfig,
    settings: HttpConfig,
}

impl NativeProvider {
    /// A handle of `provider`, which has no connections.
    pub(super) fn fixed(name: &str, provider: Arc<dyn Provider>) -> Self {
        Self { name: name.to_owned(), provider, remote: None }
    }

    /// The provider.
    pub(crate) fn provider(&self) -> Arc<dyn Provider> {
        Arc::clone(&self.provider)
    }

    /// The driver, where the provider is reached over HTTP.
    pub(crate) fn driver(&self) -> Option<Arc<HttpProvider>> {
        self.remote.as_ref().map(|remote| Arc::clone(&remote.driver))
    }

    fn remote(&self) -> Result<&Remote> {
        self.remote.as_ref().ok_or_else(|| {
            Error::validation(
                "provider",
                format!("provider has no connections: `{}`", self.name),
                "take one of the built-in providers",
            )
        })
    }
}

impl NativeProvider {
    /// The built-in provider that `model` configures.
    fn remote_of(name: &str, model: ModelConfig, settings: HttpConfig) -> Result<Self> {
        let Some(dialect) = dialect(&name.trim().to_ascii_lowercase()) else {
            let provider = ProviderRegistry::builtin().create(&model, &env_vars::read)?;
            return Ok(Self::fixed(name, provider));
        };
        let driver = HttpProvider::new(dialect, &model, &env_vars::read, settings.clone())?;
        let driver = Arc::new(driver);
        let provider = Arc::clone(&driver) as Arc<dyn Provider>;
        let remote = Some(Remote { driver, model, settings });
        Ok(Self { name: name.to_owned(), provider, remote })
    }
}

#[pymethods]
impl NativeProvider {
    /// The built-in provider `name`; a missing `api_key` is taken from the environment. `settings`
    /// are the driver's own, such as the project on Vertex AI.
    #[new]
    #[pyo3(signature = (
        name, api_key = None, base_url = None, max_retries = None, http = None, settings = None,
        circuit_breaker = true
    ))]
    #[expect(clippy::too_many_arguments, reason = "the options of the published constructor")]
    fn new(
        py: Python<'_>,
        name: &str,
        api_key: Option<String>,
        base_url: Option<String>,
        max_retries: Option<u32>,
        http: Option<&Bound<'_, PyAny>>,
        settings: Option<&Bound<'_, PyAny>>,
        circuit_breaker: bool,
    ) -> PyResult<Self> {
        let made = || -> Result<Self> {
            let mut model = ModelConfig::new("", name);
            model.api_key = api_key.map(ApiKey::new);
            model.base_url = base_url;
            model.max_retries = max_retries;
            model.http =
                http.map(|http| to_json("http_config", http).and_then(read_value)).transpose()?;
            if let Some(settings) = settings {
                model.extra = json_object("settings", settings)?;
            }
            Self::remote_of(name, model, http_settings(circuit_breaker))
        };
        made().map_err(|error| to_exception(py, &error))
    }

    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    #[getter]
    fn supports_logprobs(&self) -> bool {
        self.provider.supports_logprobs()
    }

    /// The circuit breaker of calls of `model`; `None` when breakers are turned off.
    fn circuit_breaker(&self, model: &str) -> Option<CircuitBreaker> {
        let driver = &self.remote.as_ref()?.driver;
        driver.circuit_breaker(model).map(CircuitBreaker::of)
    }

    /// The models that the provider says it serves; the awaited value is a list of dicts with `id`
    /// and `size_bytes` (`None` when the provider does not say).
    fn list_models(&self, py: Python<'_>) -> PyResult<Awaitable> {
        let driver = &self.remote().map_err(|error| to_exception(py, &error))?.driver;
        let driver = Arc::clone(driver);
        Awaitable::new(py, async move {
            let listed = driver.list_models().await;
            Box::new(move |py: Python<'_>| match listed {
                Ok(models) => {
                    let models: Vec<_> = models
                        .iter()
                        .map(|model| json!({"id": model.id, "size_bytes": model.size_bytes}))
                        .collect();
                    to_python(py, &models)
                }
                Err(error) => Err(to_exception(py, &error)),
            }) as Output
        })
    }

    /// Has the provider's server fetch a model; awaited until it is there.
    fn pull_model(&self, py: Python<'_>, model: String) -> PyResult<Awaitable> {
        let driver = &self.remote().map_err(|error| to_exception(py, &error))?.driver;
        let driver = Arc::clone(driver);
        Awaitable::new(py, async move {
            let pulled = driver.pull_model(&model).await;
            Box::new(move |py: Python<'_>| match pulled {
                Ok(()) => Ok(py.None()),
                Err(error) => Err(to_exception(py, &error)),
            }) as Output
        })
    }

    /// Turns texts into vectors by `model`; `extra` is passed on. The awaited value is an
    /// `EmbeddingResponse`.
    #[pyo3(signature = (model, texts, extra = None))]
    fn embed(
        &self,
        py: Python<'_>,
        model: &str,
        texts: Vec<String>,
        extra: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Awaitable> {
        let made = || -> Result<EmbeddingProvider> {
            let remote = self.remote()?;
            let mut config = ModelConfig { name: model.to_owned(), ..remote.model.clone() };
            if let Some(extra) = extra {
                config.extra.extend(json_object("extra", extra)?);
            }
            let settings = remote.settings.clone();
            let dialect = remote.driver.dialect();
            EmbeddingProvider::new(dialect, &config, &env_vars::read, settings)
        };
        let embedder = made().map_err(|error| to_exception(py, &error))?;
        let (name, model) = (self.name.clone(), model.to_owned());
        Awaitable::new(py, async move {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let made = embedder.embed_counted(&texts).await;
            Box::new(move |py: Python<'_>| match made {
                Ok(made) => embeddings_object(py, &name, &model, &made),
                Err(error) => Err(to_exception(py, &error)),
            }) as Output
        })
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
                    Some(Ok(
                        ResponseDelta::Thinking(_)
                        | ResponseDelta::ThinkingDone(_)
                        | ResponseDelta::ToolCall(_),
                    )) => {}
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
