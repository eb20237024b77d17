use std::sync::Arc;

use cascadeflow::chat_json::write_message;
use cascadeflow::ports::{BoxFuture, Provider, ResponseStream};
use cascadeflow::{ChatRequest, ChatResponse, Error, ErrorKind, ModelConfig, Result};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use serde_json::Value;

use super::call::{Method, awaitable, type_name};
use super::chunks::{Chunks, delta_stream};
use super::response::chat_response;
use crate::awaitable::PythonFuture;
use crate::convert::{prompt, to_python, tool_choice_to_python};
use crate::imports;

/// A provider written in Python: a subclass of the published base class, or any object with its
/// methods.
pub(crate) struct PythonProvider {
    name: String,
    model: Arc<str>,
    methods: Arc<Methods>,
    /// Whether the class's own cost counts: only where the model has no price of its own.
    cost_counts: bool,
}

/// The methods that the engine calls, as the face found them.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Methods {
    complete: Method,
    stream: Option<Method>,
    complete_with_tools: Option<Method>,
}

/// Alternatives asked for with each token's log-probability.
const TOP_LOGPROBS: u8 = 5;

impl PythonProvider {
    /// The provider of `model` that `methods` describe.
    pub(crate) fn new(model: &ModelConfig, methods: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self {
            name: model.provider.clone(),
            model: model.name.as_str().into(),
            methods: Arc::new(methods.extract()?),
            cost_counts: model.cost.is_none(),
        })
    }

    async fn answer(&self, request: &ChatRequest) -> Result<ChatResponse> {
        let with_tools = self.methods.complete_with_tools.as_ref();
        let method = match with_tools.filter(|_| !request.tools.is_empty()) {
            Some(method) => method,
            None => &self.methods.complete,
        };
        let started = Python::attach(|py| {
            let returned = Self::call(py, method, request)?;
            match self.response(method, &returned) {
                Some(response) => Ok(Started::Done(Box::new(response?))),
                None => match awaitable(&returned) {
                    Some(future) => Ok(Started::Waits(future)),
                    None => Err(wrong_return(method, &returned)),
                },
            }
        });
        let returned = match started? {
            Started::Done(response) => return Ok(*response),
            Started::Waits(future) => method.wait(future).await?,
        };
        Python::attach(|py| {
            let returned = returned.bind(py);
            self.response(method, returned).unwrap_or_else(|| Err(wrong_return(method, returned)))
        })
    }

    /// The answer that `returned` is; `None` when it is something else.
    fn response(
        &self,
        method: &Method,
        returned: &Bound<'_, PyAny>,
    ) -> Option<Result<ChatResponse>> {
        let class = imports::model_response(returned.py()).ok()?;
        let is_response = returned.is_instance(class).unwrap_or(false);
        is_response.then(|| chat_response(&method.place, returned, self.cost_counts))
    }

    fn call<'py>(
        py: Python<'py>,
        method: &Method,
        request: &ChatRequest,
    ) -> Result<Bound<'py, PyAny>> {
        let internal = |error: PyErr| method.error(error);
        let (arguments, keywords) = arguments(py, method, request).map_err(internal)?;
        method.call(py, &arguments, Some(&keywords))
    }

    async fn open(&self, request: &ChatRequest) -> Result<Option<ResponseStream>> {
        let Some(method) = &self.methods.stream else { return Ok(None) };
        let opened = Python::attach(|py| {
            let returned = Self::call(py, method, request)?;
            Ok::<_, Error>(match Chunks::of(&returned) {
                Some(chunks) => Opened::Chunks(chunks),
                None => match awaitable(&returned) {
                    Some(future) => Opened::Waits(future),
                    None => return Err(wrong_stream(method, &returned)),
                },
            })
        });
        let chunks = match opened {
            Ok(Opened::Chunks(chunks)) => chunks,
            Ok(Opened::Waits(future)) => match method.wait(future).await {
                Ok(returned) => Python::attach(|py| {
                    let returned = returned.bind(py);
                    Chunks::of(returned).ok_or_else(|| wrong_stream(method, returned))
                })?,
                Err(error) if is_not_implemented(&error) => return Ok(None),
                Err(error) => return Err(error),
            },
            Err(error) if is_not_implemented(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut chunks = chunks;
        let first = match chunks.next(&method.place).await {
            Err(error) if is_not_implemented(&error) => return Ok(None),
            first => first,
        };
        let place: Arc<str> = method.place.as_str().into();
        Ok(Some(delta_stream(chunks, first, place, self.cost_counts)))
    }

    fn attribute(&self, error: Error) -> Error {
        let error = match error.provider() {
            Some(_) => error,
            None => error.with_provider(self.name.clone()),
        };
        match error.model() {
            Some(_) => error,
            None => error.with_model(&*self.model),
        }
    }
}

enum Started {
    Done(Box<ChatResponse>),
    Waits(PythonFuture),
}

enum Opened {
    Chunks(Chunks),
    Waits(PythonFuture),
}

impl Provider for PythonProvider {
    fn name(&self) -> &str {
        &self.name
    }

    fn supports_logprobs(&self) -> bool {
        self.methods.complete.accepts("logprobs")
    }

    fn complete<'a>(&'a self, request: &'a ChatRequest) -> BoxFuture<'a, Result<ChatResponse>> {
        Box::pin(async move { self.answer(request).await.map_err(|error| self.attribute(error)) })
    }

    fn stream<'a>(&'a self, request: &'a ChatRequest) -> BoxFuture<'a, Result<ResponseStream>> {
        Box::pin(async move {
            match self.open(request).await {
                Ok(Some(stream)) => Ok(stream),
                Ok(None) => InOnePiece(self).stream(request).await,
                Err(error) => Err(self.attribute(error)),
            }
        })
    }
}

/// A provider that does not stream: the whole answer is its only piece.
struct InOnePiece<'a>(&'a PythonProvider);

impl Provider for InOnePiece<'_> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn complete<'a>(&'a self, request: &'a ChatRequest) -> BoxFuture<'a, Result<ChatResponse>> {
        self.0.complete(request)
    }
}

type Arguments<'py> = (Bound<'py, PyTuple>, Bound<'py, PyDict>);

/// The arguments that the signature of `method` accepts.
fn arguments<'py>(
    py: Python<'py>,
    method: &Method,
    request: &ChatRequest,
) -> PyResult<Arguments<'py>> {
    let keywords = PyDict::new(py);
    let prompt = prompt_with_system(method, request);
    let positional = if method.positional() {
        PyTuple::new(py, [prompt.as_str(), &*request.model])?
    } else {
        if method.accepts("prompt") {
            keywords.set_item(pyo3::intern!(py, "prompt"), prompt)?;
        }
        if method.accepts("model") {
            keywords.set_item(pyo3::intern!(py, "model"), &*request.model)?;
        }
        PyTuple::empty(py)
    };
    if let Some(max_tokens) = request.max_tokens.filter(|_| method.accepts("max_tokens")) {
        keywords.set_item(pyo3::intern!(py, "max_tokens"), max_tokens)?;
    }
    if let Some(temperature) = request.temperature.filter(|_| method.accepts("temperature")) {
        keywords.set_item(pyo3::intern!(py, "temperature"), temperature)?;
    }
    if method.accepts("system_prompt") {
        keywords.set_item(pyo3::intern!(py, "system_prompt"), request.system.as_deref())?;
    }
    if request.logprobs && method.accepts("logprobs") {
        keywords.set_item(pyo3::intern!(py, "logprobs"), true)?;
        if method.accepts("top_logprobs") {
            keywords.set_item(pyo3::intern!(py, "top_logprobs"), TOP_LOGPROBS)?;
        }
    }
    if method.names("messages") {
        keywords.set_item(pyo3::intern!(py, "messages"), messages(py, request)?)?;
    }
    if !request.tools.is_empty() && method.accepts("tools") {
        keywords.set_item(pyo3::intern!(py, "tools"), to_python(py, &*request.tools)?)?;
        if let Some(choice) = &request.tool_choice {
            keywords.set_item(pyo3::intern!(py, "tool_choice"), tool_choice_to_python(choice))?;
        }
    }
    further(py, method, request, &keywords)?;
    Ok((positional, keywords))
}

/// Options that most calls leave out.
fn further(
    py: Python<'_>,
    method: &Method,
    request: &ChatRequest,
    keywords: &Bound<'_, PyDict>,
) -> PyResult<()> {
    if let Some(top_p) = request.top_p.filter(|_| method.accepts("top_p")) {
        keywords.set_item("top_p", top_p)?;
    }
    if let Some(seed) = request.seed.filter(|_| method.accepts("seed")) {
        keywords.set_item("seed", seed)?;
    }
    if !request.stop.is_empty() && method.accepts("stop") {
        keywords.set_item("stop", request.stop.to_vec())?;
    }
    if let Some(format) =
        request.response_format.as_ref().filter(|_| method.accepts("response_format"))
    {
        keywords.set_item("response_format", to_python(py, &**format)?)?;
    }
    for (key, value) in request.extra.iter().filter(|(key, _)| method.accepts(key)) {
        keywords.set_item(key, to_python(py, value)?)?;
    }
    Ok(())
}

fn messages(py: Python<'_>, request: &ChatRequest) -> PyResult<Py<PyAny>> {
    let mut list = Vec::with_capacity(request.messages.len() + 1);
    if let Some(system) = &request.system {
        list.push(serde_json::json!({"role": "system", "content": system}));
    }
    list.extend(request.messages.iter().flat_map(write_message));
    to_python(py, &Value::Array(list))
}

/// A method without a place for the system prompt gets it before the prompt.
fn prompt_with_system(method: &Method, request: &ChatRequest) -> String {
    let text = prompt(request);
    match request.system.as_deref() {
        Some(system) if !method.accepts("system_prompt") && !method.names("messages") => {
            format!("System: {system}\n{text}")
        }
        _ => text,
    }
}

fn wrong_return(method: &Method, returned: &Bound<'_, PyAny>) -> Error {
    Error::new(
        ErrorKind::UserCode,
        format!(
            "`{}` returned `{}` instead of a `ModelResponse`",
            method.place,
            type_name(returned)
        ),
    )
    .with_hint("return `cascadeflow.ModelResponse(content=…, model=…, …)`")
}

fn wrong_stream(method: &Method, returned: &Bound<'_, PyAny>) -> Error {
    Error::new(
        ErrorKind::UserCode,
        format!("`{}` returned `{}` instead of an iterator", method.place, type_name(returned)),
    )
    .with_hint("make it an asynchronous generator that yields `str`")
}

fn is_not_implemented(error: &Error) -> bool {
    crate::error::is_exception::<pyo3::exceptions::PyNotImplementedError>(error)
}
