//! A handle around an agent.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;

use cascadeflow::chat_json::{Fields, read_batch_options, read_run_options};
use cascadeflow::ports::EventSink;
use cascadeflow::telemetry::CostTracker;
use cascadeflow::{Agent, AgentConfig, BatchReport, Error, Result, StreamEvent, UserCode, presets};
use futures_util::StreamExt;
use napi::Env;
use napi::bindgen_prelude::{ClassInstance, FnArgs, Function};
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi_derive::napi;
use serde_json::json;

use crate::callbacks::{CheckHost, JsEventSink, JsQueues, ProviderHost, RouterHost, provider_of};
use crate::cancel::{Canceller, until};
use crate::convert::{event_json, read_call, result_json};
use crate::error::{naming_late_class, to_js, to_json};
use crate::registry;
use crate::runtime::{Settled, settle};
use crate::stream::NativeStream;
use crate::telemetry::{NativeControl, NativeCostTracker};

/// Runs done, failed, and all of them; cost so far in USD.
type Progress = FnArgs<(u32, u32, u32, f64)>;

/// An agent. Immutable; serves any number of calls at once.
#[napi]
pub struct NativeAgent {
    agent: Agent,
    classes: Arc<Classes>,
    listener: Listener,
    /// By the configuration's budgets.
    tracker: Option<CostTracker>,
}

/// Names of the users' classes by the model that they serve.
#[derive(Default)]
struct Classes(HashMap<String, String>);

impl Classes {
    fn name_late(&self, error: Error) -> Error {
        naming_late_class(error, |model| self.0.get(model).map(String::as_str))
    }
}

/// The user's listeners; empty when there are none.
#[derive(Clone)]
struct Listener {
    sink: Option<Arc<JsEventSink>>,
    queues: Arc<[JsQueues]>,
}

impl Listener {
    /// Waits until the listeners have heard what has happened so far.
    async fn heard(&self) {
        if let Some(sink) = &self.sink {
            sink.flush().await;
        }
        for queues in &*self.queues {
            queues.flush().await;
        }
    }
}

#[napi]
impl NativeAgent {
    /// Makes an agent from the JSON text of an engine configuration. `hosts` holds, for each model
    /// in order, the user's class that serves it, or null for the built-in provider; `environment`
    /// the JSON text of the only environment variables to look at, or null for the process's;
    /// `checks` the user's checks; `on_event` hears the JSON text of each event, and empty texts
    /// between; `control` is what else an agent has, and `routers` are asked for plans in their order.
    #[napi(constructor)]
    pub fn new(
        config: String,
        hosts: Vec<Option<ClassInstance<'_, ProviderHost>>>,
        environment: Option<String>,
        checks: Option<Vec<ClassInstance<'_, CheckHost>>>,
        on_event: Option<Function<'_, String, ()>>,
        control: Option<&NativeControl>,
        routers: Option<Vec<ClassInstance<'_, RouterHost>>>,
    ) -> napi::Result<Self> {
        let checks = checks.iter().flatten().map(|host| host.check()).collect();
        let listener = on_event.map(|function| JsEventSink::new(&function)).transpose()?;
        let routers = routers.iter().flatten().map(|host| host.router()).collect();
        let user = UserCode { checks, routers };
        let code = Code { user, listener: listener.map(Arc::new), control };
        build(&config, &hosts, environment.as_deref(), code).map_err(to_js)
    }

    /// Names of the models, cheapest first.
    #[napi]
    pub fn model_names(&self) -> Vec<String> {
        self.agent.models().iter().map(|model| model.name.clone()).collect()
    }

    /// The tracker of the configuration's budgets; null without them.
    #[napi]
    pub fn cost_tracker(&self) -> Option<NativeCostTracker> {
        self.tracker.clone().map(NativeCostTracker::of)
    }

    /// Runs the text `query`, or the query in the JSON text `request` where `query` is null. Gives
    /// the result as [`result_json`] writes it, or its promise.
    #[napi]
    pub fn run<'env>(
        &self,
        env: &'env Env,
        query: Option<String>,
        request: Option<String>,
        canceller: Option<&Canceller>,
    ) -> napi::Result<Settled<'env, String>> {
        let agent = self.agent.clone();
        let classes = Arc::clone(&self.classes);
        let listener = self.listener.clone();
        let cancelled = canceller.map(Canceller::listen);
        settle(env, async move {
            let (input, options) = read_call(query, request.as_deref())?;
            let result = until(cancelled, pin!(agent.run(input, options))).await;
            listener.heard().await;
            result_json(&result.map_err(|error| classes.name_late(error))?)
        })
    }

    /// Streams a query; the arguments are those of `run`.
    #[napi]
    pub fn stream(
        &self,
        query: Option<String>,
        request: Option<String>,
    ) -> napi::Result<NativeStream> {
        let (input, options) = read_call(query, request.as_deref()).map_err(to_js)?;
        let classes = Arc::clone(&self.classes);
        let events = self.agent.stream(input, options).map(move |event| {
            let last = matches!(event, Ok(StreamEvent::Complete { .. }) | Err(_));
            let event = event
                .map_err(|error| classes.name_late(error))
                .and_then(|event| event_json(&event));
            (event, last)
        });
        let listener = self.listener.clone();
        Ok(NativeStream::new(events.then(move |(event, last)| {
            let listener = listener.clone();
            async move {
                if last {
                    listener.heard().await;
                }
                event
            }
        })))
    }

    /// The plan of a query as JSON text; the arguments are those of `run`.
    #[napi]
    pub fn plan<'env>(
        &self,
        env: &'env Env,
        query: Option<String>,
        request: Option<String>,
    ) -> napi::Result<Settled<'env, String>> {
        let agent = self.agent.clone();
        let listener = self.listener.clone();
        settle(env, async move {
            let (input, options) = read_call(query, request.as_deref())?;
            let plan = agent.plan(input, options).await;
            listener.heard().await;
            Ok(json!(plan?.record(agent.models())).to_string())
        })
    }

    /// Runs the texts in `queries` with `options` and `batch` of the JSON text `request`.
    /// `on_progress` hears of each run that ended, then of zeros. Gives totals, then one text for each query: its
    /// result as `run` gives it, or its error.
    #[napi]
    pub fn run_batch<'env>(
        &self,
        env: &'env Env,
        queries: Vec<String>,
        request: String,
        canceller: Option<&Canceller>,
        on_progress: Option<Function<'_, Progress, ()>>,
    ) -> napi::Result<Settled<'env, Vec<String>>> {
        let agent = self.agent.clone();
        let classes = Arc::clone(&self.classes);
        let listener = self.listener.clone();
        let cancelled = canceller.map(Canceller::listen);
        let progress = on_progress
            .map(|function| {
                function
                    .build_threadsafe_function::<Progress>()
                    .callee_handled::<false>()
                    .weak::<true>()
                    .build()
            })
            .transpose()?;
        settle(env, async move {
            let mut fields = Fields::parse("request", &request)?;
            let options = fields.take_value("options").map(read_run_options).transpose()?;
            let batch = fields.take_value("batch").map(read_batch_options).transpose()?;
            fields.finish()?;
            let inputs = queries.into_iter().map(Into::into).collect();
            let options = options.unwrap_or_default();
            let report = agent.run_batch(inputs, options, batch.unwrap_or_default(), |at| {
                if let Some(progress) = &progress {
                    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
                    let message =
                        (count(at.done), count(at.failed), count(at.total), at.cost.to_f64());
                    progress.call(message.into(), ThreadsafeFunctionCallMode::NonBlocking);
                }
            });
            let report = until(cancelled, pin!(async { Ok(report.await) })).await;
            listener.heard().await;
            let report = report?;
            if let Some(progress) = &progress {
                // Calls arrive in order: when this one is through, every report before it is.
                let _ = progress.call_async((0, 0, 0, 0.0).into()).await;
            }
            batch_texts(&report, &classes)
        })
    }
}

/// The models of the ready-made configuration `name` whose providers can be called as they are, as
/// JSON text.
#[napi]
pub(crate) fn preset_models(name: String) -> napi::Result<String> {
    presets::config(&name, &registry::is_available)
        .map(|config| json!(config.models).to_string())
        .map_err(to_js)
}

/// What of an agent comes beside its configuration.
struct Code<'a> {
    user: UserCode,
    listener: Option<Arc<JsEventSink>>,
    control: Option<&'a NativeControl>,
}

fn build(
    config: &str,
    hosts: &[Option<ClassInstance<'_, ProviderHost>>],
    environment: Option<&str>,
    code: Code<'_>,
) -> Result<NativeAgent> {
    let Code { user, listener, control } = code;
    let config = AgentConfig::from_json(config)?;
    let environment = environment.map(|text| Fields::parse("environment", text)).transpose()?;
    let mut position = 0;
    let mut classes = Classes::default();
    let (mut builder, tracker) = config.tracked_builder_with(user, |model| {
        let host = hosts.get(position).and_then(Option::as_ref);
        position += 1;
        match (host, &environment) {
            (Some(host), _) => {
                classes.0.insert(model.name.clone(), host.class_name().to_owned());
                Ok(provider_of(host, model))
            }
            (None, None) => registry::builtin(model),
            (None, Some(variables)) => {
                registry::builtin_with(model, &|name| variables.text(name).map(str::to_owned))
            }
        }
    })?;
    if let Some(control) = control {
        builder = control.apply(builder);
    }
    if let Some(sink) = &listener {
        builder = builder.event_sink(Arc::clone(sink) as Arc<dyn EventSink>);
    }
    let agent = builder.build()?;
    if let Some(sink) = &listener {
        sink.set_models(agent.models());
    }
    let queues = control.map(NativeControl::queues).unwrap_or_default().into();
    let listener = Listener { sink: listener, queues };
    Ok(NativeAgent { agent, classes: Arc::new(classes), listener, tracker })
}

fn batch_texts(report: &BatchReport, classes: &Classes) -> Result<Vec<String>> {
    let mut texts = Vec::with_capacity(report.items.len() + 1);
    texts.push(
        json!({
            "successCount": report.success_count(),
            "totalCost": report.total_cost.to_f64(),
            "totalMs": report.total_ms,
        })
        .to_string(),
    );
    for item in &report.items {
        texts.push(match &item.outcome {
            Ok(result) => result_json(result)?,
            Err(error) => to_json(&classes.name_late(error.clone())),
        });
    }
    Ok(texts)
}
