use std::time::Duration;

use super::{OpenTelemetryConfig, OtlpProtocol};

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    Traces,
    Metrics,
}

impl OpenTelemetryConfig {
    pub(super) fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }

    /// The address that `signal` goes to.
    pub(super) fn address(&self, signal: Signal) -> String {
        let (own, path) = match signal {
            Signal::Traces => (&self.traces_endpoint, "/v1/traces"),
            Signal::Metrics => (&self.metrics_endpoint, "/v1/metrics"),
        };
        match (own, self.effective_protocol()) {
            (Some(own), _) => own.clone(),
            (None, OtlpProtocol::Grpc) => self.endpoint.clone(),
            (None, OtlpProtocol::HttpProtobuf) => {
                format!("{}{path}", self.endpoint.trim_end_matches('/'))
            }
        }
    }
}
