use std::fmt;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use cascade_core::ports::{EngineEvent, EventSink};
use cascade_core::{Result, Usd};
use parking_lot::Mutex;

use super::config::OpenTelemetryConfig;
use super::counts::ExportCounts;
use super::pipeline::Pipeline;
use super::usage_record::{UsageDimensions, UsageRecord, check_cost};

/// Longest that a dropped exporter goes on sending, in the background.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Exports runs as traces and metrics by OTLP.
///
/// A listener of agents ([`EventSink`]). Nothing here waits for the receiver: metrics are summed in
/// place, finished runs go into a bounded queue, and one that does not fit is dropped and counted
/// ([`Self::counts`]). Clones share one exporter. A child made by `fork` starts threads and counts
/// of its own, with its first event.
///
/// Call [`Self::shutdown`] before the program ends; what a dropped exporter still holds is sent in
/// the background as long as the program goes on, and for five seconds at most.
#[derive(Clone)]
pub struct OpenTelemetryExporter {
    shared: Arc<Shared>,
}

struct Shared {
    config: Arc<OpenTelemetryConfig>,
    first: OnceLock<Link>,
}

/// What one process exports with. Threads do not survive `fork`, so a child hangs its own behind
/// that of its parent, which it must not touch.
struct Link {
    process: u32,
    /// `None` when it could not be started.
    pipeline: Option<Pipeline>,
    child: OnceLock<Box<Self>>,
}

impl Shared {
    /// That of this process; `None` where nothing was exported yet.
    fn started(&self) -> Option<&Pipeline> {
        let process = std::process::id();
        let mut link = self.first.get()?;
        while link.process != process {
            link = link.child.get()?;
        }
        link.pipeline.as_ref()
    }

    /// That of this process, started where it is new; `None` when exporting is off.
    fn pipeline(&self) -> Option<&Pipeline> {
        let process = std::process::id();
        let mut link = self.first.get()?;
        while link.process != process {
            link = link.child.get_or_init(|| {
                let pipeline = Pipeline::start(Arc::clone(&self.config)).ok();
                Box::new(Link { process, pipeline, child: OnceLock::new() })
            });
        }
        link.pipeline.as_ref()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let process = std::process::id();
        let Some(mut link) = self.first.take() else { return };
        loop {
            let child = link.child.take();
            if link.process == process {
                if let Some(pipeline) = link.pipeline {
                    let send = move || pipeline.shut_down(LAST_WORDS);
                    // Without a thread the spans are lost, as they would be without an exporter.
                    let _ = std::thread::Builder::new().spawn(send);
                }
                return;
            }
            // Its threads are in another process: nothing of it may be touched.
            std::mem::forget(link);
            match child {
                Some(child) => link = *child,
                None => return,
            }
        }
    }
}

/// The exporters of this program, for its end.
static LIVE: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());

impl OpenTelemetryExporter {
    /// Starts an exporter.
    ///
    /// # Errors
    /// A config error that names the field at fault, or an internal one when no thread can be made.
    pub fn new(config: OpenTelemetryConfig) -> Result<Self> {
        config.validate()?;
        let config = Arc::new(config);
        let first = OnceLock::new();
        if config.enabled {
            let pipeline = Some(Pipeline::start(Arc::clone(&config))?);
            let link = Link { process: std::process::id(), pipeline, child: OnceLock::new() };
            // New: nobody else can have set it.
            let _ = first.set(link);
        }
        let shared = Arc::new(Shared { config, first });
        let mut live = LIVE.lock();
        live.retain(|known| known.strong_count() > 0);
        live.push(Arc::downgrade(&shared));
        drop(live);
        Ok(Self { shared })
    }

    /// The configuration.
    pub fn config(&self) -> &OpenTelemetryConfig {
        &self.shared.config
    }

    /// Counts a cost for `dimensions` that no agent's run made, in USD. A user that is named here
    /// is a label even without `user_labels`, up to `max_users`.
    ///
    /// # Errors
    /// A validation error when `cost` is negative.
    pub fn export_cost(&self, cost: Usd, dimensions: &UsageDimensions) -> Result<()> {
        check_cost(cost)?;
        if let Some(instruments) = self.shared.pipeline().and_then(Pipeline::instruments) {
            instruments.cost(cost, dimensions);
        }
        Ok(())
    }

    /// Counts cost, tokens and latency of a call that no agent made; users as in
    /// [`Self::export_cost`].
    ///
    /// # Errors
    /// A validation error about `cost` or `latency_ms`.
    pub fn record(&self, record: &UsageRecord) -> Result<()> {
        record.validate()?;
        if let Some(instruments) = self.shared.pipeline().and_then(Pipeline::instruments) {
            instruments.record(record);
        }
        Ok(())
    }

    /// Sends what there is and waits for it, for at most `timeout`. Whether the receiver took it
    /// all. Blocks the thread.
    pub fn force_flush(&self, timeout: Duration) -> bool {
        self.shared.started().is_none_or(|pipeline| pipeline.flush(timeout))
    }

    /// As [`Self::force_flush`], and exports nothing any more. Blocks the thread.
    pub fn shutdown(&self, timeout: Duration) -> bool {
        self.shared.started().is_none_or(|pipeline| pipeline.shut_down(timeout))
    }

    /// What became of what was handed over, in this process.
    pub fn counts(&self) -> ExportCounts {
        let pipeline = self.shared.started();
        pipeline.map(|pipeline| pipeline.counters().snapshot()).unwrap_or_default()
    }

    /// Shuts every exporter of the program down, all in `timeout`. For the end of a program.
    pub fn shutdown_all(timeout: Duration) {
        let until = std::time::Instant::now() + timeout;
        let live: Vec<Arc<Shared>> = LIVE.lock().iter().filter_map(Weak::upgrade).collect();
        for shared in live {
            if let Some(pipeline) = shared.started() {
                pipeline.shut_down(until.saturating_duration_since(std::time::Instant::now()));
            }
        }
    }
}

impl EventSink for OpenTelemetryExporter {
    fn on_event(&self, event: EngineEvent<'_>) {
        if let Some(pipeline) = self.shared.pipeline() {
            pipeline.hear(event);
        }
    }
}

impl fmt::Debug for OpenTelemetryExporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenTelemetryExporter")
            .field("config", &self.shared.config)
            .finish_non_exhaustive()
    }
}
