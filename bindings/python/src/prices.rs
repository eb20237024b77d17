use cascadeflow::chat_json::read_input;
use cascadeflow::telemetry::{
    CostEstimate, CostEstimator, PriceCatalogue, ReloadingPrices, TokenCounter,
};
use cascadeflow::{Input, Message, ModelConfig, Result, Usage};
use pyo3::prelude::*;

use crate::convert::{from_python, to_json, to_python};
use crate::error::to_exception;

/// The price catalogue, alone or with files over it.
#[pyclass(frozen, name = "Prices", module = "cascadeflow._native")]
pub(crate) struct Prices {
    /// `None` when there are no files.
    files: Option<ReloadingPrices>,
}

impl Prices {
    fn catalogue(&self) -> PriceCatalogue {
        self.files.as_ref().map_or_else(PriceCatalogue::embedded, ReloadingPrices::current)
    }

    fn estimate(
        &self,
        model: &str,
        messages: &Bound<'_, PyAny>,
        max_tokens: Option<u64>,
        configured: Option<ModelConfig>,
    ) -> Result<CostEstimate> {
        let estimator = CostEstimator::new(self.catalogue());
        let messages = read_messages(messages)?;
        match configured {
            Some(configured) => estimator.estimate_model(&configured, &messages, max_tokens),
            None => estimator.estimate_cost(model, &messages, max_tokens),
        }
    }
}

#[pymethods]
impl Prices {
    /// The prices that come with the package, with those of the file or the folder at `path` over
    /// them.
    #[new]
    #[pyo3(signature = (path = None))]
    fn new(py: Python<'_>, path: Option<std::path::PathBuf>) -> PyResult<Self> {
        let files = path.map(ReloadingPrices::open).transpose();
        Ok(Self { files: files.map_err(|error| to_exception(py, &error))? })
    }

    /// Reads the files again; when they cannot be read, the prices stay and a `ConfigError` names
    /// what is wrong where.
    fn reload(&self, py: Python<'_>) -> PyResult<()> {
        let Some(files) = &self.files else { return Ok(()) };
        files.reload().map_err(|error| to_exception(py, &error))
    }

    /// The price of a model as plain data, as `catalogue_price` gives it.
    #[pyo3(signature = (model, provider = None))]
    fn price(
        &self,
        py: Python<'_>,
        model: &str,
        provider: Option<&str>,
    ) -> PyResult<Option<Py<PyAny>>> {
        self.catalogue().listing(model, provider).map(|found| to_python(py, &found)).transpose()
    }

    /// What `usage` of a model costs in USD as an exact decimal; `None` when no price is known.
    fn usage_cost(
        &self,
        model: &str,
        provider: Option<&str>,
        usage: &Bound<'_, PyAny>,
    ) -> PyResult<Option<String>> {
        let usage: Usage =
            from_python("usage", usage).map_err(|error| to_exception(usage.py(), &error))?;
        let found = self.catalogue().listing(model, provider);
        Ok(found.map(|found| found.price.cost(&usage).to_string()))
    }

    /// What a call may cost at most, as plain data. `messages` is a text or a list of messages;
    /// without `max_tokens` the answer may be as long as the model can write. With `provider` the
    /// model is a configured one, whose own `cost` in USD per 1,000 tokens wins.
    #[pyo3(signature = (model, messages, max_tokens = None, provider = None, cost = None))]
    fn estimate_cost(
        &self,
        model: &str,
        messages: &Bound<'_, PyAny>,
        max_tokens: Option<u64>,
        provider: Option<&str>,
        cost: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let py = messages.py();
        let estimated = || -> Result<CostEstimate> {
            let cost = cost.map(|cost| from_python("cost", cost)).transpose()?;
            let configured = (provider.is_some() || cost.is_some()).then(|| {
                let mut configured = ModelConfig::new(model, provider.unwrap_or_default());
                configured.cost = cost;
                configured
            });
            self.estimate(model, messages, max_tokens, configured)
        };
        match estimated() {
            Ok(estimate) => to_python(py, &estimate),
            Err(error) => Err(to_exception(py, &error)),
        }
    }

    /// `(provider, id)` of every listed model.
    fn models(&self) -> Vec<(String, String)> {
        let catalogue = self.catalogue();
        catalogue.models().map(|(name, model)| (name.to_owned(), model.id.clone())).collect()
    }
}

/// `(tokens, source)` of a text or of a list of messages, as `model` sees them; `source` is
/// `vocabulary` or `estimate`. Without a model by the estimate.
#[pyfunction]
#[pyo3(signature = (given, model = None))]
pub(crate) fn count_tokens(
    given: &Bound<'_, PyAny>,
    model: Option<&str>,
) -> PyResult<(u64, Py<PyAny>)> {
    let py = given.py();
    let counter = model.map_or_else(TokenCounter::estimate, TokenCounter::for_model);
    let counted = match read_text_or_messages(given).map_err(|error| to_exception(py, &error))? {
        Input::Text(text) => py.detach(|| counter.text(&text)),
        Input::Messages(messages) => py.detach(|| counter.messages(&messages)),
    };
    Ok((counted.tokens, to_python(py, &counted.source)?))
}

fn read_text_or_messages(given: &Bound<'_, PyAny>) -> Result<Input> {
    read_input("messages", &to_json("messages", given)?)
}

fn read_messages(given: &Bound<'_, PyAny>) -> Result<Vec<Message>> {
    Ok(match read_text_or_messages(given)? {
        Input::Text(text) => vec![Message::user(text)],
        Input::Messages(messages) => messages,
    })
}
