//! The exporter of OpenTelemetry.

use std::time::Duration;

use cascadeflow::chat_json::Fields;
use cascadeflow::telemetry::{OpenTelemetryExporter, UsageDimensions, UsageRecord};
use cascadeflow::{Error, ErrorKind, Result, Usd, otel_env};
use napi::Env;
use napi_derive::napi;
use serde::Serialize;

use crate::error::to_js;
use crate::runtime::{Settled, settle};

/// Exports runs by OTLP; never enters JavaScript.
#[napi]
pub struct NativeTelemetryExporter {
    exporter: OpenTelemetryExporter,
}

impl NativeTelemetryExporter {
    /// The exporter itself.
    pub(crate) fn exporter(&self) -> OpenTelemetryExporter {
        self.exporter.clone()
    }
}

#[napi]
impl NativeTelemetryExporter {
    /// An exporter of `options`, the JSON text of `telemetry` of the configuration reference, over
    /// what the environment says.
    #[napi(constructor)]
    pub fn new(options: String) -> napi::Result<Self> {
        let made = read(&options)
            .and_then(otel_env::config_with_options)
            .and_then(OpenTelemetryExporter::new);
        Ok(Self { exporter: made.map_err(to_js)? })
    }

    /// The configuration as JSON text, its headers without their values.
    #[napi]
    pub fn config(&self) -> napi::Result<String> {
        encode(self.exporter.config()).map_err(to_js)
    }

    /// Counts a cost in USD for the labels in the JSON text of a mapping of `user_id`, `user_tier`,
    /// `model`, `provider` and `domain`, each absent or a text.
    #[napi]
    pub fn export_cost(&self, cost: f64, labels: String) -> napi::Result<()> {
        let count = || -> Result<()> {
            let dimensions = dimensions(Fields::parse("labels", &labels)?)?;
            self.exporter.export_cost(Usd::from_f64(cost)?, &dimensions)
        };
        count().map_err(to_js)
    }

    /// Counts cost in USD, tokens, and a latency in milliseconds for the labels of `export_cost`.
    #[napi]
    pub fn record(
        &self,
        cost: f64,
        input_tokens: f64,
        output_tokens: f64,
        latency_ms: Option<f64>,
        labels: String,
    ) -> napi::Result<()> {
        let count = || -> Result<()> {
            self.exporter.record(&UsageRecord {
                cost: Usd::from_f64(cost)?,
                input_tokens: tokens("tokensInput", input_tokens)?,
                output_tokens: tokens("tokensOutput", output_tokens)?,
                latency_ms,
                dimensions: dimensions(Fields::parse("labels", &labels)?)?,
            })
        };
        count().map_err(to_js)
    }

    /// Sends what there is, for at most `time` milliseconds. Whether the receiver took it all.
    #[napi]
    pub fn force_flush<'env>(
        &self,
        env: &'env Env,
        time: f64,
    ) -> napi::Result<Settled<'env, bool>> {
        let exporter = self.exporter();
        let time = duration(time).map_err(to_js)?;
        settle(env, async move { elsewhere(move || exporter.force_flush(time)).await })
    }

    /// As `force_flush`, and exports nothing any more.
    #[napi]
    pub fn shutdown<'env>(&self, env: &'env Env, time: f64) -> napi::Result<Settled<'env, bool>> {
        let exporter = self.exporter();
        let time = duration(time).map_err(to_js)?;
        settle(env, async move { elsewhere(move || exporter.shutdown(time)).await })
    }

    /// What became of what was handed over, as JSON text.
    #[napi]
    pub fn counts(&self) -> napi::Result<String> {
        encode(&self.exporter.counts()).map_err(to_js)
    }
}

/// Whether the environment names a receiver of telemetry.
#[napi]
pub(crate) fn environment_names_receiver() -> bool {
    otel_env::names_receiver()
}

/// Sends what every exporter still holds and waits for it, for at most `time` milliseconds. For the
/// end of the process.
#[napi]
pub(crate) fn shut_down_telemetry(time: f64) -> napi::Result<()> {
    OpenTelemetryExporter::shutdown_all(duration(time).map_err(to_js)?);
    Ok(())
}

/// Waits for `work` on a thread that may wait.
async fn elsewhere<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::new(ErrorKind::Internal, format!("telemetry broke off: {error}")))
}

fn read(text: &str) -> Result<serde_json::Value> {
    serde_json::from_str(text)
        .map_err(|error| Error::new(ErrorKind::Internal, format!("options are no JSON: {error}")))
}

fn encode(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::new(ErrorKind::Internal, format!("cannot be written: {error}")))
}

fn dimensions(mut fields: Fields) -> Result<UsageDimensions> {
    let dimensions = UsageDimensions {
        user_id: fields.take("user_id")?,
        user_tier: fields.take("user_tier")?,
        model: fields.take("model")?,
        provider: fields.take("provider")?,
        domain: fields.take("domain")?,
    };
    fields.finish()?;
    Ok(dimensions)
}

/// A count of tokens: JavaScript has numbers only.
fn tokens(field: &str, number: f64) -> Result<u64> {
    const MOST: f64 = 9_007_199_254_740_991.0;
    if !(0.0..=MOST).contains(&number) || number.fract() != 0.0 {
        let message = format!("{field} is no count: `{number}`");
        return Err(Error::validation(field, message, "give a whole number, zero or more"));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number in range"
    )]
    Ok(number as u64)
}

fn duration(milliseconds: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(milliseconds / 1_000.0).map_err(|_| {
        Error::validation(
            "timeoutMs",
            format!("timeoutMs is no duration: `{milliseconds}`"),
            "give milliseconds, zero or more",
        )
    })
}
