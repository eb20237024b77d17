//! Cost control: budgets, limits, profiles, prices of cascades, cheaper models, and what is kept of
//! runs.

mod call_gate;
mod callback_manager;
mod control;
mod degradation;
mod enforcement;
mod limits;
mod metrics;
mod profiles;
mod text;
mod trace_log;
mod tracker;

pub(crate) use callback_manager::NativeCallbackManager;
pub(crate) use control::NativeControl;
pub(crate) use enforcement::NativeEnforcementChain;
pub(crate) use metrics::NativeMetricsCollector;
pub(crate) use trace_log::NativeTraceLog;
pub(crate) use tracker::NativeCostTracker;
