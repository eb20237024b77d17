//! Asks whether a plan may be paid for, and sets its worst case aside.

use std::sync::Arc;

use super::reservation::Account;
use super::run::Run;
use crate::error::{Error, ErrorKind, Result};
use crate::ports::{Admission, EnforcementAction, EnforcementRequest, SpendRequest};
use crate::types::{BudgetScope, BudgetStatus, Plan, Route, Spend, StepGate, TraceStage};

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
                    let account = Account {
                        ledger: Arc::clone(ledger),
                        scope: Arc::clone(&scope),
                        run: self.id,
                        metadata: self.options.metadata.clone(),
                    };
                    self.guard.hold(account, reservation);
                    let reason = format!("worst case {} USD", worst_case.cost);
                    self.record(TraceStage::Budget, "reserve", reason, "ledger");
                    self.warn(plan, &scope, status.as_ref(), warnings);
                    return Ok(());
                }
                Admission::Degrade { reason } if degraded => {
                    self.record(TraceStage::Budget, "block", reason.clone(), "threshold");
                    return Err(used_up(reason));
                }
                Admission::Degrade { reason } => {
                    self.degrade(plan, &reason, "threshold");
                    degraded = true;
                }
            }
        }
    }

    /// Sees to it that what is set aside suffices for one call of each of `models`. The answers of
    /// tools, which nobody could foresee, make the conversation longer than the plan's worst case:
    /// what is lacking is set aside, too, until the run ends.
    ///
    /// # Errors
    /// A budget error when the budget does not have it.
    pub(super) async fn cover(&mut self, models: impl Iterator<Item = usize>) -> Result<()> {
        if self.tool_rounds == 0 {
            return Ok(());
        }
        let Some((left, scope)) = self.guard.left() else { return Ok(()) };
        let lacking = self.worst_case_of_calls(models).minus(left);
        if lacking == Spend::ZERO {
            return Ok(());
        }
        // Boxed, since every run would carry what few need.
        Box::pin(self.reserve_more(&scope, lacking)).await
    }

    async fn reserve_more(&mut self, scope: &BudgetScope, lacking: Spend) -> Result<()> {
        let Some(ledger) = &self.inner.ledger else { return Ok(()) };
        // A cheaper model cannot go on in the middle of another one's work.
        let request = SpendRequest { scope, worst_case: lacking, degraded: true };
        let admission = self.within_deadline(ledger.reserve(request)).await.flatten();
        let granted = match admission {
            Ok(Admission::Granted { reservation, warnings }) => Ok((reservation, warnings)),
            Ok(Admission::Degrade { reason }) => Err(used_up(reason)),
            Err(error) => Err(error),
        };
        match granted {
            Ok((reservation, warnings)) => {
                self.guard.hold_more(reservation);
                self.guard.keep_warnings(warnings);
                let reason = format!("the conversation grew: {} USD more", lacking.cost);
                self.record(TraceStage::Budget, "reserve", reason, "ledger");
                Ok(())
            }
            Err(error) => {
                self.record(TraceStage::Budget, "block", error.message().to_owned(), "ledger");
                Err(error)
            }
        }
    }

    /// Tells the hooks of thresholds that the run's own calls passed, and how the budget stands now.
    pub(super) async fn tell_warnings(&mut self, plan: &Plan) {
        let Some((scope, warnings)) = self.guard.take_warnings() else { return };
        let mut status = None;
        if let (Some(ledger), false) = (&self.inner.ledger, self.inner.enforcement.is_empty()) {
            // The threshold was passed, whether or not the ledger can be asked now.
            let asked = self.within_deadline(ledger.status(&scope)).await;
            status = asked.and_then(|found| found).ok().flatten();
        }
        self.warn(plan, &scope, status.as_ref(), warnings);
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
                    let error = used_up(why);
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

    /// Whether hooks and budgets leave this model to the run.
    pub(super) fn is_allowed(&self, index: usize) -> bool {
        self.allowed.as_ref().is_none_or(|allowed| allowed.contains(&index))
    }
}

/// The error of a budget that lacks what is asked.
fn used_up(reason: String) -> Error {
    Error::new(ErrorKind::Budget, reason)
        .with_field("budget")
        .with_hint("raise the budget, or wait until it resets")
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
