use cascadeflow::telemetry::{CascadeTokens, CostCalculator, PriceCatalogue};
use cascadeflow::{ModelConfig, Result, read_value};
use pyo3::prelude::*;

use crate::convert::{to_json, to_python};
use crate::error::to_exception;

/// What a cascade of two models cost, beside the verifier alone: a dict with amounts as decimal
/// texts.
#[pyfunction]
pub(crate) fn cascade_cost(
    py: Python<'_>,
    drafter: &Bound<'_, PyAny>,
    verifier: &Bound<'_, PyAny>,
    input_tokens: u64,
    draft_output_tokens: u64,
    verifier_output_tokens: u64,
    draft_accepted: bool,
) -> PyResult<Py<PyAny>> {
    let read = |field, model| -> Result<ModelConfig> { read_value(to_json(field, model)?) };
    let calculator = || -> Result<CostCalculator> {
        let (drafter, verifier) = (read("drafter", drafter)?, read("verifier", verifier)?);
        CostCalculator::of_models(&PriceCatalogue::embedded(), &drafter, &verifier)
    };
    let calculator = calculator().map_err(|error| to_exception(py, &error))?;
    let tokens = CascadeTokens {
        input: input_tokens,
        draft_output: draft_output_tokens,
        verifier_output: verifier_output_tokens,
    };
    to_python(py, &calculator.calculate(tokens, draft_accepted))
}
