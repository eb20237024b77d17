use std::collections::HashSet;

use cascade_core::{ModelConfig, Usage, Usd};
use cascade_telemetry::{
    CheaperModel, DegradationMap, PriceCatalogue, cheaper_models, estimated_saving,
};

#[test]
fn the_map_leads_to_cheap_models() {
    let map = DegradationMap::builtin();
    assert_eq!(map.entries().count(), 16);
    assert_eq!(map.cheaper_than("gpt-4"), CheaperModel::Mapped("gpt-4o-mini".into()));
    assert_eq!(map.cheaper_than("claude-3-haiku"), CheaperModel::Cheapest);
    assert_eq!(map.chain("gpt-4"), ["gpt-4", "gpt-4o-mini", "gpt-3.5-turbo"]);
    assert_eq!(map.chain("claude-3-opus"), ["claude-3-opus", "claude-3-sonnet", "claude-3-haiku"]);
}

#[test]
fn nobody_knows_the_model_so_a_known_cheap_one_is_named() {
    let map = DegradationMap::new([("a".to_owned(), Some("b".to_owned()))]);
    assert_eq!(map.cheaper_than("zz"), CheaperModel::Fallback("gpt-3.5-turbo".into()));
}

#[test]
fn a_circle_ends() {
    let map = DegradationMap::new([
        ("a".to_owned(), Some("b".to_owned())),
        ("b".to_owned(), Some("a".to_owned())),
    ]);
    assert_eq!(map.chain("a"), ["a", "b"]);
}

#[test]
fn every_step_down_the_catalogue_halves_the_price_at_least_and_ends() {
    let catalogue = PriceCatalogue::embedded();
    let map = DegradationMap::new([]);
    let mut stepped = 0;
    for (provider, model) in catalogue.models() {
        let full = format!("{provider}/{}", model.id);
        let CheaperModel::Catalogue(cheaper) = map.cheaper_than(&full) else { continue };
        let found = catalogue.find(provider, &cheaper).unwrap();
        let blended = |price: &cascade_core::ModelPrice| price.input + price.output;
        assert!(
            blended(&found.price) + blended(&found.price) <= blended(&model.price),
            "{full} -> {cheaper}"
        );
        stepped += 1;
    }
    assert!(stepped > 100, "{stepped}");
}

#[test]
fn the_nearest_cheaper_model_has_the_same_family_name() {
    let map = DegradationMap::new([]);
    let cheaper = |name: &str| map.cheaper_than(name).name().map(str::to_owned);
    assert_eq!(cheaper("gpt-5").as_deref(), Some("gpt-5-mini"));
    assert_eq!(cheaper("gpt-4.1").as_deref(), Some("gpt-4.1-mini"));
    assert!(cheaper("claude-opus-4-5").unwrap().starts_with("claude-"));
}

#[test]
fn savings_are_shares_and_never_negative() {
    let saving = estimated_saving("gpt-4", "gpt-4o-mini").unwrap();
    assert!((0.98..1.0).contains(&saving), "{saving}");
    assert_eq!(estimated_saving("gpt-4o-mini", "gpt-4"), Some(0.0));
    assert_eq!(estimated_saving("gpt-4", "gpt-4"), Some(0.0));
    assert_eq!(estimated_saving("gpt-4", "no-such-model"), None);
    let names: Vec<_> = DegradationMap::builtin().entries().map(|(name, _)| name).collect();
    for from in names.iter().filter(|name| !name.contains('/')) {
        for to in names.iter().filter(|name| !name.contains('/')) {
            let saving = estimated_saving(from, to).unwrap();
            assert!((0.0..1.0).contains(&saving), "{from} {to} {saving}");
        }
    }
}

#[test]
fn cheaper_models_are_sorted_and_only_cheaper() {
    let model = |name: &str, cost: Option<&str>| ModelConfig {
        cost: cost.map(|cost| cost.parse::<Usd>().unwrap()),
        ..ModelConfig::new(name, "openai")
    };
    let models = [
        model("gpt-4o", None),
        model("own", Some("0.002")),
        model("no-such-model", None),
        model("free", Some("0")),
        model("dear", Some("0.9")),
    ];
    let usage = Usage::new(1_000, 500);
    let found = cheaper_models(&PriceCatalogue::embedded(), &models, 0, &usage);
    let positions: Vec<_> = found.iter().map(|choice| choice.position).collect();
    assert_eq!(positions, [3, 1]);
    assert_eq!(found[0].saving, 1.0);
    assert_eq!(found[1].cost, "0.003".parse().unwrap());
    let unique: HashSet<_> = positions.into_iter().collect();
    assert_eq!(unique.len(), 2);
    assert!(cheaper_models(&PriceCatalogue::embedded(), &models, 2, &usage).is_empty());
    assert!(cheaper_models(&PriceCatalogue::embedded(), &models, 9, &usage).is_empty());
}
