//! Makes the plan.

use super::run::Run;
use crate::error::{Error, ErrorKind, Result};
use crate::ports::{EngineEvent, RouteInput};
use crate::types::{Plan, StepGate, TraceStage, Usd};

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
            listener.on_event(EngineEvent::Planned { run: self.id, plan: &plan });
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
                None => self
                    .within_deadline(router.route(input))
                    .await
                    .map_err(|late| did_not_answer(&late, router.name()))??,
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
}

/// The error of a deadline that passed while the router `name` was asked.
fn did_not_answer(late: &Error, name: &str) -> Error {
    Error::new(late.kind(), format!("{}: router `{name}` did not answer", late.message()))
        .with_field("deadline")
        .with_hint("allow more time, or have the router answer sooner")
}
