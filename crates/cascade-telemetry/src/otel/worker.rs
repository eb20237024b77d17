//! Turns finished runs into spans and sends them, away from the runs themselves.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter as _};
use tokio::sync::mpsc::{Receiver, UnboundedReceiver};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::counts::{Counters, add};
use super::open_run::FinishedRun;
use super::spans::{Collector, SpanMaker};

/// Most spans of one request.
const MAX_BATCH: usize = 512;

/// What makes and sends spans.
pub(super) struct Worker {
    pub(super) runs: Receiver<FinishedRun>,
    /// Each asks to send everything that ended before, and to be told then.
    pub(super) flushes: UnboundedReceiver<SyncSender<bool>>,
    pub(super) maker: SpanMaker,
    pub(super) collector: Collector,
    pub(super) exporter: SpanExporter,
    /// Kept for as long as its tracer is used.
    pub(super) _provider: SdkTracerProvider,
    pub(super) span_interval: Duration,
    pub(super) timeout: Duration,
    pub(super) counters: Arc<Counters>,
}

impl Worker {
    /// Works until nobody can hand over runs any more.
    pub(super) async fn work(mut self) {
        let mut ticks = interval(self.span_interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut waiting: Vec<SpanData> = Vec::new();
        loop {
            tokio::select! {
                run = self.runs.recv() => {
                    let Some(run) = run else { break };
                    self.add(run, &mut waiting);
                    if waiting.len() >= MAX_BATCH {
                        self.send(&mut waiting).await;
                    }
                }
                Some(reply) = self.flushes.recv() => {
                    let mut all_sent = true;
                    for _ in 0..self.runs.len() {
                        let Ok(run) = self.runs.try_recv() else { break };
                        self.add(run, &mut waiting);
                        if waiting.len() >= MAX_BATCH {
                            all_sent &= self.send(&mut waiting).await;
                        }
                    }
                    all_sent &= self.send(&mut waiting).await;
                    // Who asked may have stopped waiting.
                    let _ = reply.try_send(all_sent);
                }
                _ = ticks.tick() => {
                    self.send(&mut waiting).await;
                }
            }
        }
        self.send(&mut waiting).await;
    }

    fn add(&self, run: FinishedRun, waiting: &mut Vec<SpanData>) {
        self.maker.make(run);
        waiting.append(&mut self.collector.take());
    }

    /// Whether the receiver took all that was waiting.
    async fn send(&self, waiting: &mut Vec<SpanData>) -> bool {
        if waiting.is_empty() {
            return true;
        }
        let spans = std::mem::take(waiting);
        let number = spans.len() as u64;
        let failure = match timeout(self.timeout, self.exporter.export(spans)).await {
            Ok(Ok(())) => {
                add(&self.counters.exported_spans, number);
                return true;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {} ms", self.timeout.as_millis()),
        };
        add(&self.counters.failed_spans, number);
        self.counters.failed(failure);
        false
    }
}
