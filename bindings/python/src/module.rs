use pyo3::prelude::*;

/// The native half of the package; `cascadeflow` is what users import.
#[pymodule]
pub mod _native {
    #[pymodule_export]
    use crate::agent::Agent;
    #[pymodule_export]
    use crate::awaitable::{Awaitable, Drain, LeafWaker, PyGate};
    #[pymodule_export]
    use crate::command_line::run_command_line;
    #[pymodule_export]
    use crate::decisions::{
        analyse, catalogue_cost, check_config, check_model, complexity, configured_providers,
        estimate_tokens, infer_provider, preset_config, preset_names, price, verdict,
    };
    #[pymodule_export]
    use crate::otel::{TelemetryExporter, environment_names_receiver};
    #[pymodule_export]
    use crate::prices::{Prices, count_tokens};
    #[pymodule_export]
    use crate::pricing::{catalogue_price, cost_at, price_list, price_range, usage_cost};
    #[pymodule_export]
    use crate::provider::{
        AnswerStream, NativeProvider, available_providers, bench_instant_provider,
        builtin_provider_names, provider_capabilities, provider_info, reasoning_traits,
        require_provider, supported_providers,
    };
    #[pymodule_export]
    use crate::resilience::{CircuitBreaker, CircuitBreakerRegistry, CircuitPermit, ManualClock};
    #[pymodule_export]
    use crate::result::ResultBase;
    #[pymodule_export]
    use crate::stream::EventStream;
    #[pymodule_export]
    use crate::telemetry::{
        Affordability, CallbackBridge, CostTracker, EnforcementChain, MetricsCollector,
        ProfileCache, RateLimiter, built_in_enforcement, cascade_cost, cheaper_model,
        cheaper_models, check_budget, check_profile, check_tier, daily_series, degradation_chain,
        degradation_map, estimated_saving, tier_presets,
    };
    #[pymodule_export]
    use crate::telemetry_forecast::{
        anomaly_alerts, budget_outlook, budget_session, cost_breakdown, detect_anomalies, forecast,
    };
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::shutdown::register(module)
    }
}
