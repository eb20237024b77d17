//! Makes the plan and asks whether it may be paid for.

use std::sync::Arc;

use super::run::Run;
use super::tool_loop::DEFAULT_MAX_STEPS;
use crate::error::{Error, ErrorKind, Result};
use crate::ports::{BudgetScope, EnforcementAction, EnforcementRequest, EngineEvent, RouteInput};
use crate::types::{Plan, StepGate, TraceStage, Usage, Usd};

/// Completion tokens reserved for a call whose limit is left to the provider.
const UNLIMITED_OUTPUT_TOKENS: u64 = 4_096;

impl Run<'_> {
    /// Asks the routers in order; without an answer, cascades from the first model to the last.
    pub(super) async fn make_plan(&mut self) -> Result<Plan> {
        let from = self.now();
        let plan = self.ask_routers().await?;
        self.check_plan(&plan)?;
        let decision = plan.route.as_str();
        let (reason, rule) = (plan.reason.clone(), plan.rule.clone());
        self.record_since(from, TraceStage::Route, decision, reason, rule, Usd::ZERO);
        for listener in &self.inner.sinks {
            listener.on_event(EngineEvent::Planned { plan: &plan });
        }
        Ok(plan)
    }

    async fn ask_routers(&self) -> Result<Plan> {
        let input = RouteInput {
            query: &self.query,
            complexity: self.complexity,
            options: &self.options,
            models: &self.inner.models,
            verifier: self.inner.verifier,
            cascade_enabled: self.inner.cascade_enabled,
            turns: self.conversation.turns,
            has_images: self.conversation.has_images,
        };
        for router in &self.inner.routers {
            let answer = match router.route_now(input) {
                Some(answer) => answer?,
                None => self.within_deadline(router.route(input)).await??,
            };
            if let Some(plan) = answer {
                return Ok(plan);
            }
        }
        let last = self.inner.members.len() - 1;
        let direct = last == 0 || !self.inner.cascade_enabled || self.options.force_direct;
        Ok(if direct {
            Plan::direct(last, "default", "no router decided; the strongest model answers")
        } else {
            Plan::cascade(
                0,
                self.inner.verifier,
                "default",
                "no router decided; the cheapest model drafts",
            )
        })
    }

    /// Refuses plans that cannot be followed, which only a user's router can make.
    fn check_plan(&self, plan: &Plan) -> Result<()> {
        let fault = |message: String| {
            Err(Error::new(ErrorKind::Routing, message)
                .with_field("plan")
                .with_hint("a plan needs at least one step, each with models of the agent's list"))
        };
        if plan.steps.is_empty() {
            return fault(format!("the plan of rule `{}` has no steps", plan.rule));
        }
        for step in &plan.steps {
            if step.models.is_empty() || step.samples == 0 {
                return fault(format!("step `{}` asks no model", step.name));
            }
            let count = self.inner.members.len();
            if let Some(index) = step.models.iter().chain(&step.fallbacks).find(|i| **i >= count) {
                return fault(format!(
                    "step `{}` names model {index} of a list of {count}",
                    step.name
                ));
            }
            if let StepGate::Check(name) = &step.gate
                && !self.inner.checks.contains_key(&**name)
            {
                return Err(Error::new(
                    ErrorKind::Routing,
                    format!("step `{}` names an unknown validator: `{name}`", step.name),
                )
                .with_field("validator")
                .with_hint("use `quality`, `none`, or the name of a check on the agent"));
            }
        }
        Ok(())
    }

    /// Asks hooks and budgets, and reserves the worst case of the plan.
    ///
    /// # Errors
    /// A budget error when the run may not be paid for.
    pub(super) async fn admit(&mut self, plan: &mut Plan) -> Result<()> {
        let inner = self.inner;
        if inner.budget.is_none() && inner.enforcement.is_empty() {
            return Ok(());
        }
        let scope = BudgetScope {
            user_id: self.options.user_id.clone(),
            tenant_id: self.options.tenant_id.clone(),
            tier: self.options.user_tier.clone(),
        };
        let mut worst = self.worst_case(plan);
        for hook in &inner.enforcement {
            let request = EnforcementRequest { scope: &scope, estimated_cost: worst };
            match self.within_deadline(hook.check(request)).await?? {
                EnforcementAction::Allow => continue,
                EnforcementAction::Warn(why) => {
                    self.record(TraceStage::Budget, "warn", why, "enforcement");
                }
                EnforcementAction::Degrade(why) => {
                    *plan = Plan::direct(0, "enforcement", why.clone());
                    worst = self.worst_case(plan);
                    self.record(TraceStage::Budget, "degrade", why, "enforcement");
                }
                EnforcementAction::Block(why) => {
                    return Err(Error::new(ErrorKind::Budget, why)
                        .with_field("budget")
                        .with_hint("raise the budget, or wait until it resets"));
                }
            }
            break;
        }
        if let Some(store) = &inner.budget {
            let reservation = self.within_deadline(store.reserve(&scope, worst)).await??;
            self.guard.hold(Arc::clone(store), reservation);
            self.record(TraceStage::Budget, "reserve", format!("worst case {worst} USD"), "ledger");
        }
        Ok(())
    }

    /// The most a plan can cost: every step, retry and fallback asked, every token used.
    fn worst_case(&self, plan: &Plan) -> Usd {
        // A token is a byte at least, which bounds what is not analysed anyway.
        let bytes = |text: Option<&str>| text.map_or(0, |text| text.len() as u64);
        let system = bytes(self.options.system_prompt.as_deref())
            + bytes(self.conversation.system.as_deref());
        let tools = self.options.tools.iter().map(|tool| {
            let parameters = tool.parameters.to_string();
            bytes(Some(&tool.name)) + bytes(Some(&tool.description)) + bytes(Some(&parameters))
        });
        let common: u64 =
            self.conversation.other_tokens + self.query.estimated_tokens + tools.sum::<u64>();
        let cost_of = |index: &usize| {
            let member = self.member(*index);
            let own = || bytes(member.config.system_prompt.as_deref());
            let input = common + if system == 0 { own() } else { system };
            let output = self
                .options
                .max_tokens
                .or(member.config.max_tokens)
                .or(self.inner.max_tokens)
                .map_or(UNLIMITED_OUTPUT_TOKENS, u64::from);
            member.tariff.cost(&Usage::new(input, output))
        };
        let mut total = Usd::ZERO;
        for step in &plan.steps {
            let once: Usd = step.models.iter().map(cost_of).sum();
            for _ in 0..=step.retries {
                for _ in 0..step.samples {
                    total += once;
                }
            }
            total += step.fallbacks.iter().map(cost_of).sum();
        }
        total += self.inner.fallbacks.iter().map(cost_of).sum();
        let mut rounds = total;
        if self.inner.tool_handler.is_some() && !self.options.tools.is_empty() {
            for _ in 0..self.options.max_steps.unwrap_or(DEFAULT_MAX_STEPS) {
                rounds += total;
            }
        }
        rounds
    }
}
