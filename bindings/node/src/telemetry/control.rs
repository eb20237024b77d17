//! What holds runs to budgets, keeps and exports something of them, and executes their tools.

use std::sync::Arc;

use cascadeflow::AgentBuilder;
use cascadeflow::ports::ToolHandler;
use cascadeflow::telemetry::{
    CallbackManager, CostTracker, EnforcementChain, MetricsCollector, OpenTelemetryExporter,
    TraceLog,
};
use napi_derive::napi;

use super::{
    NativeCallbackManager, NativeCostTracker, NativeEnforcementChain, NativeMetricsCollector,
    NativeTraceLog,
};
use crate::callbacks::{JsQueues, ToolHost};
use crate::otel::NativeTelemetryExporter;

/// What of an agent controls its spending, listens to its runs and works for them. An agent made with it
/// takes what is in it then.
#[napi]
#[derive(Default)]
pub struct NativeControl {
    tracker: Option<CostTracker>,
    /// Asked in their order.
    chains: Vec<Arc<EnforcementChain>>,
    callbacks: Option<Arc<CallbackManager>>,
    metrics: Option<Arc<MetricsCollector>>,
    traces: Option<Arc<TraceLog>>,
    exporter: Option<OpenTelemetryExporter>,
    tools: Option<Arc<dyn ToolHandler>>,
    /// What must have been heard before a run's end.
    queues: Vec<JsQueues>,
}

#[napi]
impl NativeControl {
    /// Nothing yet.
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Budgets, and where costs are kept; the tracker's own callbacks are asked first.
    #[napi]
    pub fn set_tracker(&mut self, tracker: &NativeCostTracker) {
        self.tracker = Some(tracker.tracker());
        if let Some(chain) = tracker.chain() {
            self.chains.insert(0, chain);
        }
        self.queues.push(tracker.queues());
    }

    /// Callbacks that decide; those that the tracker brings are not asked twice.
    #[napi]
    pub fn set_enforcement(&mut self, chain: &NativeEnforcementChain) {
        let own = chain.shared();
        if self.chains.iter().all(|known| !Arc::ptr_eq(known, &own)) {
            self.chains.push(own);
            self.queues.push(chain.warned());
        }
    }

    /// Listeners by name of the event.
    #[napi]
    pub fn set_callbacks(&mut self, callbacks: &NativeCallbackManager) {
        self.callbacks = Some(callbacks.manager());
        let queues = JsQueues::default();
        queues.add(callbacks.queue());
        self.queues.push(queues);
    }

    /// What collects figures of runs.
    #[napi]
    pub fn set_metrics(&mut self, metrics: &NativeMetricsCollector) {
        self.metrics = Some(metrics.collector());
    }

    /// What keeps decision traces.
    #[napi]
    pub fn set_traces(&mut self, traces: &NativeTraceLog) {
        self.traces = Some(traces.log());
    }

    /// What exports the runs.
    #[napi]
    pub fn set_telemetry(&mut self, telemetry: &NativeTelemetryExporter) {
        self.exporter = Some(telemetry.exporter());
    }

    /// What executes calls of tools.
    #[napi]
    pub fn set_tools(&mut self, tools: &ToolHost) {
        self.tools = Some(tools.handler());
    }
}

impl NativeControl {
    /// What must have been heard before a run's end.
    pub(crate) fn queues(&self) -> Vec<JsQueues> {
        self.queues.clone()
    }

    /// An agent's builder with all of it.
    pub(crate) fn apply(&self, mut builder: AgentBuilder) -> AgentBuilder {
        if let Some(tracker) = &self.tracker {
            builder = builder.ledger(Arc::new(tracker.clone()));
        }
        for chain in &self.chains {
            builder = builder.enforcement(Arc::clone(chain) as _);
        }
        if let Some(callbacks) = &self.callbacks {
            builder = builder.event_sink(Arc::clone(callbacks) as _);
        }
        if let Some(metrics) = &self.metrics {
            builder = builder.event_sink(Arc::clone(metrics) as _);
        }
        if let Some(traces) = &self.traces {
            builder = builder.event_sink(Arc::clone(traces) as _);
        }
        if let Some(exporter) = &self.exporter {
            builder = builder.event_sink(Arc::new(exporter.clone()));
        }
        if let Some(tools) = &self.tools {
            builder = builder.tool_handler(Arc::clone(tools));
        }
        builder
    }
}
