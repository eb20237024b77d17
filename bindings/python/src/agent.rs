use std::sync::Arc;

use cascadeflow::ports::{Provider, QualityCheck, Router};
use cascadeflow::providers::{HttpProvider, ProviderRegistry, dialect};
use cascadeflow::telemetry::{
    CallbackManager, CostTracker, EnforcementChain, OpenTelemetryExporter,
};
use cascadeflow::{AgentConfig, CascadeResult, Error, Input, Result, RunOptions, env_vars};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

use crate::awaitable::{Awaitable, Output, block_on};
use crate::callbacks::{
    PythonCheck, PythonEventSink, PythonProvider, PythonRouter, PythonToolHandler,
};
use crate::convert::{RunArguments, input, run_options, to_json, to_python};
use crate::error::to_exception;
use crate::otel::TelemetryExporter;
use crate::provider::{NativeProvider, http_settings};
use crate::resilience::CircuitBreaker;
use crate::result::result_object;
use crate::statistics::Statistics;
use crate::stream::EventStream;
use crate::{batch, telemetry};

/// The engine's agent.
#[pyclass(frozen, name = "Agent", module = "cascadeflow._native")]
pub(crate) struct Agent {
    engine: cascadeflow::Agent,
    statistics: Arc<Statistics>,
    calls_python: bool,
    /// The drivers of the models that are reached over HTTP, with the models' names.
    drivers: Vec<(String, Arc<HttpProvider>)>,
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

    /// The provider of `model`; its driver is kept in `drivers` where it is reached over HTTP.
    fn provider(
        &self,
        model: &cascadeflow::ModelConfig,
        drivers: &mut Vec<(String, Arc<HttpProvider>)>,
    ) -> Result<Arc<dyn Provider>> {
        match self {
            Self::Builtin => {
                let settings = http_settings(true);
                let Some(dialect) = dialect(&model.provider.trim().to_ascii_lowercase()) else {
                    let registry = ProviderRegistry::builtin_with(&settings);
                    return registry.create(model, &env_vars::read);
                };
                let driver = HttpProvider::new(dialect, model, &env_vars::read, settings)?;
                let driver = Arc::new(driver);
                drivers.push((model.name.clone(), Arc::clone(&driver)));
                Ok(driver)
            }
            Self::Native(native) => {
                let native = native.get();
                drivers.extend(native.driver().map(|driver| (model.name.clone(), driver)));
                Ok(native.provider())
            }
            Self::Methods(methods) => Python::attach(|py| {
                let provider = PythonProvider::new(model, methods.bind(py));
                let provider = provider
                    .map_err(|error| crate::error::from_exception(py, error, "provider"))?;
                Ok(Arc::new(provider) as Arc<dyn Provider>)
            }),
        }
    }
}

/// What of an agent is Python code.
struct UserCode {
    sources: Vec<Source>,
    tool_executor: Option<Py<PyAny>>,
    /// Names and callables.
    quality_checks: Vec<(String, Py<PyAny>)>,
    /// Names and callables, asked in their order.
    routers: Vec<(String, Py<PyAny>)>,
    on_event: Option<Py<PyAny>>,
    telemetry_exporter: Option<OpenTelemetryExporter>,
    cost_tracker: Option<CostTracker>,
    /// Asked in their order.
    enforcement: Vec<Arc<EnforcementChain>>,
    callbacks: Option<Arc<CallbackManager>>,
}

impl UserCode {
    /// Whether a run may have to await some of it. Listeners are never awaited.
    fn is_awaited(&self) -> bool {
        self.tool_executor.is_some()
            || !self.quality_checks.is_empty()
            || !self.routers.is_empty()
            || !self.enforcement.is_empty()
            || self.sources.iter().any(|source| matches!(source, Source::Methods(_)))
    }

    fn build(
        self,
        config: &AgentConfig,
        statistics: &Arc<Statistics>,
        drivers: &mut Vec<(String, Arc<HttpProvider>)>,
    ) -> Result<cascadeflow::Agent> {
        let mut sources = self.sources.iter();
        let checks = self.quality_checks.into_iter().map(|(name, callable)| {
            Arc::new(PythonCheck::new(name, callable)) as Arc<dyn QualityCheck>
        });
        let routers = self
            .routers
            .into_iter()
            .map(|(name, callable)| Arc::new(PythonRouter::new(name, callable)) as Arc<dyn Router>);
        let code = cascadeflow::UserCode { checks: checks.collect(), routers: routers.collect() };
        let mut builder = config
            .builder_with(code, |model| match sources.next() {
                Some(source) => source.provider(model, drivers),
                None => Source::Builtin.provider(model, drivers),
            })?
            .event_sink(Arc::clone(statistics) as _);
        if let Some(callable) = self.tool_executor {
            builder = builder.tool_handler(Arc::new(PythonToolHandler::new(callable)));
        }
        if let Some(exporter) = self.telemetry_exporter {
            builder = builder.event_sink(Arc::new(exporter));
        }
        if let Some(tracker) = self.cost_tracker {
            builder = builder.ledger(Arc::new(tracker));
        }
        if let Some(callbacks) = self.callbacks {
            builder = builder.event_sink(callbacks);
        }
        for chain in self.enforcement {
            builder = builder.enforcement(chain);
        }
        let Some(callable) = self.on_event else { return builder.build() };
        let listener = Arc::new(PythonEventSink::new(callable));
        let agent = builder.event_sink(Arc::clone(&listener) as _).build()?;
        listener.set_models(agent.models());
        Ok(agent)
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
    /// for each model: `None` for the built-in one, a native provider, or the methods of a Python
    /// one. Checks and routers are names with callables.
    #[new]
    #[expect(clippy::too_many_arguments, reason = "what an agent is made of")]
    #[pyo3(signature = (
        config, providers, tool_executor = None, quality_checks = None, on_event = None,
        telemetry_exporter = None, cost_tracker = None, enforcement = None, routers = None,
        callbacks = None
    ))]
    fn new(
        config: &Bound<'_, PyAny>,
        providers: &Bound<'_, PyList>,
        tool_executor: Option<Py<PyAny>>,
        quality_checks: Option<Vec<(String, Py<PyAny>)>>,
        on_event: Option<Py<PyAny>>,
        telemetry_exporter: Option<Py<TelemetryExporter>>,
        cost_tracker: Option<&Bound<'_, telemetry::CostTracker>>,
        enforcement: Option<&Bound<'_, telemetry::EnforcementChain>>,
        routers: Option<Vec<(String, Py<PyAny>)>>,
        callbacks: Option<&Bound<'_, telemetry::CallbackBridge>>,
    ) -> PyResult<Self> {
        let py = config.py();
        let quality_checks = quality_checks.unwrap_or_default();
        let telemetry_exporter = telemetry_exporter.map(|exporter| exporter.get().exporter());
        let sources = providers.iter().map(|provider| Source::new(&provider)).collect();
        let tracker = cost_tracker.map(Bound::get);
        let mut chains: Vec<_> =
            tracker.and_then(telemetry::CostTracker::chain).into_iter().collect();
        let own = enforcement.map(|chain| chain.get().shared());
        chains.extend(own.filter(|own| chains.iter().all(|chain| !Arc::ptr_eq(chain, own))));
        let user_code = UserCode {
            sources,
            tool_executor,
            quality_checks,
            routers: routers.unwrap_or_default(),
            on_event,
            telemetry_exporter,
            cost_tracker: tracker.map(telemetry::CostTracker::tracker),
            enforcement: chains,
            callbacks: callbacks.map(|bridge| bridge.get().manager()),
        };
        let calls_python = user_code.is_awaited();
        let statistics = Arc::new(Statistics::default());
        let mut drivers = Vec::new();
        let made = to_json("config", config)
            .and_then(AgentConfig::from_value)
            .and_then(|config| user_code.build(&config, &statistics, &mut drivers));
        let engine = made.map_err(|error| to_exception(py, &error))?;
        Ok(Self { engine, statistics, calls_python, drivers })
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

    /// Name of each model that is reached over HTTP with the circuit breaker of its calls.
    #[getter]
    fn circuit_breakers(&self) -> Vec<(String, CircuitBreaker)> {
        let breaker = |(model, driver): &(String, Arc<HttpProvider>)| {
            Some((model.clone(), CircuitBreaker::of(driver.circuit_breaker(model)?)))
        };
        self.drivers.iter().filter_map(breaker).collect()
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
            Box::new(move |py: Python<'_>| match plan {
                Ok(plan) => to_python(py, &plan.record(agent.models())),
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
