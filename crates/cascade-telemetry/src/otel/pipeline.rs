//! What one process exports with: a queue, a runtime, the official SDK.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use cascade_core::ports::EngineEvent;
use cascade_core::{Error, ErrorKind, Result, RunId};
use opentelemetry::metrics::MeterProvider;
use opentelemetry::trace::TracerProvider;
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{Instrument, PeriodicReader, SdkMeterProvider, Stream};
use opentelemetry_sdk::resource::TelemetryResourceDetector;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, SpanExporter as _};
use parking_lot::Mutex;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::{mpsc, watch};

use super::config::OpenTelemetryConfig;
use super::conventions::conventions;
use super::counts::{Counters, add};
use super::instruments::Instruments;
use super::metric_bridge::MetricBridge;
use super::open_run::{FinishedRun, OpenRun};
use super::spans::{Collector, SpanMaker};
use super::transport::{metric_exporter, span_exporter};
use super::worker::Worker;

/// Most runs that are followed at once; further ones are counted as dropped.
const MAX_OPEN_RUNS: usize = 20_000;
/// Most combinations of labels of a metric, where users are among them.
const MAX_COMBINATIONS: usize = 20_000;

/// The queue to the worker, and its signal to send.
struct Queue {
    runs: mpsc::Sender<FinishedRun>,
    flushes: mpsc::UnboundedSender<std::sync::mpsc::SyncSender<bool>>,
}

/// Everything that exports in one process.
pub(super) struct Pipeline {
    config: Arc<OpenTelemetryConfig>,
    counters: Arc<Counters>,
    instruments: Option<Instruments>,
    open: Mutex<HashMap<RunId, OpenRun>>,
    queue: Mutex<Option<Queue>>,
    meters: Option<SdkMeterProvider>,
    /// Ends the exports of metrics under way.
    closed: watch::Sender<bool>,
    runtime: Mutex<Option<Runtime>>,
}

impl Pipeline {
    pub(super) fn start(config: Arc<OpenTelemetryConfig>) -> Result<Self> {
        let counters = Arc::new(Counters::default());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(8)
            .thread_name("cascadeflow-otel")
            .enable_all()
            .build()
            .map_err(|error| {
                Error::new(ErrorKind::Internal, format!("no thread for telemetry: {error}"))
                    .with_hint("raise the limit on threads")
            })?;
        let resource = resource(&config);
        let (closed, is_closed) = watch::channel(false);
        let (queue, meters) = {
            let _inside = runtime.enter();
            let queue = if config.traces {
                let (queue, worker) = tracing(&config, &resource, &counters)?;
                drop(runtime.spawn(worker.work()));
                Some(queue)
            } else {
                None
            };
            let meters = if config.metrics {
                Some(metering(&config, resource, &counters, (runtime.handle(), is_closed))?)
            } else {
                None
            };
            (queue, meters)
        };
        let instruments = meters.as_ref().map(|meters| {
            let meter = meters.meter_with_scope(scope());
            Instruments::new(&meter, &config, Arc::clone(&counters))
        });
        Ok(Self {
            config,
            counters,
            instruments,
            open: Mutex::default(),
            queue: Mutex::new(queue),
            meters,
            closed,
            runtime: Mutex::new(Some(runtime)),
        })
    }

    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }

    pub(super) fn instruments(&self) -> Option<&Instruments> {
        self.instruments.as_ref()
    }

    /// Hears an event of the engine.
    pub(super) fn hear(&self, event: EngineEvent<'_>) {
        match event {
            EngineEvent::Started { run, at, input, options } => {
                let begun = OpenRun::begin(run, at, input, options, &self.config);
                let mut open = self.open.lock();
                if open.len() < MAX_OPEN_RUNS {
                    open.insert(run, begun);
                }
            }
            EngineEvent::Planned { run, plan } => {
                if let Some(open) = self.open.lock().get_mut(&run) {
                    open.rule = Some(plan.rule.clone());
                    if plan.domain.is_some() {
                        open.domain.clone_from(&plan.domain);
                    }
                }
            }
            EngineEvent::Decided { run, step } => {
                if let Some(open) = self.open.lock().get_mut(&run) {
                    open.decided(step);
                }
            }
            EngineEvent::AttemptEnded { run, attempt } => {
                let mut open = self.open.lock();
                let open = open.get_mut(&run);
                if let Some(instruments) = &self.instruments {
                    let purpose = open.as_deref().map(OpenRun::purpose).unwrap_or_default();
                    instruments.attempt(attempt, purpose);
                }
                if let Some(open) = open {
                    open.attempted(attempt);
                }
            }
            EngineEvent::Completed { run, result } => {
                add(&self.counters.runs, 1);
                if let Some(instruments) = &self.instruments {
                    instruments.completed(result);
                }
                let open = self.open.lock().remove(&run);
                self.hand_over(open.map(|open| open.completed(result)));
            }
            EngineEvent::Failed { run, kind, total_ms, .. } => {
                add(&self.counters.runs, 1);
                if let Some(instruments) = &self.instruments {
                    instruments.failed(kind, total_ms);
                }
                let open = self.open.lock().remove(&run);
                self.hand_over(open.map(|open| open.failed(kind, total_ms)));
            }
        }
    }

    /// Never waits: a run that the queue has no room for is dropped and counted.
    fn hand_over(&self, run: Option<FinishedRun>) {
        let queue = self.queue.lock();
        let Some(queue) = &*queue else { return };
        if run.is_none_or(|run| queue.runs.try_send(run).is_err()) {
            add(&self.counters.dropped_runs, 1);
        }
    }

    /// Sends everything that there is, for at most `time`. Whether the receiver took it all.
    pub(super) fn flush(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let spans = self.ask_for_spans();
        let metrics = self.ask_for_metrics();
        [spans, metrics].into_iter().flatten().fold(true, |sent, answer| {
            let left = until.saturating_duration_since(Instant::now());
            answer.recv_timeout(left).unwrap_or(false) && sent
        })
    }

    fn ask_for_spans(&self) -> Option<Receiver<bool>> {
        let (tell, told) = sync_channel(1);
        self.queue.lock().as_ref()?.flushes.send(tell).ok()?;
        Some(told)
    }

    fn ask_for_metrics(&self) -> Option<Receiver<bool>> {
        let meters = self.meters.clone()?;
        let (tell, told) = sync_channel(1);
        let runtime = self.runtime.lock();
        // The SDK waits as long as the export takes, so it does so on a thread of its own.
        drop(runtime.as_ref()?.spawn_blocking(move || {
            let _ = tell.try_send(meters.force_flush().is_ok());
        }));
        Some(told)
    }

    /// Sends what there is, for at most `time`, and stops. Whether the receiver took it all.
    pub(super) fn shut_down(&self, time: Duration) -> bool {
        let sent = self.flush(time);
        self.stop();
        sent
    }

    fn stop(&self) {
        *self.queue.lock() = None;
        let Some(runtime) = self.runtime.lock().take() else { return };
        self.closed.send_replace(true);
        if let Some(meters) = &self.meters {
            // Ends the reader's thread, at once: nothing is exported any more.
            let _ = meters.shutdown();
        }
        runtime.shutdown_background();
    }
}

fn scope() -> InstrumentationScope {
    let names = conventions();
    InstrumentationScope::builder(names.scope)
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url(names.schema_url)
        .build()
}

fn resource(config: &OpenTelemetryConfig) -> Resource {
    let names = &conventions().attributes;
    let text = |(name, value): (&String, &String)| KeyValue::new(name.clone(), value.clone());
    let mut attributes: Vec<KeyValue> = vec![
        // Tells a forked child from its parent, whose counts go on.
        KeyValue::new(names.service_instance_id.key(), RunId::next().to_string()),
    ];
    attributes.extend(config.resource_attributes.iter().map(text));
    attributes.push(KeyValue::new(names.service_name.key(), config.service_name.clone()));
    if let Some(environment) = &config.environment {
        attributes.push(KeyValue::new(names.environment.key(), environment.clone()));
    }
    Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attributes(attributes)
        .build()
}

fn tracing(
    config: &OpenTelemetryConfig,
    resource: &Resource,
    counters: &Arc<Counters>,
) -> Result<(Queue, Worker)> {
    let mut exporter = span_exporter(config)?;
    exporter.set_resource(resource);
    let collector = Collector::default();
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.sample_ratio)));
    let provider = SdkTracerProvider::builder()
        .with_resource(resource.clone())
        .with_sampler(sampler)
        .with_span_processor(collector.clone())
        .build();
    let maker = SpanMaker::new(provider.tracer_with_scope(scope()), config);
    let (runs, finished) = mpsc::channel(config.queue_size);
    let (flushes, asked) = mpsc::unbounded_channel();
    let worker = Worker {
        runs: finished,
        flushes: asked,
        maker,
        collector,
        exporter,
        _provider: provider,
        span_interval: Duration::from_millis(config.span_interval_ms),
        timeout: config.timeout(),
        counters: Arc::clone(counters),
    };
    Ok((Queue { runs, flushes }, worker))
}

fn metering(
    config: &OpenTelemetryConfig,
    resource: Resource,
    counters: &Arc<Counters>,
    (runtime, closed): (&Handle, watch::Receiver<bool>),
) -> Result<SdkMeterProvider> {
    let bridge = MetricBridge {
        inner: metric_exporter(config)?,
        runtime: runtime.clone(),
        closed,
        timeout: config.timeout(),
        counters: Arc::clone(counters),
    };
    let reader = PeriodicReader::builder(bridge)
        .with_interval(Duration::from_millis(config.export_interval_ms))
        .build();
    let provider = SdkMeterProvider::builder().with_resource(resource).with_reader(reader);
    let provider = if config.user_labels {
        let metrics = &conventions().metrics;
        let with_users = [metrics.cost_total.name, metrics.tokens_total.name];
        provider.with_view(move |instrument: &Instrument| {
            let is_one = with_users.contains(&instrument.name());
            is_one
                .then(|| Stream::builder().with_cardinality_limit(MAX_COMBINATIONS).build().ok())?
        })
    } else {
        provider
    };
    Ok(provider.build())
}
