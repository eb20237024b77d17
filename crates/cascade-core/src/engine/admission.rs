//! Asks whether a plan may be paid for, and sets its worst case aside.

use std::sync::Arc;

use super::reservation::Account;
use super::run::Run;
use super::tool_loop::DEFAULT_MAX_STEPS;
use crate::error::{Error, ErrorKind, Result};
use crate::ports::{Admission, EnforcementAction, EnforcementRequest, SpendRequest};
use crate::types::{BudgetScope, BudgetStatus, Plan, Route, Spend, StepGate, TraceStage, Usage};

/// Completion tokens reserved for a call whose limit is left to the provider.
const UNLIMITED_OUTPUT_TOKENS: u64 = 4_096;

impl Run<'_> {
    /// Asks hooks and the ledger, and reserves the worst case of the plan. Both may make the plan
    /// cheaper.
    ///
    /// # Errors
    /// A budget error when the run may not be paid for.
    pub(super) async fn admit(&mut self, plan: &mut Plan) -> Result<()> {
        let inner = self.inner;
        if inner.ledger.is_none() && inner.enforcement.is_empty() {
            return Ok(());
        }
        let scope = Arc::new(BudgetScope {
            user_id: self.options.user_id.clone(),
            tenant_id: self.options.tenant_id.clone(),
            tier: self.options.user_tier.clone(),
            key_id: self.options.key_id.clone(),
            session_id: self.options.session_id.clone(),
        });
        let mut degraded = false;
        let mut status = None;
        if !inner.enforcement.is_empty() {
            if let Some(ledger) = &inner.ledger {
                status = self.within_deadline(ledger.status(&scope)).await??;
            }
            self.filter_models(plan, &scope, status.as_ref()).await?;
            degraded = self.ask_hooks(plan, &scope, status.as_ref()).await?;
        }
        let Some(ledger) = &inner.ledger else { return Ok(()) };
        loop {
            let worst_case = self.worst_case(plan);
            let request = SpendRequest { scope: &scope, worst_case, degraded };
            let admission = self.within_deadline(ledger.reserve(request)).await.flatten();
            if let Err(error) = &admission {
                self.record(TraceStage::Budget, "block", error.message().to_owned(), "ledger");
            }
            match admission? {
                Admission::Granted { reservation, warnings } => {
                    self.guard.hold(Account {
                        ledger: Arc::clone(ledger),
                        reservation,
                        scope: Arc::clone(&scope),
                        run: self.id,
                        metadata: self.options.metadata.clone(),
                    });
                    let reason = format!("worst case {} USD", worst_case.cost);
                    self.record(TraceStage::Budget, "reserve", reason, "ledger");
                    self.warn(plan, &scope, status.as_ref(), warnings);
                    return Ok(());
                }
                Admission::Degrade { reason } if degraded => {
                    self.record(TraceStage::Budget, "block", reason.clone(), "threshold");
                    return Err(Error::new(ErrorKind::Budget, reason)
                        .with_field("budget")
                        .with_hint("raise the budget, or wait until it resets"));
                }
                Admission::Degrade { reason } => {
                    self.degrade(plan, &reason, "threshold");
                    degraded = true;
                }
            }
        }
    }

    /// Tells the hooks of thresholds that the run's own calls passed.
    pub(super) fn tell_warnings(&mut self, plan: &Plan) {
        if let Some((scope, warnings)) = self.guard.take_warnings() {
            self.warn(plan, &scope, None, warnings);
        }
    }

    fn warn(
        &mut self,
        plan: &Plan,
        scope: &BudgetScope,
        status: Option<&BudgetStatus>,
        warnings: Vec<String>,
    ) {
        for warning in warnings {
            let request = self.question(plan, scope, status);
            for hook in &self.inner.enforcement {
                hook.on_warning(request, &warning);
            }
            self.record(TraceStage::Budget, "warn", warning, "threshold");
        }
    }

    /// Waits, as long as the deadline allows, until what the run spent is safe. The answer is paid
    /// for: a ledger that fails only leaves a trace.
    pub(super) async fn await_ledger(&mut self) {
        let Some(ledger) = &self.inner.ledger else { return };
        let settled = self.within_deadline(ledger.settled()).await.and_then(|settled| settled);
        if let Err(error) = settled {
            self.record(TraceStage::Budget, "unsettled", error.message().to_owned(), "ledger");
        }
    }

    /// What hooks are asked about `plan`.
    fn question<'q>(
        &'q self,
        plan: &'q Plan,
        scope: &'q BudgetScope,
        budget: Option<&'q BudgetStatus>,
    ) -> EnforcementRequest<'q> {
        EnforcementRequest {
            scope,
            worst_case: self.worst_case(plan),
            budget,
            plan,
            models: &self.inner.models,
            query: &self.query.text,
            metadata: &self.options.metadata,
        }
    }

    /// Leaves only the models of the plan that every hook leaves.
    async fn filter_models(
        &mut self,
        plan: &mut Plan,
        scope: &BudgetScope,
        budget: Option<&BudgetStatus>,
    ) -> Result<()> {
        let inner = self.inner;
        let mut left: Option<Vec<usize>> = None;
        for hook in &inner.enforcement {
            let request = self.question(plan, scope, budget);
            let Some(allowed) = self.within_deadline(hook.filter_models(request)).await?? else {
                continue;
            };
            match &mut left {
                None => left = Some(allowed),
                Some(left) => left.retain(|index| allowed.contains(index)),
            }
        }
        let Some(mut left) = left else { return Ok(()) };
        left.retain(|index| *index < inner.members.len());
        if left.len() == inner.members.len() {
            return Ok(());
        }
        let strongest = left.iter().copied().filter(|index| self.serves(*index)).max();
        let Some(strongest) = strongest else {
            return Err(Error::new(ErrorKind::Budget, "no model is left that the run may use")
                .with_field("on_model_filter")
                .with_hint("leave at least one model that can serve the request"));
        };
        if !restrict(plan, &left) {
            *plan = Plan::direct(strongest, "model_filter", "no planned model may be used");
        }
        let names = left.iter().map(|index| &*inner.members[*index].name);
        let names = names.collect::<Vec<_>>().join(", ");
        self.allowed = Some(left);
        self.record(TraceStage::Budget, "filter", names, "model_filter");
        Ok(())
    }

    /// Asks the hooks in their order; whether one degraded the plan.
    async fn ask_hooks(
        &mut self,
        plan: &mut Plan,
        scope: &BudgetScope,
        budget: Option<&BudgetStatus>,
    ) -> Result<bool> {
        for hook in &self.inner.enforcement {
            let request = self.question(plan, scope, budget);
            match self.within_deadline(hook.check(request)).await?? {
                EnforcementAction::Allow => continue,
                EnforcementAction::Warn(why) => {
                    hook.on_warning(self.question(plan, scope, budget), &why);
                    self.record(TraceStage::Budget, "warn", why, "enforcement");
                }
                EnforcementAction::Degrade(why) => {
                    self.degrade(plan, &why, "enforcement");
                    return Ok(true);
                }
                EnforcementAction::Block(why) => {
                    self.record(TraceStage::Budget, "block", why.clone(), "enforcement");
                    let error = Error::new(ErrorKind::Budget, why)
                        .with_field("budget")
                        .with_hint("raise the budget, or wait until it resets");
                    return Err(match budget {
                        Some(status) => error.with_budget(status.clone()),
                        None => error,
                    });
                }
            }
            break;
        }
        Ok(false)
    }

    /// Replaces `plan` by the cheapest model that can serve the request.
    fn degrade(&mut self, plan: &mut Plan, why: &str, rule: &'static str) {
        let free_to_use = |index: &usize| {
            self.allowed.as_ref().is_none_or(|allowed| allowed.contains(index))
                && self.serves(*index)
        };
        let cheapest = (0..self.inner.members.len()).find(free_to_use).unwrap_or(0);
        let before = self.worst_case(plan).cost;
        let (domain, confidence) = (plan.domain.take(), plan.domain_confidence.take());
        *plan = Plan::direct(cheapest, rule, why.to_owned());
        (plan.domain, plan.domain_confidence) = (domain, confidence);
        self.allowed = Some(vec![cheapest]);
        let saved = before - self.worst_case(plan).cost;
        let model = &self.member(cheapest).name;
        let reason = format!("{why}; {model} answers, worst case {saved} USD less");
        self.record(TraceStage::Budget, "degrade", reason, rule);
    }

    /// Whether a model can serve the request at all.
    fn serves(&self, index: usize) -> bool {
        self.options.tools.is_empty() || self.member(index).config.supports_tools
    }

    /// The most a plan can spend: every step, retry and fallback asked, every token used.
    fn worst_case(&self, plan: &Plan) -> Spend {
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
        let of_call = |index: &usize| {
            let member = self.member(*index);
            let own = || bytes(member.config.system_prompt.as_deref());
            let input = common + if system == 0 { own() } else { system };
            let output = self
                .options
                .max_tokens
                .or(member.config.max_tokens)
                .or(self.inner.max_tokens)
                .map_or(UNLIMITED_OUTPUT_TOKENS, u64::from);
            let cost = member.tariff.cost(&Usage::new(input, output));
            Spend { cost, requests: 0, tokens: input.saturating_add(output) }
        };
        let sum = |models: &[usize]| models.iter().map(of_call).fold(Spend::ZERO, Spend::plus);
        let mut total = Spend::ZERO;
        for step in &plan.steps {
            let once = sum(&step.models);
            for _ in 0..=step.retries {
                for _ in 0..step.samples {
                    total = total.plus(once);
                }
            }
            total = total.plus(sum(&step.fallbacks));
        }
        let fallbacks: Vec<usize> =
            self.inner.fallbacks.iter().copied().filter(|index| self.is_allowed(*index)).collect();
        total = total.plus(sum(&fallbacks));
        let mut rounds = total;
        if self.inner.tool_handler.is_some() && !self.options.tools.is_empty() {
            for _ in 0..self.options.max_steps.unwrap_or(DEFAULT_MAX_STEPS) {
                rounds = rounds.plus(total);
            }
        }
        Spend { requests: 1, ..rounds }
    }

    /// Whether hooks and budgets leave this model to the run.
    pub(super) fn is_allowed(&self, index: usize) -> bool {
        self.allowed.as_ref().is_none_or(|allowed| allowed.contains(&index))
    }
}

/// Leaves only `allowed` models in the plan; false when that leaves none.
fn restrict(plan: &mut Plan, allowed: &[usize]) -> bool {
    for step in &mut plan.steps {
        step.models.retain(|index| allowed.contains(index));
        step.fallbacks.retain(|index| allowed.contains(index));
    }
    let steps = plan.steps.len();
    plan.steps.retain(|step| !step.models.is_empty());
    if plan.steps.len() == steps {
        return steps > 0;
    }
    // Without the steps that would have followed it, the last one's answer is what there is.
    let Some(last) = plan.steps.last_mut() else { return false };
    if last.gate == StepGate::Judge {
        last.gate = StepGate::Open;
    }
    if plan.steps.len() == 1 && plan.route == Route::Cascade {
        plan.route = Route::Direct;
    }
    true
}
