use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use opentelemetry_otlp::MetricExporter;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::counts::{Counters, add};

/// The official exporter of metrics on the thread of the SDK's reader, which has no runtime: sockets
/// and timers are those of ours. Counts how exports end.
pub(super) struct MetricBridge {
    pub(super) inner: MetricExporter,
    pub(super) runtime: Handle,
    pub(super) timeout: Duration,
    /// Turns true when the runtime is about to go away, which no export may outlive.
    pub(super) closed: watch::Receiver<bool>,
    pub(super) counters: Arc<Counters>,
}

impl PushMetricExporter for MetricBridge {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        if *self.closed.borrow() || metrics.scope_metrics().next().is_none() {
            return Ok(());
        }
        let ended = within(&self.runtime, async {
            let mut closed = self.closed.clone();
            tokio::select! {
                biased;
                _ = closed.wait_for(|closed| *closed) => Err(OTelSdkError::AlreadyShutdown),
                ended = self.inner.export(metrics) => ended,
                () = tokio::time::sleep(self.timeout) => Err(OTelSdkError::Timeout(self.timeout)),
            }
        })
        .await;
        match &ended {
            Ok(()) => add(&self.counters.metric_exports, 1),
            Err(error) => {
                add(&self.counters.failed_metric_exports, 1);
                self.counters.failed(error.to_string());
            }
        }
        ended
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.inner.temporality()
    }
}

/// Polls `future` within the context of `runtime`, wherever that is done.
async fn within<F: Future>(runtime: &Handle, future: F) -> F::Output {
    let mut future = pin!(future);
    std::future::poll_fn(|context| -> Poll<F::Output> {
        let _inside = runtime.enter();
        future.as_mut().poll(context)
    })
    .await
}
