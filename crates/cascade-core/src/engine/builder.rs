use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::Agent;
use super::accounting::Tariff;
use super::agent::{Inner, Member};
use crate::error::{Error, Result};
use crate::ports::{
    BoxFuture, Clock, EnforcementHook, EventSink, Judge, Ledger, PriceSource, Provider,
    QualityCheck, ResponseCache, Router, ToolHandler,
};
use crate::types::{ModelConfig, StreamPolicy, UnpricedPolicy, VerifierChoice};

/// Collects what an agent is made of.
pub struct AgentBuilder {
    models: Vec<(ModelConfig, Arc<dyn Provider>)>,
    judge: Option<Arc<dyn Judge>>,
    checks: HashMap<String, Arc<dyn QualityCheck>>,
    routers: Vec<Arc<dyn Router>>,
    prices: Option<Arc<dyn PriceSource>>,
    unpriced: UnpricedPolicy,
    clock: Option<Arc<dyn Clock>>,
    sinks: Vec<Arc<dyn EventSink>>,
    ledger: Option<Arc<dyn Ledger>>,
    enforcement: Vec<Arc<dyn EnforcementHook>>,
    cache: Option<Arc<dyn ResponseCache>>,
    tool_handler: Option<Arc<dyn ToolHandler>>,
    verifier: VerifierChoice,
    cascade_enabled: bool,
    fallbacks: Vec<String>,
    max_tokens: Option<u32>,
    temperature: Option<f64>,
    deadline: Option<Duration>,
    stream_policy: StreamPolicy,
}

impl Default for AgentBuilder {
    fn default() -> Self {
        Self {
            models: Vec::new(),
            judge: None,
            checks: HashMap::new(),
            routers: Vec::new(),
            prices: None,
            unpriced: UnpricedPolicy::default(),
            clock: None,
            sinks: Vec::new(),
            ledger: None,
            enforcement: Vec::new(),
            cache: None,
            tool_handler: None,
            verifier: VerifierChoice::default(),
            cascade_enabled: true,
            fallbacks: Vec::new(),
            max_tokens: None,
            temperature: None,
            deadline: None,
            stream_policy: StreamPolicy::default(),
        }
    }
}

impl AgentBuilder {
    /// Adds a model and the provider that serves it.
    #[must_use]
    pub fn model(mut self, config: ModelConfig, provider: Arc<dyn Provider>) -> Self {
        self.models.push((config, provider));
        self
    }

    /// Sets the judge of drafts. Without one, every draft that is not empty is accepted.
    #[must_use]
    pub fn judge(mut self, judge: Arc<dyn Judge>) -> Self {
        self.judge = Some(judge);
        self
    }

    /// Adds a check that strategies can name as a step's validator.
    #[must_use]
    pub fn check(mut self, check: Arc<dyn QualityCheck>) -> Self {
        self.checks.insert(check.name().to_owned(), check);
        self
    }

    /// Adds a router; routers are asked in the order they were added, and the first plan counts.
    #[must_use]
    pub fn router(mut self, router: Arc<dyn Router>) -> Self {
        self.routers.push(router);
        self
    }

    /// Sets where prices of models without a configured `cost` come from.
    #[must_use]
    pub fn prices(mut self, prices: Arc<dyn PriceSource>) -> Self {
        self.prices = Some(prices);
        self
    }

    /// Sets what happens with models whose price is unknown.
    #[must_use]
    pub fn unpriced(mut self, policy: UnpricedPolicy) -> Self {
        self.unpriced = policy;
        self
    }

    /// Sets the clock; without one, time stands still for deadlines and latencies.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Adds a listener.
    #[must_use]
    pub fn event_sink(mut self, sink: Arc<dyn EventSink>) -> Self {
        self.sinks.push(sink);
        self
    }

    /// Sets the ledger whose budgets runs draw on.
    #[must_use]
    pub fn ledger(mut self, ledger: Arc<dyn Ledger>) -> Self {
        self.ledger = Some(ledger);
        self
    }

    /// Adds an enforcement hook; the first answer other than allow counts.
    #[must_use]
    pub fn enforcement(mut self, hook: Arc<dyn EnforcementHook>) -> Self {
        self.enforcement.push(hook);
        self
    }

    /// Sets the cache of results.
    #[must_use]
    pub fn cache(mut self, cache: Arc<dyn ResponseCache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Sets what executes tool calls; without one, tool calls are given to the caller.
    #[must_use]
    pub fn tool_handler(mut self, handler: Arc<dyn ToolHandler>) -> Self {
        self.tool_handler = Some(handler);
        self
    }

    /// Sets which model answers after a rejected draft; the last by default.
    #[must_use]
    pub fn verifier(mut self, choice: VerifierChoice) -> Self {
        self.verifier = choice;
        self
    }

    /// Whether drafts are made at all; true by default.
    #[must_use]
    pub fn cascade_enabled(mut self, enabled: bool) -> Self {
        self.cascade_enabled = enabled;
        self
    }

    /// Models tried in order when every planned model failed, by name.
    #[must_use]
    pub fn fallbacks(mut self, names: Vec<String>) -> Self {
        self.fallbacks = names;
        self
    }

    /// Most completion tokens when neither call nor model say; `None` leaves it to the provider.
    #[must_use]
    pub fn max_tokens(mut self, max_tokens: Option<u32>) -> Self {
        self.max_tokens = max_tokens;
        self
    }

    /// Sampling temperature when neither call nor model say; `None` leaves it to the provider.
    #[must_use]
    pub fn temperature(mut self, temperature: Option<f64>) -> Self {
        self.temperature = temperature;
        self
    }

    /// Time for the whole chain of attempts when the call does not say; `None` has no limit.
    #[must_use]
    pub fn deadline(mut self, deadline: Option<Duration>) -> Self {
        self.deadline = deadline;
        self
    }

    /// What streams show before a draft's verdict when the call does not say.
    #[must_use]
    pub fn stream_policy(mut self, policy: StreamPolicy) -> Self {
        self.stream_policy = policy;
        self
    }

    /// Builds the agent; models are sorted by price, cheapest first, those of unknown price last,
    /// equals in the order they were added.
    ///
    /// # Errors
    /// A config or validation error that names the field and the remedy: no models, a model field
    /// out of range, an unknown fallback, or an unknown price
    /// under [`UnpricedPolicy::Refuse`].
    pub fn build(self) -> Result<Agent> {
        if self.models.is_empty() {
            return Err(Error::config(
                "models",
                "at least one model is required",
                "give a list with one or more models, cheapest and strongest among them",
            ));
        }
        check_temperature(self.temperature)?;
        let mut members = Vec::with_capacity(self.models.len());
        for (config, provider) in self.models {
            config.validate()?;
            let catalogue = self.prices.as_deref().and_then(|prices| prices.price(&config));
            let tariff = Tariff::resolve(&config, catalogue, self.unpriced)?;
            members.push(Member {
                name: config.name.as_str().into(),
                provider_name: config.provider.as_str().into(),
                config: Arc::new(config),
                provider,
                tariff,
            });
        }
        members.sort_by_key(|member| member.tariff.sort_key());
        let mut fallbacks = Vec::with_capacity(self.fallbacks.len());
        for name in &self.fallbacks {
            let position = members.iter().position(|member| *member.name == **name);
            fallbacks.push(position.ok_or_else(|| {
                Error::config(
                    "fallbacks",
                    format!("unknown fallback model: `{name}`"),
                    "name a model of the `models` list",
                )
            })?);
        }
        let last = members.len() - 1;
        let verifier = match self.verifier {
            VerifierChoice::Last => last,
            VerifierChoice::Second => last.min(1),
        };
        let models = members.iter().map(|member| Arc::clone(&member.config)).collect();
        Ok(Agent {
            inner: Arc::new(Inner {
                members,
                models,
                judge: self.judge,
                checks: self.checks,
                routers: self.routers,
                clock: self.clock.unwrap_or_else(|| Arc::new(StillClock)),
                sinks: self.sinks,
                ledger: self.ledger,
                enforcement: self.enforcement,
                cache: self.cache,
                tool_handler: self.tool_handler,
                verifier,
                cascade_enabled: self.cascade_enabled,
                fallbacks,
                max_tokens: self.max_tokens,
                temperature: self.temperature,
                deadline: self.deadline,
                stream_policy: self.stream_policy,
            }),
        })
    }
}

pub(super) fn check_temperature(temperature: Option<f64>) -> Result<()> {
    match temperature {
        Some(t) if !(0.0..=2.0).contains(&t) => Err(Error::validation(
            "temperature",
            format!("temperature is out of range: `{t}`"),
            "give a number from 0 to 2",
        )),
        _ => Ok(()),
    }
}

/// A clock that does not move, for agents that were given none.
struct StillClock;

impl Clock for StillClock {
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn since_epoch(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}
