use cascade_core::chat_json::Fields;
use cascade_core::{Error, ModelPrice, Result, Usd};
use serde_json::Value;

use super::source::to_json;
use crate::cost::{CascadeTokens, CostCalculator};

/// The [`CostBreakdown`](crate::CostBreakdown) of a query: `drafter_cost` and `verifier_cost` in USD
/// per 1,000 tokens or `drafter_price` and `verifier_price` as [`ModelPrice`], `input_tokens`,
/// `draft_output_tokens`, `verifier_output_tokens`, `draft_accepted`. Tokens left out are none.
///
/// # Errors
/// A validation error that names the field at fault.
pub fn cost_breakdown_json(request: Value) -> Result<Value> {
    let mut fields = Fields::new("request", request)?;
    let drafter = price(&mut fields, "drafter")?;
    let verifier = price(&mut fields, "verifier")?;
    let tokens = CascadeTokens {
        input: fields.take_or_default("input_tokens")?,
        draft_output: fields.take_or_default("draft_output_tokens")?,
        verifier_output: fields.take_or_default("verifier_output_tokens")?,
    };
    let accepted: bool = fields.take("draft_accepted")?.ok_or_else(|| {
        Error::validation(
            "draft_accepted",
            "it is not said whether the draft was accepted",
            "give `true` or `false`",
        )
    })?;
    fields.finish()?;
    to_json(&CostCalculator::new(drafter, verifier).calculate(tokens, accepted))
}

fn price(fields: &mut Fields, whose: &str) -> Result<ModelPrice> {
    let flat = fields.take::<Usd>(&format!("{whose}_cost"))?.map(ModelPrice::flat_per_thousand);
    let price = fields.take::<ModelPrice>(&format!("{whose}_price"))?;
    price.or(flat).ok_or_else(|| {
        Error::validation(
            format!("{whose}_cost"),
            format!("the {whose} has no price"),
            format!("give `{whose}_cost` or `{whose}_price`"),
        )
    })
}
