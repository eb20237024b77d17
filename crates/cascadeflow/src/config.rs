//! The agent's configuration as data.

use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{Provider, QualityCheck};
use cascade_core::{
    Agent, AgentBuilder, Error, ErrorKind, ModelConfig, Result, StreamPolicy, UnpricedPolicy,
    VerifierChoice,
};
use cascade_providers::ProviderRegistry;
use cascade_quality::{QualityConfig, QualityValidator};
use cascade_routing::{ComplexityRouter, RouterConfig, StrategyRouter};
use cascade_telemetry::PriceCatalogue;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::unavailable::Unavailable;
use crate::{SystemClock, env_vars};

/// Everything an agent is made of, as data. Faces pass their own defaults explicitly; the same
/// configuration gives the same decisions from every language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AgentConfig {
    /// The models; the agent sorts them by price.
    pub models: Vec<ModelConfig>,
    /// What a draft must reach.
    pub quality: QualityConfig,
    /// How queries are routed.
    pub router: RouterConfig,
    /// Which model answers after a rejected draft.
    pub verifier: VerifierChoice,
    /// Whether drafts are made at all.
    pub cascade: bool,
    /// Models tried in order when a step's models all fail, by name.
    pub fallbacks: Vec<String>,
    /// Most completion tokens when neither call nor model say; `None` leaves it to the provider.
    pub max_tokens: Option<u32>,
    /// Sampling temperature when neither call nor model say, in [0, 2].
    pub temperature: Option<f64>,
    /// Time for the whole chain of attempts, in milliseconds.
    pub deadline_ms: Option<u64>,
    /// Most times a temporary failure of a model that does not say is retried; `None` takes the
    /// provider's default.
    pub max_retries: Option<u32>,
    /// What a stream shows before the verdict.
    pub stream_policy: StreamPolicy,
    /// What to do with a model whose price is unknown.
    pub unpriced: UnpricedPolicy,
}

impl Default for AgentConfig {
    fn default() -> Self {
        Self {
            models: Vec::new(),
            quality: QualityConfig::default(),
            router: RouterConfig::default(),
            verifier: VerifierChoice::default(),
            cascade: true,
            fallbacks: Vec::new(),
            max_tokens: None,
            temperature: None,
            deadline_ms: None,
            max_retries: None,
            stream_policy: StreamPolicy::default(),
            unpriced: UnpricedPolicy::default(),
        }
    }
}

impl AgentConfig {
    /// An agent over the built-in providers, with credentials from the environment.
    ///
    /// # Errors
    /// See [`Self::builder`].
    pub fn agent(&self) -> Result<Agent> {
        let registry = ProviderRegistry::builtin();
        self.builder(|model| registry.create(model, &env_vars::read))?.build()
    }

    /// A builder with everything the configuration says; `provider` gives the provider of each
    /// model. Hooks and stores can be added before building.
    ///
    /// # Errors
    /// A config or validation error that names the field and the remedy, or the error of
    /// `provider`. A missing credential is no error here: calls of that model fail with it.
    pub fn builder(
        &self,
        provider: impl FnMut(&ModelConfig) -> Result<Arc<dyn Provider>>,
    ) -> Result<AgentBuilder> {
        self.builder_with_checks(Vec::new(), provider)
    }

    /// As [`Self::builder`], with the user's `checks`: every draft that the judge sees must pass
    /// them beside the standard ones, and a strategy's step can name one as its validator.
    ///
    /// # Errors
    /// As [`Self::builder`], and a config error about `quality_checks` when the name of a check is
    /// empty, is that of another check, or already means something as a validator.
    pub fn builder_with_checks(
        &self,
        checks: Vec<Arc<dyn QualityCheck>>,
        mut provider: impl FnMut(&ModelConfig) -> Result<Arc<dyn Provider>>,
    ) -> Result<AgentBuilder> {
        validate_names(&checks)?;
        let mut judge = QualityValidator::new(self.quality.clone())?;
        for check in &checks {
            judge = judge.with_check(Arc::clone(check));
        }
        let mut builder = Agent::builder()
            .judge(Arc::new(judge))
            .router(Arc::new(StrategyRouter::default()))
            .router(Arc::new(ComplexityRouter::new(self.router.clone())?))
            .prices(Arc::new(PriceCatalogue::embedded()))
            .clock(Arc::new(SystemClock::default()))
            .verifier(self.verifier)
            .cascade_enabled(self.cascade)
            .fallbacks(self.fallbacks.clone())
            .max_tokens(self.max_tokens)
            .temperature(self.temperature)
            .deadline(self.deadline_ms.map(Duration::from_millis))
            .stream_policy(self.stream_policy)
            .unpriced(self.unpriced);
        for check in checks {
            builder = builder.check(check);
        }
        for model in &self.models {
            model.validate()?;
            let mut model = model.clone();
            model.max_retries = model.max_retries.or(self.max_retries);
            let provider = match provider(&model) {
                Err(error) if error.kind() == ErrorKind::Auth => {
                    Arc::new(Unavailable::new(model.provider.clone(), error))
                }
                made => made?,
            };
            builder = builder.model(model, provider);
        }
        Ok(builder)
    }
}

/// Validators of a strategy's step that are no checks.
const TAKEN: [&str; 2] = ["quality", "none"];

fn validate_names(checks: &[Arc<dyn QualityCheck>]) -> Result<()> {
    let fault = |message: String, hint: &str| Err(Error::config("quality_checks", message, hint));
    for (position, check) in checks.iter().enumerate() {
        let name = check.name();
        if name.trim().is_empty() {
            return fault(
                format!("quality check {position} has no name"),
                "give every check a name of its own",
            );
        }
        if TAKEN.contains(&name) {
            return fault(
                format!("a quality check cannot be named `{name}`"),
                "choose another name: strategies use this one for the judge or for no judge",
            );
        }
        if checks[..position].iter().any(|other| other.name() == name) {
            return fault(
                format!("two quality checks have one name: `{name}`"),
                "give every check a name of its own",
            );
        }
    }
    Ok(())
}
