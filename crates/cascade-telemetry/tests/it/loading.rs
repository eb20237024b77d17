//! Prices read while the program runs.

use std::fs;
use std::path::Path;

use cascade_core::ErrorKind;
use cascade_core::ModelConfig;
use cascade_core::ports::PriceSource;
use cascade_telemetry::{PriceCatalogue, ReloadingPrices};

fn file(input: &str) -> String {
    format!(
        r#"{{"provider": "openai", "source": "contract", "date": "2026-01-02",
            "models": [{{"id": "gpt-4o", "price": {{"input": "{input}", "output": "4"}}}}]}}"#
    )
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
}

#[test]
fn a_file_or_a_folder_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("openai.json");
    write(&path, &file("1"));
    write(
        &folder.path().join("aliases.json"),
        r#"{"models": {"openai": {"house-model": "gpt-4o"}}}"#,
    );
    write(&folder.path().join("notes.txt"), "not prices");
    let one = PriceCatalogue::load(&path).unwrap();
    assert_eq!(one.models().count(), 1);
    assert!(one.find("openai", "house-model").is_none());
    let all = PriceCatalogue::load(folder.path()).unwrap();
    assert_eq!(all.find("openai", "house-model").unwrap().id, "gpt-4o");
}

#[test]
fn the_repository_s_own_folder_loads_as_it_is_embedded() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/pricing");
    let loaded = PriceCatalogue::load(folder).unwrap();
    let embedded = PriceCatalogue::embedded();
    assert_eq!(loaded.models().count(), embedded.models().count());
    for (provider, model) in embedded.models() {
        assert_eq!(loaded.find(provider, &model.id), Some(model));
    }
}

#[test]
fn a_broken_file_leaves_the_last_good_prices() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("openai.json");
    write(&path, &file("1"));
    let prices = ReloadingPrices::open(&path).unwrap();
    let model = ModelConfig::new("gpt-4o", "openai");
    let input = || prices.price(&model).unwrap().input.to_string();
    assert_eq!(input(), "1");

    for broken in ["{", "", &file("-1"), r#"{"provider": 1}"#] {
        write(&path, broken);
        let error = prices.reload().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.message().contains("openai.json"), "{error}");
        assert_eq!(input(), "1");
    }
    fs::remove_file(&path).unwrap();
    assert!(prices.reload().unwrap_err().message().contains("cannot read"));
    assert_eq!(input(), "1");

    write(&path, &file("1.25"));
    prices.reload().unwrap();
    assert_eq!(input(), "1.25");
    // What the file does not list keeps the embedded price.
    let other = ModelConfig::new("gpt-4o-mini", "openai");
    assert_eq!(prices.price(&other), PriceCatalogue::embedded().price(&other));
}

#[test]
fn what_cannot_be_opened_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let empty = PriceCatalogue::load(folder.path()).unwrap_err();
    assert!(empty.message().contains("no price files"), "{empty}");
    let missing = ReloadingPrices::open(folder.path().join("none.json")).unwrap_err();
    assert!(missing.message().contains("none.json"), "{missing}");
}
