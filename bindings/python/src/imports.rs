//! Python objects that native code calls often, looked up once.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

macro_rules! imported {
    ($($(#[$doc:meta])* $name:ident: $kind:ty = $module:literal, $attribute:literal;)*) => {$(
        $(#[$doc])*
        pub(crate) fn $name(py: Python<'_>) -> PyResult<&Bound<'_, $kind>> {
            static CELL: PyOnceLock<Py<$kind>> = PyOnceLock::new();
            let object = CELL.get_or_try_init(py, || {
                Ok::<_, PyErr>(
                    py.import($module)?.getattr($attribute)?.cast_into::<$kind>()?.unbind(),
                )
            })?;
            Ok(object.bind(py))
        }
    )*};
}

imported! {
    /// `asyncio.get_running_loop`.
    get_running_loop: PyAny = "asyncio", "get_running_loop";
    /// `asyncio.CancelledError`.
    cancelled_error: PyType = "asyncio", "CancelledError";
    /// The published outcome class of checks.
    check_outcome: PyType = "cascadeflow.quality.checks", "CheckOutcome";
    /// The published draft class of checks.
    draft: PyType = "cascadeflow.quality.checks", "Draft";
    /// The published context of enforcement callbacks.
    enforcement_context: PyType = "cascadeflow.telemetry.enforcement", "EnforcementContext";
    /// The published result class.
    cascade_result: PyType = "cascadeflow.schema.result", "CascadeResult";
    /// The answer class of requests for vectors.
    embedding_response: PyType = "cascadeflow.providers.base", "EmbeddingResponse";
    /// The published answer class of providers.
    model_response: PyType = "cascadeflow.providers.base", "ModelResponse";
    /// The published request class of routers.
    route_request: PyType = "cascadeflow.routers", "RouteRequest";
    /// The published stream event class.
    stream_event: PyType = "cascadeflow.streaming.base", "StreamEvent";
    /// The members of the published stream event types by value.
    stream_event_types: PyAny = "cascadeflow.streaming.base", "EVENT_TYPES";
    /// The published usage class.
    usage: PyType = "cascadeflow.schema.usage", "Usage";
}
