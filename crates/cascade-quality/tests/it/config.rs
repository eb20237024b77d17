use cascade_core::Complexity;
use cascade_quality::QualityConfig;

fn thresholds(config: &QualityConfig) -> [f64; 5] {
    Complexity::ALL.map(|level| config.threshold(level))
}

fn lengths(config: &QualityConfig) -> [u32; 5] {
    Complexity::ALL.map(|level| config.min_length(level))
}

#[test]
fn presets_have_the_published_thresholds() {
    let published = [
        ("cascade", [0.25, 0.40, 0.55, 0.70, 0.80]),
        ("bare", [0.55, 0.50, 0.45, 0.42, 0.40]),
        ("production", [0.60, 0.68, 0.73, 0.83, 0.88]),
        ("production_typescript", [0.55, 0.50, 0.45, 0.42, 0.40]),
        ("development", [0.50, 0.60, 0.70, 0.75, 0.80]),
        ("strict", [0.70, 0.80, 0.85, 0.90, 0.95]),
    ];
    for (name, expected) in published {
        let config = QualityConfig::preset(name).unwrap();
        assert_eq!(thresholds(&config), expected, "{name}");
        config.validate().unwrap();
        let length = if name == "cascade" { [1, 8, 20, 40, 80] } else { [1, 10, 30, 50, 100] };
        assert_eq!(lengths(&config), length, "{name}");
    }
    QualityConfig::permissive().validate().unwrap();
    assert_eq!(QualityConfig::default(), QualityConfig::for_cascade());
}

#[test]
fn an_unknown_preset_lists_the_known_ones() {
    let error = QualityConfig::preset("fast").unwrap_err();
    assert_eq!(error.field(), Some("quality"));
    assert!(error.hint().unwrap().contains("`strict`"));
}

#[test]
fn a_level_left_out_takes_the_common_threshold() {
    let config: QualityConfig =
        serde_json::from_str(r#"{"confidence_thresholds": {"hard": 0.9}, "min_confidence": 0.66}"#)
            .unwrap();
    assert_eq!(thresholds(&config), [0.66, 0.66, 0.66, 0.9, 0.66]);
}

#[test]
fn values_out_of_range_name_field_and_remedy() {
    let wrong = [
        (r#"{"confidence_thresholds": {"hard": 1.2}}"#, "quality.confidence_thresholds.hard"),
        (r#"{"min_confidence": -0.1}"#, "quality.min_confidence"),
        (r#"{"max_hedging_ratio": 2}"#, "quality.max_hedging_ratio"),
        (r#"{"min_specificity_score": -1}"#, "quality.min_specificity_score"),
        (r#"{"alignment_floor": 1.01}"#, "quality.alignment_floor"),
        (r#"{"logprob_weight": 7}"#, "quality.logprob_weight"),
    ];
    for (json, field) in wrong {
        let config: QualityConfig = serde_json::from_str(json).unwrap();
        let error = config.validate().unwrap_err();
        assert_eq!(error.field(), Some(field));
        assert_eq!(error.hint(), Some("give a number from 0 to 1"));
        assert!(cascade_quality::QualityValidator::new(config).is_err());
    }
    let mut config = QualityConfig::for_cascade();
    config.min_confidence = f64::NAN;
    assert!(config.validate().is_err());
}

#[test]
fn unknown_fields_are_refused_and_a_round_trip_loses_nothing() {
    assert!(serde_json::from_str::<QualityConfig>(r#"{"max_hedging": 0.1}"#).is_err());
    let config = QualityConfig::strict();
    let json = serde_json::to_string(&config).unwrap();
    assert_eq!(serde_json::from_str::<QualityConfig>(&json).unwrap(), config);
}
