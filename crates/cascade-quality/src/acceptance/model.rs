use std::sync::LazyLock;

use cascade_core::{Error, Result};
use serde::Deserialize;

use super::AcceptanceFeatures;

/// Largest distance from the mean, in standard deviations, that a feature counts with; what lies
/// beyond was never seen and must not decide alone.
const REACH: f64 = 3.0;

/// A sparse logistic model of P(the draft is right), fitted by `scripts/fit_acceptance.py`.
#[derive(Debug, Clone, PartialEq)]
pub struct AcceptanceModel {
    intercept: f64,
    /// Position in the features, mean, reciprocal of the deviation, weight.
    terms: Vec<(usize, f64, f64, f64)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "description")]
    _description: String,
    intercept: f64,
    features: Vec<Term>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Term {
    name: String,
    mean: f64,
    deviation: f64,
    weight: f64,
}

const DATA: &str = include_str!("../../data/acceptance.json");

static EMBEDDED: LazyLock<AcceptanceModel> = LazyLock::new(|| {
    AcceptanceModel::parse(DATA).unwrap_or(AcceptanceModel { intercept: 0.0, terms: Vec::new() })
});

impl AcceptanceModel {
    /// The model that comes with the crate.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// Reads a model from JSON.
    ///
    /// # Errors
    /// A config error when the text is not such a model, names a feature that does not exist, or
    /// has a deviation that is not positive.
    pub fn parse(json: &str) -> Result<Self> {
        let fail = |message: String| {
            Error::config("acceptance_model", message, "write the file with the fitting script")
        };
        let file: File = serde_json::from_str(json)
            .map_err(|e| fail(format!("not an acceptance model: {e}")))?;
        let mut terms = Vec::with_capacity(file.features.len());
        for term in file.features {
            let place = AcceptanceFeatures::NAMES.iter().position(|name| *name == term.name);
            let Some(place) = place else {
                return Err(fail(format!("unknown feature: `{}`", term.name)));
            };
            if term.deviation.is_nan() || term.deviation <= 0.0 {
                let (name, deviation) = (term.name, term.deviation);
                return Err(fail(format!("deviation of `{name}` is not positive: `{deviation}`")));
            }
            terms.push((place, term.mean, term.deviation.recip(), term.weight));
        }
        Ok(Self { intercept: file.intercept, terms })
    }

    /// P(right) in (0, 1) as far as the text tells.
    pub fn score(&self, features: &AcceptanceFeatures) -> f64 {
        let mut logit = self.intercept;
        for &(place, mean, scale, weight) in &self.terms {
            let value = features.values()[place];
            logit += weight * ((value - mean) * scale).clamp(-REACH, REACH);
        }
        1.0 / (1.0 + (-logit).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_model_parses_and_is_not_empty() {
        let model = AcceptanceModel::parse(DATA).unwrap();
        assert!((8..=32).contains(&model.terms.len()));
    }
}
