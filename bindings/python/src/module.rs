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
    use crate::pricing::{catalogue_price, cost_at, price_range, usage_cost};
    #[pymodule_export]
    use crate::provider::{
        AnswerStream, NativeProvider, bench_instant_provider, builtin_provider_names,
    };
    #[pymodule_export]
    use crate::result::ResultBase;
    #[pymodule_export]
    use crate::stream::EventStream;
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::shutdown::register(module)
    }
}
