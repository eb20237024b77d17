use cascade_telemetry::{
    AnomalyDetector, AnomalyMethod, AnomalyOptions, AnomalySeverity, DailySeries, Day, SpendEntry,
    SpendHistory, create_anomaly_alerts,
};

use crate::spend_generator::{REPORT_SEEDS, spend};

fn monday() -> Day {
    "2026-01-05".parse().unwrap()
}

fn series(totals: Vec<f64>) -> DailySeries {
    DailySeries::new(monday(), totals).unwrap()
}

fn detector(method: AnomalyMethod) -> AnomalyDetector {
    AnomalyDetector::new(AnomalyOptions { method, ..AnomalyOptions::default() }).unwrap()
}

/// Sixty days at 9 and 11, then `last`.
fn alternating(last: f64) -> DailySeries {
    let mut totals: Vec<f64> = (0..60).map(|at| if at % 2 == 0 { 9.0 } else { 11.0 }).collect();
    totals.push(last);
    series(totals)
}

#[test]
fn the_z_score_is_that_of_the_population() {
    // Mean 10 + 4/61, variance (60 · 1 + 16 · 60/61) / 61, z = (14 − mean) / deviation.
    let found = detector(AnomalyMethod::ZScore).detect_days(&alternating(14.0));
    assert_eq!(found.len(), 1);
    let mean = 10.0 + 4.0 / 61.0;
    let deviation = ((60.0 + 16.0 * 60.0 / 61.0) / 61.0_f64).sqrt();
    assert!((found[0].z_score - (14.0 - mean) / deviation).abs() < 1e-9);
    assert!((found[0].expected - mean).abs() < 1e-9);
    assert_eq!((found[0].index, found[0].data_points), (60, 61));
    assert_eq!(found[0].severity, AnomalySeverity::Medium);
    assert_eq!(found[0].day, monday().plus(60));
}

#[test]
fn too_little_stands_out_too() {
    let found = detector(AnomalyMethod::ZScore).detect_days(&alternating(2.0));
    assert_eq!(found.len(), 1);
    assert!(found[0].z_score > 0.0 && found[0].value < found[0].expected);
}

#[test]
fn severities_begin_at_three_four_and_five() {
    use AnomalySeverity::{Critical, High, Low, Medium};
    let steps =
        [(2.5, Low), (2.99, Low), (3.0, Medium), (4.0, High), (4.99, High), (5.0, Critical)];
    for (z, severity) in steps {
        assert_eq!(AnomalySeverity::of(z), severity, "{z}");
        assert_eq!(AnomalySeverity::of(-z), severity, "{z}");
    }
}

#[test]
fn few_or_equal_days_give_none() {
    for method in AnomalyMethod::ALL {
        let detector = detector(method);
        assert!(detector.detect_days(&series(vec![1.0; 40])).is_empty());
        assert!(detector.detect_days(&series(vec![1.0, 1.1, 0.9, 50.0])).is_empty());
        assert!(detector.detect_days(&series(Vec::new())).is_empty());
    }
}

#[test]
fn several_wild_days_do_not_hide_each_other_from_robust_methods() {
    let mut totals: Vec<f64> = (0..40).map(|at| 10.0 + f64::from(at * 7 % 5) / 5.0).collect();
    for at in [5, 12, 20, 27, 35] {
        totals[at] = 60.0;
    }
    let spent = series(totals.clone());
    let count = |method| detector(method).detect_days(&spent).len();
    // Five at 60 among 35 near 10: mean 16.6, deviation 16.5, so that they are 2.6 off; a sixth hides all.
    totals[38] = 60.0;
    let more = series(totals);
    assert_eq!(detector(AnomalyMethod::ZScore).detect_days(&more).len(), 0);
    assert_eq!(detector(AnomalyMethod::Robust).detect_days(&more).len(), 6);
    assert_eq!(count(AnomalyMethod::Robust), 5);
    assert_eq!(count(AnomalyMethod::Seasonal), 5);
}

#[test]
fn a_busy_sunday_stands_out_only_where_weekdays_are_known() {
    let mut totals: Vec<f64> = (0..70_u32)
        .map(|at| (if at % 7 < 5 { 100.0 } else { 10.0 }) * (1.0 + f64::from(at * 5 % 7) / 100.0))
        .collect();
    totals[69] = 90.0;
    let spent = series(totals);
    assert!(detector(AnomalyMethod::ZScore).detect_days(&spent).is_empty());
    let found = detector(AnomalyMethod::Seasonal).detect_days(&spent);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].index, 69);
    assert!((found[0].expected - 10.0).abs() < 1.0);
    assert_eq!(found[0].severity, AnomalySeverity::Critical);
}

#[test]
fn only_days_looked_back_to_are_told() {
    let mut totals: Vec<f64> = (0..40).map(|at| 10.0 + f64::from(at % 3)).collect();
    totals[10] = 80.0;
    totals[38] = 80.0;
    let told = |lookback_days| {
        let options = AnomalyOptions {
            method: AnomalyMethod::Robust,
            lookback_days,
            ..AnomalyOptions::default()
        };
        let found = AnomalyDetector::new(options).unwrap().detect_days(&series(totals.clone()));
        found.iter().map(|anomaly| anomaly.day.count() - monday().count()).collect::<Vec<_>>()
    };
    assert_eq!(told(None), [10, 38]);
    assert_eq!(told(Some(7)), [38]);
    assert!(told(Some(1)).is_empty());
}

#[test]
fn a_running_day_stands_out_by_too_much_only() {
    let day = |last: f64| {
        let mut totals: Vec<f64> = (0..40).map(|at| 10.0 + f64::from(at % 3)).collect();
        totals.push(last);
        series(totals).with_running_day(true)
    };
    for method in AnomalyMethod::ALL {
        assert!(detector(method).detect_days(&day(0.5)).is_empty(), "{method:?}");
        assert_eq!(detector(method).detect_days(&day(60.0)).len(), 1, "{method:?}");
    }
}

#[test]
fn users_are_looked_at_one_by_one() {
    let mut history = SpendHistory::new();
    for day in 0..30 {
        let noon = (monday().plus(day).start() + 43_200) as f64;
        let ada =
            if day == 25 { "9" } else { ["1", "1.1", "0.9"][usize::try_from(day).unwrap() % 3] };
        history.add(noon, Some("ada"), ada.parse().unwrap());
        history.add(noon, Some("bob"), "2".parse().unwrap());
    }
    let report = detector(AnomalyMethod::Robust).detect_all(&history);
    assert_eq!(report.users.keys().collect::<Vec<_>>(), ["ada"]);
    assert_eq!(report.users["ada"][0].user_id.as_deref(), Some("ada"));
    assert_eq!(report.total.len(), 1);
    assert_eq!(report.total[0].user_id, None);
}

#[test]
fn single_amounts_stand_out() {
    let entries: Vec<SpendEntry> = (0..50)
        .map(|at| SpendEntry {
            timestamp: (monday().start() + at * 3_600) as f64,
            cost: if at == 30 {
                "0.5"
            } else {
                ["0.001", "0.002", "0.0015"][usize::try_from(at).unwrap() % 3]
            }
            .parse()
            .unwrap(),
            user_id: (at == 30).then(|| "ada".to_owned()),
        })
        .collect();
    for method in AnomalyMethod::ALL {
        let found = detector(method).detect_entries(&entries);
        assert_eq!(found.len(), 1, "{method:?}");
        assert_eq!((found[0].index, found[0].user_id.as_deref()), (30, Some("ada")));
        assert_eq!(found[0].timestamp, entries[30].timestamp);
    }
}

#[test]
fn alerts_tell_those_that_matter() {
    let found = detector(AnomalyMethod::ZScore).detect_days(&alternating(14.0));
    assert!(create_anomaly_alerts(&found, AnomalySeverity::High).is_empty());
    let alerts = create_anomaly_alerts(&found, AnomalySeverity::Medium);
    assert_eq!(alerts[0].title, "MEDIUM Cost Anomaly Detected");
    assert_eq!(
        alerts[0].message,
        "MEDIUM: cost anomaly - observed $14.0000, expected $10.0656 (z-score: 3.53, 39% deviation)"
    );
    let json = serde_json::to_value(&alerts[0]).unwrap();
    assert_eq!(json["severity"], "medium");
    assert!(json.get("user_id").is_none());
}

#[test]
fn wrong_options_are_named() {
    for sensitivity in [0.0, -1.0, f64::NAN] {
        let options = AnomalyOptions { sensitivity: Some(sensitivity), ..Default::default() };
        let error = AnomalyDetector::new(options).unwrap_err();
        assert_eq!(error.field(), Some("sensitivity"));
    }
}

#[test]
fn injected_spikes_are_found_and_clean_series_are_quiet() {
    let detector = detector(AnomalyMethod::Seasonal);
    let (mut hits, mut told, mut injected, mut alarms, mut days) = (0, 0, 0, 0, 0);
    for seed in REPORT_SEEDS.take(40) {
        let spiked = spend(seed, 4);
        let found = detector.detect_days(&spiked.history);
        told += found.len();
        injected += spiked.spikes.len();
        let first = spiked.history.first_day().count();
        let at = |day: Day| usize::try_from(day.count() - first).unwrap();
        hits += found.iter().filter(|one| spiked.spikes.contains(&at(one.day))).count();
        let clean = spend(seed, 0).history;
        alarms += detector.detect_days(&clean).len();
        days += clean.totals().len();
    }
    assert!(hits * 10 >= injected * 9, "found {hits} of {injected}");
    assert!(hits * 10 >= told * 9, "{hits} of {told} were true");
    assert!(alarms * 100 <= days, "{alarms} false alarms on {days} days");
}
