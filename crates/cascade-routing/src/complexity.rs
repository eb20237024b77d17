//! Plans by complexity: easy queries cascade, hard ones go direct.

use std::borrow::Cow;

use cascade_core::ports::{BoxFuture, RouteInput, Router};
use cascade_core::query::RequestedFormat;
use cascade_core::{Complexity, Error, ErrorKind, Plan, Result};

use crate::config::RouterConfig;
use crate::domain::DomainDetector;
use crate::tools::ToolDemand;

/// Words up to which a query around an easy tool is taken for a plain call of it.
const PLAIN_CALL: usize = 30;

/// Names of the rules, stable across versions.
mod rules {
    pub(super) const FORCE_DIRECT: &str = "force_direct";
    pub(super) const CASCADE_DISABLED: &str = "cascade_disabled";
    pub(super) const TOOL_COMPLEXITY: &str = "tool_complexity";
    pub(super) const MULTI_TURN: &str = "multi_turn";
    pub(super) const CODE_TASK: &str = "code_task";
    pub(super) const CLASSIFICATION: &str = "classification";
    pub(super) const COMPLEXITY: &str = "complexity";
}

/// Plans by complexity.
///
/// # What it does
/// Trivial, simple and moderate queries are drafted by the cheapest model and verified by the
/// agent's verifier, mostly the strongest; hard and expert ones go to the strongest at once.
///
/// # Why
/// On hard queries a cheap draft is mostly rejected, and then costs on top.
///
/// # Exceptions, first match wins
/// `force_direct` · cascading off or one model · demanding tools go direct and plain calls of easy
/// tools cascade · hard queries cascade in a conversation, when they ask for program text, or when
/// they only classify.
///
/// # Options
/// [`RouterConfig`].
#[derive(Debug, Clone, Default)]
pub struct ComplexityRouter {
    config: RouterConfig,
    domains: DomainDetector,
}

/// Positions of the models that may be asked.
struct Candidates {
    drafter: usize,
    verifier: usize,
    strongest: usize,
    count: usize,
}

#[derive(Clone, Copy)]
enum Way {
    Cascade,
    Direct,
}

impl ComplexityRouter {
    /// A router with `config`.
    ///
    /// # Errors
    /// A config error that names the field out of range.
    pub fn new(config: RouterConfig) -> Result<Self> {
        config.validate()?;
        let domains = DomainDetector::new(config.domain_confidence_threshold);
        Ok(Self { config, domains })
    }

    /// The plan for `input`.
    fn plan(&self, input: RouteInput<'_>) -> Result<Plan> {
        let domain = self.domain(&input);
        let candidates = Self::candidates(&input, domain.as_ref().map(|(name, _)| name.as_ref()))?;
        let (way, rule, reason) = self.decide(&input, &candidates);
        let mut plan = match way {
            Way::Cascade => Plan::cascade(candidates.drafter, candidates.verifier, rule, reason),
            Way::Direct => Plan::direct(candidates.strongest, rule, reason),
        };
        if let (Way::Cascade, Some(first)) = (way, plan.steps.first_mut()) {
            first.threshold = input.options.quality_threshold;
        }
        if let Some((name, confidence)) = domain {
            plan.domain = Some(name);
            plan.domain_confidence = Some(confidence);
        }
        Ok(plan)
    }

    fn domain(&self, input: &RouteInput<'_>) -> Option<(Cow<'static, str>, f64)> {
        if let Some(hint) = &input.options.domain_hint {
            let confidence = input.options.domain_confidence_hint.unwrap_or(1.0);
            return Some((Cow::Owned(hint.clone()), confidence));
        }
        if !self.config.domain_detection {
            return None;
        }
        let (domain, confidence) = self.domains.detect(input.query);
        Some((Cow::Borrowed(domain.as_str()), confidence))
    }

    fn candidates(input: &RouteInput<'_>, domain: Option<&str>) -> Result<Candidates> {
        let needs_tools = !input.options.tools.is_empty();
        let able = |place: &usize| !needs_tools || input.models[*place].supports_tools;
        let places: Vec<usize> = (0..input.models.len()).filter(able).collect();
        let (Some(&first), Some(&last)) = (places.first(), places.last()) else {
            return Err(Error::new(ErrorKind::Routing, "no model of the agent can call tools")
                .with_field("tools")
                .with_hint("add a model with `supports_tools`, or ask without tools"));
        };
        let meant = |place: &&usize| {
            let domains = &input.models[**place].domains;
            domain.is_none_or(|d| domains.is_empty() || domains.iter().any(|known| known == d))
        };
        let drafter = places.iter().find(meant).copied().unwrap_or(first);
        let verifier = places.iter().find(|place| **place >= input.verifier.max(drafter));
        let verifier = verifier.copied().unwrap_or(last);
        // A domain may leave only the strongest as drafter; then there is nothing to verify with.
        let count = if drafter == verifier { 1 } else { places.len() };
        Ok(Candidates { drafter, verifier, strongest: last, count })
    }

    fn decide(
        &self,
        input: &RouteInput<'_>,
        candidates: &Candidates,
    ) -> (Way, &'static str, &'static str) {
        if input.options.force_direct {
            let reason = "Forced direct routing (bypass cascade)";
            return (Way::Direct, rules::FORCE_DIRECT, reason);
        }
        if !input.cascade_enabled || candidates.count < 2 {
            let reason = "Cascade disabled, routing to best model";
            return (Way::Direct, rules::CASCADE_DISABLED, reason);
        }
        let hard = input.complexity >= Complexity::Hard;
        if let Some(decision) = self.decide_by_tools(input, hard) {
            return decision;
        }
        if hard && let Some((rule, reason)) = exception(input) {
            return (Way::Cascade, rule, reason);
        }
        let way = if hard { Way::Direct } else { Way::Cascade };
        (way, rules::COMPLEXITY, complexity_reason(input.complexity))
    }

    fn decide_by_tools(
        &self,
        input: &RouteInput<'_>,
        hard: bool,
    ) -> Option<(Way, &'static str, &'static str)> {
        if !self.config.tool_complexity || input.options.tools.is_empty() {
            return None;
        }
        match ToolDemand::of(&input.options.tools) {
            ToolDemand::Demanding if !hard => Some((
                Way::Direct,
                rules::TOOL_COMPLEXITY,
                "Tool complexity override: hard tool call → direct (complex tools need better model)",
            )),
            ToolDemand::Easy if hard && input.query.word_count <= PLAIN_CALL => Some((
                Way::Cascade,
                rules::TOOL_COMPLEXITY,
                "Tool complexity override: trivial tool call → cascade (simple tools can use cheap model)",
            )),
            _ => None,
        }
    }
}

/// Why a hard query may cascade after all.
fn exception(input: &RouteInput<'_>) -> Option<(&'static str, &'static str)> {
    let query = input.query;
    if input.turns > 0 {
        let reason = "Multi-turn override: allow cascade for multi-turn conversation";
        return Some((rules::MULTI_TURN, reason));
    }
    if query.signals.code_text || query.requested_format == Some(RequestedFormat::Code) {
        let reason = "Code task override: allow cascade for code generation";
        return Some((rules::CODE_TASK, reason));
    }
    if query.signals.classification {
        let reason = "Classification override: allow cascade for classification";
        return Some((rules::CLASSIFICATION, reason));
    }
    None
}

const fn complexity_reason(complexity: Complexity) -> &'static str {
    match complexity {
        Complexity::Trivial => "trivial query suitable for cascade optimization",
        Complexity::Simple => "simple query suitable for cascade optimization",
        Complexity::Moderate => "moderate query suitable for cascade optimization",
        Complexity::Hard => "hard query requires best model for quality",
        Complexity::Expert => "expert query requires best model for quality",
    }
}

impl Router for ComplexityRouter {
    fn route<'a>(&'a self, input: RouteInput<'a>) -> BoxFuture<'a, Result<Option<Plan>>> {
        Box::pin(async move { self.plan(input).map(Some) })
    }

    fn route_now(&self, input: RouteInput<'_>) -> Option<Result<Option<Plan>>> {
        Some(self.plan(input).map(Some))
    }
}
