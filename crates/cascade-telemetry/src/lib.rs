//! Cost control of cascadeflow: prices, tokens, budgets and their ledger, enforcement, rate limits,
//! forecasts, anomalies, metrics, traces and exports.
//!
//! Owns what is known and decided about money: what a call costs, whether it may be made, what was
//! spent and what will be. Knows nothing of providers' wires or of drafts.

mod anomaly;
mod budget;
mod cost;
mod degradation;
mod enforcement;
mod events;
mod export;
mod forecast;
mod limits;
mod metrics;
mod otel;
mod pricing;
mod profiles;
mod quick_map;
mod spend;
mod spend_json;
#[cfg(feature = "sqlite")]
mod sqlite;
mod tokens;
mod trace;

pub use anomaly::{
    Anomaly, AnomalyAlert, AnomalyDetector, AnomalyMethod, AnomalyOptions, AnomalyReport,
    AnomalySeverity, create_anomaly_alerts,
};
pub use budget::{
    BudgetConfig, BudgetPolicy, EnforcementMode, MemoryBudgetStore, MemoryStoreLimits,
};
pub use cost::{
    Affordability, BudgetAction, BudgetStanding, BudgetWarning, CascadeTokens, CostBreakdown,
    CostCalculator, CostEstimate, CostEstimator, CostRecord, CostSummary, CostTracker,
    UserCostSummary, WarningLevel, budget_session_json, wait_for,
};
pub use degradation::{
    CheaperChoice, CheaperModel, DegradationMap, cheaper_models, estimated_saving,
};
pub use enforcement::{
    BuiltInEnforcement, EnforcementCallback, EnforcementChain, EnforcementContext, FailurePolicy,
    read_decision, read_model_filter,
};
pub use events::{
    CallbackData, CallbackEvent, CallbackManager, CallbackStats, EventListener, ListenerId,
};
pub use export::{
    EntryWriter, ExportContext, ExportFormat, ExportSummary, export_entries, import_entries,
    moment_text, parse_moment, read_entries,
};
pub use forecast::{
    BudgetOutlook, BudgetPosition, Forecast, ForecastDay, ForecastMethod, ForecastOptions,
    Forecaster, Interval, SpendTrend,
};
pub use limits::{
    CallDecision, CallGate, CallLimits, RateDecision, RateLimitHook, RateLimitTable, RateLimiter,
    RateLimiterConfig, RateLimits, RateMeasure, RateRefusal, RateUsage,
};
pub use metrics::{
    ComplexityStats, Distribution, MetricsCollector, MetricsLimits, MetricsSnapshot,
    MetricsSummary, OTHER, RecentAnomaly, RunFigures, Samples, Tally, WindowStats,
};
#[cfg(feature = "otel")]
pub use otel::{ExportCounts, OpenTelemetryExporter, UsageDimensions, UsageRecord};
pub use otel::{MetricTemporality, OpenTelemetryConfig, OtlpProtocol};
pub use pricing::{
    Capability, CataloguedModel, ModelKind, PriceAliases, PriceCatalogue, PriceFile, PriceListing,
    ReloadingPrices,
};
pub use profiles::{CostSensitivity, ProfileCache, TierConfig, UserProfile};
pub use spend::{DailySeries, Day, SpendEntry, SpendHistory};
pub use spend_json::{
    anomaly_alerts_json, budget_outlook_json, cost_breakdown_json, detect_anomalies_json,
    forecast_json,
};
#[cfg(feature = "sqlite")]
pub use sqlite::{
    Durability, LiveLedger, SqliteOptions, SqliteStore, WindowBalance, read_live_ledger,
};
pub use tokens::{CountSource, Encoding, TokenCount, TokenCounter};
pub use trace::{TraceLog, TraceRecord};
