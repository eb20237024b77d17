use std::borrow::Cow;

use cascade_core::chat_json::Fields;
use cascade_core::ports::RouteInput;
use cascade_core::{Error, ErrorKind, Plan, Result, Route, Strategy};
use serde_json::Value;

use super::steps::{read_cascade, read_steps};
use crate::strategy::plan_strategy;

/// Forms of an answer, for hints.
const FORMS: &str = "return nothing, the name of a model, a list of names for a cascade, or an \
                     object with one of `model`, `models` and `steps`";

/// The plan that the user's router `router` gave as one of
///
/// - null: the next router is asked;
/// - the name of a model, which answers directly;
/// - a list of names: a cascade, in which every answer but the last is judged;
/// - an object with `model`, `models` (as the list) or `steps` (as those of a [`Strategy`], where a
///   step may also say `model` for one name, `gate` with `judge` or `open` for `validator`, and may
///   go without a name), and where wanted `route`, `rule`, `reason`, `threshold` (of the drafts, with
///   `models` only), `run_all_steps`, `name` (both with `steps` only), `domain` and
///   `domain_confidence`. The record of a plan is such an object.
///
/// # Errors
/// A routing error that names the router and the field at fault.
pub fn read_plan(router: &str, answer: Value, input: RouteInput<'_>) -> Result<Option<Plan>> {
    let plan = match answer {
        Value::Null => return Ok(None),
        Value::Object(_) => read_object(router, answer, input),
        answer => read_cascade(None, answer, input.models),
    };
    let mut plan = plan.map_err(|error| fault(router, &error))?;
    if plan.reason.is_empty() {
        plan.reason = Cow::Owned(format!("decided by router `{router}`"));
    }
    if plan.domain.is_none()
        && let Some(domain) = &input.options.domain_hint
    {
        plan.domain = Some(domain.clone().into());
        plan.domain_confidence = Some(input.options.domain_confidence_hint.unwrap_or(1.0));
    }
    Ok(Some(plan))
}

fn read_object(router: &str, answer: Value, input: RouteInput<'_>) -> Result<Plan> {
    let mut fields = Fields::new("plan", answer)?;
    let (model, models) = (fields.take_value("model"), fields.take_value("models"));
    let threshold = fields.take::<f64>("threshold")?;
    if let Some(threshold) = threshold.filter(|value| !(0.0..=1.0).contains(value)) {
        let message = format!("`threshold` is out of range: `{threshold}`");
        return Err(Error::validation("threshold", message, "give a number from 0 to 1"));
    }
    let mut plan = match (model, models, fields.take_value("steps")) {
        (Some(model @ Value::String(_)), None, None) => {
            read_cascade(threshold, model, input.models)?
        }
        (Some(_), None, None) => {
            return Err(Error::validation("model", "`model` is not text", "give a model's name"));
        }
        (None, Some(models @ Value::Array(_)), None) => {
            read_cascade(threshold, models, input.models)?
        }
        (None, Some(_), None) => {
            return Err(Error::validation(
                "models",
                "`models` is not a list",
                "give a list of names",
            ));
        }
        (None, None, Some(steps)) => {
            if threshold.is_some() {
                let message = "`threshold` does not go with `steps`";
                return Err(Error::validation("threshold", message, "give each step its own"));
            }
            let strategy = Strategy {
                name: fields.take::<String>("name")?.unwrap_or_else(|| router.to_owned()),
                steps: read_steps(&steps)?,
                run_all_steps: fields.take_or_default("run_all_steps")?,
            };
            plan_strategy(&strategy, input.models)?
        }
        (None, None, None) => {
            return Err(Error::validation("plan", "the plan says no model", FORMS));
        }
        _ => {
            let message = "only one of `model`, `models` and `steps` can be given";
            return Err(Error::validation("plan", message, FORMS));
        }
    };
    plan.rule = Cow::Borrowed(RULE);
    if let Some(route) = fields.take::<String>("route")? {
        plan.route = route_of(&route)?;
    }
    if let Some(rule) = fields.take::<String>("rule")? {
        plan.rule = Cow::Owned(rule);
    }
    plan.reason = fields.take::<String>("reason")?.map_or(Cow::Borrowed(""), Cow::Owned);
    plan.domain = fields.take::<String>("domain")?.map(Cow::Owned);
    plan.domain_confidence = fields.take("domain_confidence")?;
    fields.finish()?;
    Ok(plan)
}

/// The rule that a result names where the router names none.
pub(super) const RULE: &str = "custom_router";

fn route_of(name: &str) -> Result<Route> {
    let routes = [Route::Cascade, Route::Direct, Route::Strategy];
    routes.into_iter().find(|route| route.as_str() == name).ok_or_else(|| {
        let message = format!("unknown route: `{name}`");
        Error::validation("route", message, "use `cascade`, `direct` or `strategy`")
    })
}

fn fault(router: &str, error: &Error) -> Error {
    let field = match error.field().unwrap_or("plan") {
        "plan" => "router".to_owned(),
        field => format!("router.{}", field.strip_prefix("strategy.").unwrap_or(field)),
    };
    let message =
        format!("router `{router}` gave no plan that can be followed: {}", error.message());
    let fault = Error::new(ErrorKind::Routing, message)
        .with_field(field)
        .with_hint(error.hint().unwrap_or(FORMS));
    match error.model() {
        Some(model) => fault.with_model(model),
        None => fault,
    }
}

/// The error of an answer that is none of the forms.
pub(super) fn no_form(found: &str) -> Error {
    Error::validation("plan", format!("its answer is `{found}`"), FORMS)
}
