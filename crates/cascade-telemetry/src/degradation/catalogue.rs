//! A cheaper model of the same provider, from its price list.

use std::cmp::Ordering;

use cascade_core::Usd;

use crate::pricing::{Capability, CataloguedModel, ModelKind, PriceCatalogue};

/// What a cheaper model must be able to do when the dear one can.
const NEEDED: [Capability; 3] = [Capability::Tools, Capability::JsonSchema, Capability::Vision];

/// What makes a model one for a special purpose.
const SPECIAL: [Capability; 3] =
    [Capability::AudioInput, Capability::AudioOutput, Capability::WebSearch];

/// The chat model of `provider` that costs half of `model` at most and is nearest to it: by the
/// beginning of its name, then by its price, then by how new its name looks. One that the provider
/// has announced to switch off, a fine-tune and a preview are never taken.
pub(super) fn cheaper_of_catalogue<'a>(
    catalogue: &'a PriceCatalogue,
    provider: &str,
    model: &CataloguedModel,
) -> Option<&'a str> {
    let most = blended(model);
    let fits = |candidate: &CataloguedModel| {
        candidate.kind == ModelKind::Chat
            && candidate.deprecated_on.is_none()
            && !candidate.id.starts_with("ft:")
            && !candidate.id.contains("preview")
            && blended(candidate) + blended(candidate) <= most
            && blended(candidate) > Usd::ZERO
            && NEEDED.iter().all(|needed| !model.can(*needed) || candidate.can(*needed))
            && SPECIAL.iter().all(|special| !candidate.can(*special) || model.can(*special))
    };
    catalogue
        .models()
        .filter(|(own, candidate)| *own == provider && fits(candidate))
        .map(|(_, candidate)| candidate)
        .max_by(|a, b| nearness(model, a, b))
        .map(|candidate| candidate.id.as_str())
}

fn nearness(model: &CataloguedModel, a: &CataloguedModel, b: &CataloguedModel) -> Ordering {
    let shared = |candidate: &CataloguedModel| {
        segments(&model.id).zip(segments(&candidate.id)).take_while(|(x, y)| x == y).count()
    };
    shared(a)
        .cmp(&shared(b))
        .then_with(|| blended(a).cmp(&blended(b)))
        .then_with(|| a.id.cmp(&b.id))
}

fn segments(name: &str) -> impl Iterator<Item = &str> {
    name.split(['-', '/', '@'])
}

/// Price of a million tokens of prompt and a million of answer.
fn blended(model: &CataloguedModel) -> Usd {
    model.price.input + model.price.output
}
