//! How good forecasts and anomaly detection are, on made series whose seeds were not used in
//! development: `cargo bench -p cascade-telemetry --bench forecast`.
//!
//! Prints tables, and one JSON object on the last line, which `bench/run.py` collects. The argument
//! `development` takes the seeds that the methods were developed on.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails loudly and reports on stdout"
)]

#[path = "../tests/it/spend_generator.rs"]
mod spend_generator;

use std::ops::Range;
use std::time::Instant;

use cascade_telemetry::{
    AnomalyDetector, AnomalyMethod, AnomalyOptions, ForecastMethod, ForecastOptions, Forecaster,
};
use serde_json::{Map, Value, json};
use spend_generator::{DEVELOPMENT_SEEDS, REPORT_SEEDS, spend};

/// Spikes in each series of those with spikes.
const SPIKES: usize = 4;

fn main() {
    let development = std::env::args().any(|argument| argument == "development");
    let seeds = if development { DEVELOPMENT_SEEDS } else { REPORT_SEEDS };
    println!("{} series, seeds {} to {}", seeds.end - seeds.start, seeds.start, seeds.end - 1);
    let mut figures = forecasts(seeds.clone());
    figures.extend(anomalies(seeds));
    println!("{}", Value::Object(figures));
}

/// Mean absolute percentage error of a week.
fn error(forecast: &[f64], week: &[f64]) -> f64 {
    let errors = forecast.iter().zip(week).map(|(guess, truth)| (guess - truth).abs() / truth);
    errors.sum::<f64>() / week.len() as f64
}

fn forecasts(seeds: Range<u64>) -> Map<String, Value> {
    let forecaster = Forecaster::new(ForecastOptions::default()).unwrap();
    let simple = Forecaster::new(ForecastOptions {
        method: Some(ForecastMethod::SimpleSmoothing),
        alpha: Some(0.3),
        ..ForecastOptions::default()
    })
    .unwrap();
    let count = (seeds.end - seeds.start) as f64;
    let mut sums = [0.0; 6];
    let mut worst: f64 = 0.0;
    let mut inside = [0.0; 2];
    let mut sum_inside = [0.0; 2];
    let mut micros = Vec::new();
    for spiked in [0, SPIKES] {
        for seed in seeds.clone() {
            let spend = spend(seed, spiked);
            let history = spend.history.totals();
            let start = Instant::now();
            let forecast = forecaster.forecast(&spend.history, 7).unwrap();
            micros.push(start.elapsed().as_secs_f64() * 1e6);
            let costs: Vec<f64> = forecast.days.iter().map(|day| day.cost).collect();
            let own = error(&costs, &spend.week);
            if spiked > 0 {
                sums[5] += own;
                continue;
            }
            worst = worst.max(own);
            let smoothed = simple.forecast(&spend.history, 7).unwrap();
            let level: Vec<f64> = smoothed.days.iter().map(|day| day.cost).collect();
            let errors = [
                own,
                error(&[history[history.len() - 1]; 7], &spend.week),
                error(&history[history.len() - 7..], &spend.week),
                error(&level, &spend.week),
                error(&spend.truth, &spend.week),
            ];
            for (sum, error) in sums.iter_mut().zip(errors) {
                *sum += error;
            }
            for (level, (inside, sum_inside)) in inside.iter_mut().zip(&mut sum_inside).enumerate()
            {
                for (day, truth) in forecast.days.iter().zip(spend.week) {
                    let interval = day.intervals[level];
                    *inside +=
                        f64::from(u8::from((interval.lower..=interval.upper).contains(&truth)));
                }
                let sum: f64 = spend.week.iter().sum();
                let interval = forecast.intervals[level];
                *sum_inside +=
                    f64::from(u8::from((interval.lower..=interval.upper).contains(&sum)));
            }
        }
    }
    micros.sort_by(f64::total_cmp);
    let [own, naive, seasonal, level, floor, spiked] = sums.map(|sum| sum / count);
    let [day_80, day_95] = inside.map(|inside| inside / count / 7.0);
    let [week_80, week_95] = sum_inside.map(|inside| inside / count);
    println!("one week ahead, mean absolute percentage error of a day");
    for (name, error) in [
        ("chosen by the data", own),
        ("the same, history with spikes", spiked),
        ("worst series", worst),
        ("naive: the last day", naive),
        ("seasonal naive: the last week", seasonal),
        ("simple smoothing, weight 0.3", level),
        ("knowing all but what is to come", floor),
    ] {
        println!("  {name:<32} {:6.2} %", error * 100.0);
    }
    println!("inside the interval          80 %      95 %");
    println!("  a day                  {:6.1} %  {:6.1} %", day_80 * 100.0, day_95 * 100.0);
    println!("  the week's sum         {:6.1} %  {:6.1} %", week_80 * 100.0, week_95 * 100.0);
    let figures = json!({
        "forecast_mape_week": own,
        "forecast_mape_week_naive": naive,
        "forecast_mape_week_seasonal_naive": seasonal,
        "forecast_mape_week_noise_floor": floor,
        "forecast_coverage_80": day_80,
        "forecast_coverage_95": day_95,
        "forecast_p50_us": micros[micros.len() / 2],
    });
    figures.as_object().cloned().unwrap_or_default()
}

fn anomalies(seeds: Range<u64>) -> Map<String, Value> {
    let mut figures = Map::new();
    println!("anomalies: {SPIKES} spikes of 1.4 to 4 times a day's spending in each series");
    println!("  method     precision    recall    false alarms a clean day");
    for method in AnomalyMethod::ALL {
        let detector =
            AnomalyDetector::new(AnomalyOptions { method, ..AnomalyOptions::default() }).unwrap();
        let (mut hits, mut told, mut injected) = (0, 0, 0);
        let (mut alarms, mut clean_days) = (0, 0);
        for seed in seeds.clone() {
            let spiked = spend(seed, SPIKES);
            let found = detector.detect_days(&spiked.history);
            let first = spiked.history.first_day().count();
            told += found.len();
            injected += spiked.spikes.len();
            hits += found
                .iter()
                .filter(|anomaly| {
                    let at = usize::try_from(anomaly.day.count() - first).unwrap();
                    spiked.spikes.contains(&at)
                })
                .count();
            let clean = spend(seed, 0).history;
            alarms += detector.detect_days(&clean).len();
            clean_days += clean.totals().len();
        }
        let precision = hits as f64 / told.max(1) as f64;
        let recall = hits as f64 / injected as f64;
        let false_alarms = alarms as f64 / clean_days as f64;
        let name = method.as_str();
        println!(
            "  {name:<9} {:8.1} %  {:6.1} %  {:8.2} %",
            precision * 100.0,
            recall * 100.0,
            false_alarms * 100.0
        );
        figures.insert(format!("anomaly_{name}_precision"), json!(precision));
        figures.insert(format!("anomaly_{name}_recall"), json!(recall));
        figures.insert(format!("anomaly_{name}_false_alarm_rate"), json!(false_alarms));
    }
    figures
}
