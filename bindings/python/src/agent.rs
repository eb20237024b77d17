use std::sync::Arc;

use cascadeflow::ports::Provider;
use cascadeflow::providers::ProviderRegistry;
use cascadeflow::{AgentConfig, CascadeResult, Error, Input, Result, RunOptions, env_vars};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

use crate::awaitable::{Awaitable, Output, block_on};
use crate::callbacks::{PythonProvider, PythonToolHandler};
use crate::convert::{RunArguments, input, run_options, to_json, to_python};
use crate::error::to_exception;
use crate::provider::NativeProvider;
use crate::result::result_object;
use crate::statistics::Statistics;
use crate::stream::EventStream;
use crate::{batch, decisions};

/// The engine's agent.
#[pyclass(frozen, name = "Agent", module = "cascadeflow._native")]
pub(crate) struct Agent {
    engine: cascadeflow::Agent,
    statistics: Arc<Statistics>,
    calls_python: bool,
}

/// Where the provider of a model comes from.
enum Source {
    /// Built in, with the credential of the model or of the environment.
    Builtin,
    /// Made before.
    Native(Py<NativeProvider>),
    /// Written in Python: the methods that the face found.
    Methods(Py<PyAny>),
}

impl Source {
    fn new(given: &Bound<'_, PyAny>) -> Self {
        if given.is_none() {
            return Self::Builtin;
        }
        match given.cast::<NativeProvider>() {
            Ok(native) => Self::Native(native.clone().unbind()),
            Err(_) => Self::Methods(given.clone().unbind()),
        }
    }

    fn provider(&self, model: &cascadeflow::ModelConfig) -> Result<Arc<dyn Provider>> {
        match self {
            Self::Builtin => ProviderRegistry::builtin().create(model, &env_vars::read),
            Self::Native(native) => Ok(native.get().provider()),
            Self::Methods(methods) => Python::attach(|py| {
                let provider = PythonProvider::new(model, methods.bind(py));
                let provider = provider
                    .map_err(|error| crate::error::from_exception(py, error, "provider"))?;
                Ok(Arc::new(provider) as Arc<dyn Provider>)
            }),
        }
    }
}

fn build(
    config: &AgentConfig,
    sources: &[Source],
    statistics: &Arc<Statistics>,
    tool_executor: Option<Py<PyAny>>,
) -> Result<cascadeflow::Agent> {
    let mut sources = sources.iter();
    let builder = config.builder(|model| match sources.next() {
        Some(source) => source.provider(model),
        None => Source::Builtin.provider(model),
    })?;
    let builder = builder.event_sink(Arc::clone(statistics) as _);
    match tool_executor {
        Some(callable) => builder.tool_handler(Arc::new(PythonToolHandler::new(callable))).build(),
        None => builder.build(),
    }
}

/// Reads what a run is asked.
fn request(
    query: &Bound<'_, PyAny>,
    messages: Option<&Bound<'_, PyAny>>,
    arguments: &Bound<'_, PyTuple>,
    keywords: Option<&Bound<'_, PyDict>>,
) -> PyResult<(Input, RunOptions)> {
    let read = || -> Result<_> {
        Ok((input(query, messages)?, run_options(RunArguments::from(arguments), keywords)?))
    };
    read().map_err(|error| to_exception(query.py(), &error))
}

fn finished(outcome: Result<CascadeResult>) -> Output {
    Box::new(move |py| match outcome {
        Ok(result) => result_object(py, Arc::new(result)),
        Err(error) => Err(to_exception(py, &error)),
    })
}

#[pymethods]
impl Agent {
    /// An agent of `config`, plain data in the form of the configuration reference, with a provider
    /// for each model: `None` for the built-in one, a native provider, or the methods of a Python one.
    #[new]
    #[pyo3(signature = (config, providers, tool_executor = None))]
    fn new(
        config: &Bound<'_, PyAny>,
        providers: &Bound<'_, PyList>,
        tool_executor: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let py = config.py();
        let sources: Vec<_> = providers.iter().map(|provider| Source::new(&provider)).collect();
        let calls_python = tool_executor.is_some()
            || sources.iter().any(|source| matches!(source, Source::Methods(_)));
        let statistics = Arc::new(Statistics::default());
        let made = to_json("config", config)
            .and_then(AgentConfig::from_value)
            .and_then(|config| build(&config, &sources, &statistics, tool_executor));
        let engine = made.map_err(|error| to_exception(py, &error))?;
        Ok(Self { engine, statistics, calls_python })
    }

    /// Whether runs call Python code, so that a synchronous call needs an event loop.
    #[getter]
    const fn calls_python(&self) -> bool {
        self.calls_python
    }

    /// Name and provider of each model, cheapest first.
    #[getter]
    fn models(&self) -> Vec<(String, String)> {
        self.engine.models().iter().map(|m| (m.name.clone(), m.provider.clone())).collect()
    }

    #[pyo3(signature = (query, messages, arguments, keywords = None))]
    fn run(
        &self,
        py: Python<'_>,
        query: &Bound<'_, PyAny>,
        messages: Option<&Bound<'_, PyAny>>,
        arguments: &Bound<'_, PyTuple>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Awaitable> {
        let (input, options) = request(query, messages, arguments, keywords)?;
        let agent = self.engine.clone();
        Awaitable::new(py, async move { finished(agent.run(input, options).await) })
    }

    #[pyo3(signature = (query, messages, arguments, keywords = None))]
    fn run_sync(
        &self,
        py: Python<'_>,
        query: &Bound<'_, PyAny>,
        messages: Option<&Bound<'_, PyAny>>,
        arguments: &Bound<'_, PyTuple>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        let (input, options) = request(query, messages, arguments, keywords)?;
        let agent = self.engine.clone();
        let outcome = block_on(py, async move { agent.run(input, options).await })?;
        finished(outcome)(py)
    }

    #[pyo3(signature = (query, messages, arguments, keywords = None))]
    fn stream(
        &self,
        query: &Bound<'_, PyAny>,
        messages: Option<&Bound<'_, PyAny>>,
        arguments: &Bound<'_, PyTuple>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<EventStream> {
        let (input, options) = request(query, messages, arguments, keywords)?;
        Ok(EventStream::new(self.engine.stream(input, options)))
    }

    /// The plan that a run of the same arguments would follow.
    #[pyo3(signature = (query, messages, arguments, keywords = None))]
    fn plan(
        &self,
        py: Python<'_>,
        query: &Bound<'_, PyAny>,
        messages: Option<&Bound<'_, PyAny>>,
        arguments: &Bound<'_, PyTuple>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Awaitable> {
        let (input, options) = request(query, messages, arguments, keywords)?;
        let agent = self.engine.clone();
        Awaitable::new(py, async move {
            let plan = agent.plan(input, options).await;
            let record = plan.map(|plan| decisions::plan_record(&agent, &plan));
            Box::new(move |py: Python<'_>| match record {
                Ok(record) => to_python(py, &record),
                Err(error) => Err(to_exception(py, &error)),
            }) as Output
        })
    }

    /// Runs `queries`, each a text or a list of messages. The awaited value is `(outcomes, total
    /// cost, seconds)`, an outcome being a result or an exception.
    #[pyo3(signature = (queries, arguments, keywords, batch, on_progress = None))]
    fn run_batch(
        &self,
        py: Python<'_>,
        queries: &Bound<'_, PyList>,
        arguments: &Bound<'_, PyTuple>,
        keywords: Option<&Bound<'_, PyDict>>,
        batch: &Bound<'_, PyAny>,
        on_progress: Option<Py<PyAny>>,
    ) -> PyResult<Awaitable> {
        let raise = |error: Error| to_exception(py, &error);
        let inputs = queries.iter().map(|query| input(&query, None));
        let inputs = inputs.collect::<Result<Vec<_>>>().map_err(raise)?;
        let options = run_options(RunArguments::from(arguments), keywords).map_err(raise)?;
        let batch = batch::options(batch).map_err(raise)?;
        let agent = self.engine.clone();
        Awaitable::new(py, async move {
            let report = agent
                .run_batch(inputs, options, batch, |progress| {
                    if let Some(callback) = &on_progress {
                        batch::report_progress(callback, progress);
                    }
                })
                .await;
            Box::new(move |py: Python<'_>| batch::report_object(py, report)) as Output
        })
    }

    /// Counts of the runs so far.
    fn statistics(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        to_python(py, &self.statistics.snapshot())
    }

    /// Forgets the counts.
    fn reset_statistics(&self) {
        self.statistics.reset();
    }
}
