//! The agent's configuration as data.

use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{EventSink, Provider, QualityCheck, Router};
use cascade_core::{
    Agent, AgentBuilder, Error, ErrorKind, ModelConfig, Result, StreamPolicy, UnpricedPolicy,
    VerifierChoice,
};
use cascade_providers::ProviderRegistry;
use cascade_quality::{QualityConfig, QualityValidator};
use cascade_routing::{ComplexityRouter, RouterConfig, StrategyRouter};
use cascade_telemetry::{
    BudgetPolicy, CostTracker, OpenTelemetryConfig, PriceCatalogue, ReloadingPrices,
};
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
    /// Path of a price file, or of a folder of them, whose prices go before those that come with
    /// the program; read when the agent is made. `None` takes only the latter.
    pub prices: Option<String>,
    /// Where traces and metrics of the runs go; `None` exports nothing.
    pub telemetry: Option<OpenTelemetryConfig>,
    /// Budgets that runs draw on, kept in memory or in the SQLite file `path`; `None` keeps none.
    pub budgets: Option<BudgetPolicy>,
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
            prices: None,
            telemetry: None,
            budgets: None,
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

    /// As [`Self::agent`], with the tracker that its runs draw on; `None` without `budgets`.
    ///
    /// # Errors
    /// See [`Self::builder`].
    pub fn tracked_agent(&self) -> Result<(Agent, Option<CostTracker>)> {
        let registry = ProviderRegistry::builtin();
        let create = |model: &ModelConfig| registry.create(model, &env_vars::read);
        let (builder, tracker) = self.tracked_builder_with(UserCode::default(), create)?;
        Ok((builder.build()?, tracker))
    }

    /// A tracker by [`Self::budgets`], in memory or in their file; `None` without them. Every call
    /// makes a new one: give a clone of it to [`AgentBuilder::ledger`] to share one in memory with an
    /// agent. Trackers of one file share what it keeps.
    ///
    /// # Errors
    /// A config error that names the field below `budgets` and the remedy.
    pub fn cost_tracker(&self) -> Result<Option<CostTracker>> {
        let Some(policy) = &self.budgets else { return Ok(None) };
        let made = CostTracker::open(policy.clone(), Arc::new(SystemClock::default()));
        made.map(Some).map_err(|error| {
            let field = format!("budgets.{}", error.field().unwrap_or_default());
            error.with_field(field)
        })
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
        provider: impl FnMut(&ModelConfig) -> Result<Arc<dyn Provider>>,
    ) -> Result<AgentBuilder> {
        self.builder_with(UserCode { checks, ..UserCode::default() }, provider)
    }

    /// As [`Self::builder`], with everything of the user's code that has its place among what the
    /// configuration says.
    ///
    /// # Errors
    /// As [`Self::builder_with_checks`].
    pub fn builder_with(
        &self,
        code: UserCode,
        provider: impl FnMut(&ModelConfig) -> Result<Arc<dyn Provider>>,
    ) -> Result<AgentBuilder> {
        self.tracked_builder_with(code, provider).map(|(builder, _)| builder)
    }

    /// As [`Self::builder_with`], with the tracker that runs draw on; `None` without `budgets`.
    ///
    /// # Errors
    /// As [`Self::builder_with_checks`].
    pub fn tracked_builder_with(
        &self,
        code: UserCode,
        provider: impl FnMut(&ModelConfig) -> Result<Arc<dyn Provider>>,
    ) -> Result<(AgentBuilder, Option<CostTracker>)> {
        let tracker = self.cost_tracker()?;
        Ok((self.assemble(code, tracker.clone(), provider)?, tracker))
    }

    fn assemble(
        &self,
        code: UserCode,
        tracker: Option<CostTracker>,
        mut provider: impl FnMut(&ModelConfig) -> Result<Arc<dyn Provider>>,
    ) -> Result<AgentBuilder> {
        let UserCode { checks, routers } = code;
        validate_names(&checks)?;
        let mut judge = QualityValidator::new(self.quality.clone())?;
        for check in &checks {
            judge = judge.with_check(Arc::clone(check));
        }
        let mut builder =
            Agent::builder().judge(Arc::new(judge)).router(Arc::new(StrategyRouter::default()));
        for router in routers {
            builder = builder.router(router);
        }
        builder = builder
            .router(Arc::new(ComplexityRouter::new(self.router.clone())?))
            .prices(Arc::new(self.price_catalogue()?))
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
        if let Some(tracker) = tracker {
            builder = builder.ledger(Arc::new(tracker));
        }
        if let Some(telemetry) = &self.telemetry {
            builder = builder.event_sink(exporter(telemetry)?);
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

impl AgentConfig {
    /// The prices that the configuration means, read now.
    ///
    /// # Errors
    /// A config error about `prices` that names the file and what is wrong where.
    pub fn price_catalogue(&self) -> Result<PriceCatalogue> {
        let Some(path) = &self.prices else { return Ok(PriceCatalogue::embedded()) };
        let prices = ReloadingPrices::open(path).map_err(|error| error.with_field("prices"))?;
        Ok(prices.current())
    }
}

/// What exports the runs of an agent.
#[cfg(feature = "otel")]
fn exporter(config: &OpenTelemetryConfig) -> Result<Arc<dyn EventSink>> {
    Ok(Arc::new(cascade_telemetry::OpenTelemetryExporter::new(config.clone())?))
}

/// What exports the runs of an agent: nothing, in a program that was built without.
#[cfg(not(feature = "otel"))]
fn exporter(_: &OpenTelemetryConfig) -> Result<Arc<dyn EventSink>> {
    Err(Error::config(
        "telemetry",
        "this program is built without OpenTelemetry",
        "build it with the feature `otel`, or leave `telemetry` out",
    ))
}

/// A user's code that has its place among what a configuration says.
#[derive(Default)]
pub struct UserCode {
    /// Checks that every draft must pass beside the standard ones, and that a strategy's step can
    /// name as its validator.
    pub checks: Vec<Arc<dyn QualityCheck>>,
    /// Routers, asked in their order after a strategy that the call gives and before the standard
    /// router; the first plan counts.
    pub routers: Vec<Arc<dyn Router>>,
}

impl std::fmt::Debug for UserCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let checks: Vec<_> = self.checks.iter().map(|check| check.name()).collect();
        let routers: Vec<_> = self.routers.iter().map(|router| router.name()).collect();
        f.debug_struct("UserCode").field("checks", &checks).field("routers", &routers).finish()
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
