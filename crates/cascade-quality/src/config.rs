//! What a draft must reach.

use cascade_core::{Complexity, Error, PerComplexity, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a draft must reach, as data.
///
/// A draft is accepted when every check passes and its confidence reaches the threshold: that of the
/// plan, else of the drafting model, else of [`Self::confidence_thresholds`] at the query's
/// complexity, else [`Self::min_confidence`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct QualityConfig {
    /// Confidence required at each complexity, in [0, 1]; a level left out takes
    /// [`Self::min_confidence`].
    pub confidence_thresholds: PerComplexity<Option<f64>>,
    /// Confidence required where nothing else says, in [0, 1]; 0.7 by default.
    pub min_confidence: f64,
    /// Characters required at each complexity; a level left out requires none. Answers that are
    /// rightly short (a number, a letter, one word) are exempt.
    pub min_length_thresholds: PerComplexity<Option<u32>>,
    /// Words required of answers to moderate and harder queries, with the same exemptions; 0 by
    /// default.
    pub min_word_count: u32,
    /// Whether answers to hard and expert queries must reach [`Self::min_specificity_score`].
    pub require_specifics_for_complex: bool,
    /// Largest share of sentences that may hedge, in [0, 1]. A single hedge never rejects.
    pub max_hedging_ratio: f64,
    /// Specificity required of complex answers, in [0, 1].
    pub min_specificity_score: f64,
    /// Whether answers that lean on unnamed authority are rejected.
    pub enable_hallucination_detection: bool,
    /// Alignment with the query below which an answer is off topic, in [0, 1]; 0.15 by default.
    pub alignment_floor: f64,
    /// Share of the token probabilities in the confidence, in [0, 1]; the rest is the text's.
    /// 0.7 by default; without token probabilities it has no effect.
    pub logprob_weight: f64,
    /// Whether the verifier's first tokens may be compared with the draft, where a judge for that
    /// is set; the checks of this crate do not read it.
    pub enable_comparative: bool,
    /// Whether thresholds may follow the observed acceptance, where a judge for that is set; the
    /// checks of this crate do not read it, so that the same draft gets the same verdict.
    pub enable_adaptive: bool,
    /// Whether the caller wants decisions logged; read by whoever logs.
    pub log_decisions: bool,
    /// Whether the caller wants every check logged; read by whoever logs.
    pub log_details: bool,
}

const fn levels<T: Copy>(values: [T; 5]) -> PerComplexity<Option<T>> {
    let [trivial, simple, moderate, hard, expert] = values;
    PerComplexity::new(Some(trivial), Some(simple), Some(moderate), Some(hard), Some(expert))
}

impl QualityConfig {
    /// A configuration with `thresholds` from trivial to expert and the common rest: lengths
    /// 1/10/30/50/100, hedging .2, specificity .3.
    const fn with_thresholds(thresholds: [f64; 5]) -> Self {
        Self {
            confidence_thresholds: levels(thresholds),
            min_confidence: 0.7,
            min_length_thresholds: levels([1, 10, 30, 50, 100]),
            min_word_count: 0,
            require_specifics_for_complex: true,
            max_hedging_ratio: 0.2,
            min_specificity_score: 0.3,
            enable_hallucination_detection: true,
            alignment_floor: 0.15,
            logprob_weight: 0.7,
            enable_comparative: false,
            enable_adaptive: false,
            log_decisions: true,
            log_details: false,
        }
    }

    /// The thresholds of a cascade, the agent's default: .25/.40/.55/.70/.80, lengths
    /// 1/8/20/40/80, and more patience with hedging (.3) and generality (.2).
    pub const fn for_cascade() -> Self {
        Self {
            min_length_thresholds: levels([1, 8, 20, 40, 80]),
            require_specifics_for_complex: false,
            max_hedging_ratio: 0.3,
            min_specificity_score: 0.2,
            enable_adaptive: true,
            ..Self::with_thresholds([0.25, 0.40, 0.55, 0.70, 0.80])
        }
    }

    /// What the Python package means by `QualityConfig()`: .55/.50/.45/.42/.40. The npm package
    /// has the same thresholds for production.
    pub const fn bare() -> Self {
        Self::with_thresholds([0.55, 0.50, 0.45, 0.42, 0.40])
    }

    /// The Python package's production thresholds: .60/.68/.73/.83/.88.
    pub const fn for_production() -> Self {
        Self { enable_adaptive: true, ..Self::with_thresholds([0.60, 0.68, 0.73, 0.83, 0.88]) }
    }

    /// The npm package's production thresholds: .55/.50/.45/.42/.40, and ten words for what is not
    /// simple.
    pub const fn for_production_typescript() -> Self {
        Self { min_word_count: 10, ..Self::bare() }
    }

    /// Thresholds for development: .50/.60/.70/.75/.80, with every check logged.
    pub const fn for_development() -> Self {
        Self { log_details: true, ..Self::with_thresholds([0.50, 0.60, 0.70, 0.75, 0.80]) }
    }

    /// The strictest thresholds: .70/.80/.85/.90/.95.
    pub const fn strict() -> Self {
        Self {
            enable_comparative: true,
            enable_adaptive: true,
            log_details: true,
            ..Self::with_thresholds([0.70, 0.80, 0.85, 0.90, 0.95])
        }
    }

    /// Accepts whatever is not plainly broken: .10/.15/.20/.25/.30, any length.
    pub const fn permissive() -> Self {
        Self {
            min_length_thresholds: levels([1, 1, 1, 1, 1]),
            require_specifics_for_complex: false,
            max_hedging_ratio: 1.0,
            min_specificity_score: 0.0,
            enable_hallucination_detection: false,
            alignment_floor: 0.0,
            ..Self::with_thresholds([0.10, 0.15, 0.20, 0.25, 0.30])
        }
    }

    /// The preset called `name`: `cascade`, `bare`, `production`, `production_typescript`,
    /// `development`, `strict` or `permissive`.
    ///
    /// # Errors
    /// A config error that lists the names.
    pub fn preset(name: &str) -> Result<Self> {
        Ok(match name {
            "cascade" => Self::for_cascade(),
            "bare" => Self::bare(),
            "production" => Self::for_production(),
            "production_typescript" => Self::for_production_typescript(),
            "development" => Self::for_development(),
            "strict" => Self::strict(),
            "permissive" => Self::permissive(),
            _ => {
                return Err(Error::config(
                    "quality",
                    format!("unknown quality preset: `{name}`"),
                    "use one of `cascade`, `bare`, `production`, `production_typescript`, \
                     `development`, `strict`, `permissive`",
                ));
            }
        })
    }

    /// Confidence required at `complexity` when neither plan nor model say.
    pub fn threshold(&self, complexity: Complexity) -> f64 {
        self.confidence_thresholds.get(complexity).unwrap_or(self.min_confidence)
    }

    /// Characters required at `complexity`.
    pub fn min_length(&self, complexity: Complexity) -> u32 {
        self.min_length_thresholds.get(complexity).unwrap_or(0)
    }

    /// Checks every field.
    ///
    /// # Errors
    /// A config error that names the first field out of range.
    pub fn validate(&self) -> Result<()> {
        for level in Complexity::ALL {
            if let Some(threshold) = self.confidence_thresholds.get(level) {
                share(&format!("confidence_thresholds.{level}"), *threshold)?;
            }
        }
        share("min_confidence", self.min_confidence)?;
        share("max_hedging_ratio", self.max_hedging_ratio)?;
        share("min_specificity_score", self.min_specificity_score)?;
        share("alignment_floor", self.alignment_floor)?;
        share("logprob_weight", self.logprob_weight)
    }
}

fn share(field: &str, value: f64) -> Result<()> {
    if (0.0..=1.0).contains(&value) {
        return Ok(());
    }
    Err(Error::config(
        format!("quality.{field}"),
        format!("{field} is out of range: `{value}`"),
        "give a number from 0 to 1",
    ))
}

impl Default for QualityConfig {
    fn default() -> Self {
        Self::for_cascade()
    }
}
