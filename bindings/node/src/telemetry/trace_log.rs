//! Decision traces of past runs.

use std::sync::Arc;

use cascadeflow::ErrorKind;
use cascadeflow::telemetry::{TraceLog, TraceRecord};
use napi_derive::napi;
use serde::Serialize;

use super::text::{milliseconds, number, write};
use crate::convert::{AttemptView, TraceStepView};
use crate::error::to_js;

/// Keeps the traces of an agent's last runs.
#[napi]
pub struct NativeTraceLog {
    log: Arc<TraceLog>,
}

impl NativeTraceLog {
    /// The log itself.
    pub(crate) fn log(&self) -> Arc<TraceLog> {
        Arc::clone(&self.log)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RecordView<'a> {
    run_id: String,
    at: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<&'a str>,
    steps: Vec<TraceStepView<'a>>,
    attempts: Vec<AttemptView<'a>>,
    total_cost: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer_model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_kind: Option<ErrorKind>,
    total_ms: f64,
}

impl<'a> From<&'a TraceRecord> for RecordView<'a> {
    fn from(record: &'a TraceRecord) -> Self {
        Self {
            run_id: record.run.to_string(),
            at: milliseconds(record.at),
            user_id: record.user_id.as_deref(),
            tenant_id: record.tenant_id.as_deref(),
            steps: record.steps.iter().map(TraceStepView::from).collect(),
            attempts: record.attempts.iter().map(AttemptView::from).collect(),
            total_cost: record.total_cost.to_f64(),
            answer_model: record.answer_model.as_deref(),
            error_kind: record.error_kind,
            total_ms: record.total_ms,
        }
    }
}

#[napi]
impl NativeTraceLog {
    /// A log of the last `capacity` runs.
    #[napi(constructor)]
    pub fn new(capacity: u32) -> Self {
        Self { log: Arc::new(TraceLog::new(capacity as usize)) }
    }

    /// The last `count` traces, newest first, as the JSON text of a list; `at` is in milliseconds
    /// since the Unix epoch.
    #[napi]
    pub fn recent(&self, count: u32) -> napi::Result<String> {
        let found = self.log.recent(count as usize);
        write(&found.iter().map(|record| RecordView::from(&**record)).collect::<Vec<_>>())
            .map_err(to_js)
    }

    /// The trace of the run of this id as JSON text; null when it is not kept.
    #[napi]
    pub fn of_run(&self, run_id: String) -> napi::Result<Option<String>> {
        let all = self.log.recent(usize::MAX);
        let found = all.iter().find(|record| record.run.to_string() == run_id);
        found.map(|record| write(&RecordView::from(&**record))).transpose().map_err(to_js)
    }

    /// How many runs ended, those not kept any more included.
    #[napi]
    pub fn runs(&self) -> f64 {
        number(self.log.runs())
    }

    /// What all of them cost together, in USD.
    #[napi]
    pub fn total_cost(&self) -> f64 {
        self.log.total_cost().to_f64()
    }

    /// Forgets every trace and starts counting anew.
    #[napi]
    pub fn clear(&self) {
        self.log.clear();
    }
}
