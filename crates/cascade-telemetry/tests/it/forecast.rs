use cascade_core::Usd;
use cascade_telemetry::{
    BudgetPosition, DailySeries, Day, Forecast, ForecastMethod, ForecastOptions, Forecaster,
    SpendHistory, SpendTrend,
};
use proptest::prelude::*;

use crate::spend_generator::{DEVELOPMENT_SEEDS, REPORT_SEEDS, spend};

fn monday() -> Day {
    "2026-01-05".parse().unwrap()
}

fn series(totals: &[f64]) -> DailySeries {
    DailySeries::new(monday(), totals.to_vec()).unwrap()
}

fn forecast(totals: &[f64], days: u32) -> Forecast {
    Forecaster::default().forecast(&series(totals), days).unwrap()
}

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

fn close(got: f64, expected: f64, within: f64) -> bool {
    (got - expected).abs() <= within * expected.abs().max(1e-12)
}

#[test]
fn weeks_ahead_are_forecast_within_ten_percent() {
    let seeds: Vec<u64> = REPORT_SEEDS.take(40).collect();
    let mut errors = [0.0; 4];
    for seed in &seeds {
        let spend = spend(*seed, 0);
        let history = spend.history.totals();
        let made = Forecaster::default().forecast(&spend.history, 7).unwrap();
        for (ahead, truth) in spend.week.iter().enumerate() {
            let guesses = [
                made.days[ahead].cost,
                history[history.len() - 1],
                history[history.len() - 7 + ahead],
                spend.truth[ahead],
            ];
            for (error, guess) in errors.iter_mut().zip(guesses) {
                *error += (guess - truth).abs() / truth / 7.0 / seeds.len() as f64;
            }
        }
    }
    let [own, naive, seasonal_naive, floor] = errors;
    assert!(own < 0.10, "error {own}");
    assert!(own < seasonal_naive && seasonal_naive < naive, "{errors:?}");
    // What cannot be known is most of what is missed.
    assert!(own < 1.25 * floor, "{errors:?}");
}

#[test]
fn seeds_of_development_are_not_reported() {
    assert!(REPORT_SEEDS.count() >= 40);
    assert!(DEVELOPMENT_SEEDS.into_iter().all(|seed| !REPORT_SEEDS.contains(&seed)));
}

#[test]
fn constant_spending_goes_on() {
    let made = forecast(&[2.0; 30], 7);
    assert!(close(made.predicted_cost, 14.0, 1e-6), "{made:?}");
    assert!(made.confidence > 0.999);
    assert_eq!(made.trend, SpendTrend::Stable);
    assert_eq!(made.days[0].day.to_string(), "2026-02-04");
    assert!(close(made.intervals[1].upper, 14.0, 1e-3));
}

#[test]
fn a_line_is_continued() {
    let line: Vec<f64> = (0..60).map(|day| 10.0 + f64::from(day)).collect();
    let made = forecast(&line, 7);
    // 70 + 71 + … + 76
    assert!(close(made.predicted_cost, 511.0, 0.02), "{made:?}");
    assert_eq!(made.trend, SpendTrend::Increasing);
    let falling: Vec<f64> = line.into_iter().rev().collect();
    assert_eq!(forecast(&falling, 7).trend, SpendTrend::Decreasing);
}

#[test]
fn idle_weekends_stay_idle() {
    let weeks: Vec<f64> = (0..56).map(|at| if at % 7 < 5 { 20.0 } else { 0.0 }).collect();
    let made = forecast(&weeks, 14);
    for (at, day) in made.days.iter().enumerate() {
        let expected = if at % 7 < 5 { 20.0 } else { 0.0 };
        assert!((day.cost - expected).abs() < 0.5, "{at}: {day:?}");
        assert!(day.intervals.iter().all(|interval| interval.lower >= 0.0));
    }
    assert!(close(made.predicted_cost, 200.0, 0.02));
}

#[test]
fn one_wild_day_changes_little() {
    let spend = spend(DEVELOPMENT_SEEDS.start + 3, 0);
    let plain = Forecaster::default().forecast(&spend.history, 7).unwrap();
    let mut totals = spend.history.totals().to_vec();
    let at = totals.len() - 5;
    totals[at] *= 20.0;
    let wild = DailySeries::new(spend.history.first_day(), totals).unwrap();
    let made = Forecaster::default().forecast(&wild, 7).unwrap();
    assert!(close(made.predicted_cost, plain.predicted_cost, 0.05));
    assert!(made.reasons[0].contains("wild"), "{:?}", made.reasons);
}

#[test]
fn a_new_level_is_no_accident() {
    let totals: Vec<f64> = (0..60_u32)
        .map(|at| (if at < 45 { 10.0 } else { 30.0 }) + f64::from(at * 7 % 5) / 10.0)
        .collect();
    let made = forecast(&totals, 7);
    assert!(close(made.predicted_cost, 211.4, 0.1), "{}", made.predicted_cost);
}

#[test]
fn short_histories_give_what_they_can() {
    let none = forecast(&[], 7);
    assert_eq!((none.method, none.predicted_cost), (ForecastMethod::InsufficientData, 0.0));
    assert!(none.days.is_empty());
    let single = forecast(&[3.0], 7);
    assert_eq!(single.method, ForecastMethod::Mean);
    assert!(close(single.predicted_cost, 21.0, 1e-9));
    for count in 2..20 {
        let totals: Vec<f64> = (0..count).map(|at| 5.0 + f64::from(at % 3)).collect();
        let made = forecast(&totals, 7);
        assert!((30.0..=50.0).contains(&made.predicted_cost), "{count}: {made:?}");
    }
    let nothing = forecast(&[0.0; 10], 7);
    assert_eq!((nothing.predicted_cost, nothing.confidence), (0.0, 0.0));
    assert_eq!(nothing.days.len(), 7);
}

#[test]
fn too_little_history_is_said() {
    let options = ForecastOptions { min_data_points: 7, ..ForecastOptions::default() };
    let made = Forecaster::new(options).unwrap().forecast(&series(&[1.0; 6]), 7).unwrap();
    assert_eq!(made.method, ForecastMethod::InsufficientData);
    assert_eq!((made.data_points, made.required_data_points), (6, 7));
    assert_eq!((made.predicted_cost, made.confidence), (0.0, 0.0));
    assert!(made.reasons[0].contains('7'));
}

#[test]
fn a_running_day_is_no_low_day() {
    let mut totals = vec![10.0; 29];
    totals.push(1.0);
    let running = series(&totals).with_running_day(true);
    let made = Forecaster::default().forecast(&running, 7).unwrap();
    assert!(close(made.predicted_cost, 70.0, 1e-6), "{made:?}");
    assert_eq!(made.days[0].day, monday().plus(30));
}

#[test]
fn methods_and_weights_can_be_chosen() {
    let totals: Vec<f64> = (0..40).map(|at| 10.0 + f64::from(at % 2)).collect();
    let options = ForecastOptions {
        method: Some(ForecastMethod::SimpleSmoothing),
        alpha: Some(1.0),
        ..ForecastOptions::default()
    };
    let made = Forecaster::new(options).unwrap().forecast(&series(&totals), 3).unwrap();
    assert_eq!(made.method, ForecastMethod::SimpleSmoothing);
    // With weight 1 the level is the last day.
    assert!(close(made.predicted_cost, 33.0, 1e-6), "{}", made.predicted_cost);
    let seasonal =
        ForecastOptions { method: Some(ForecastMethod::SeasonalAdditive), ..Default::default() };
    let short = Forecaster::new(seasonal).unwrap().forecast(&series(&[1.0; 9]), 3).unwrap();
    assert!(short.reasons.iter().any(|reason| reason.contains("does not allow")));
}

#[test]
fn wrong_options_are_named() {
    let field = |options: ForecastOptions| {
        let error = Forecaster::new(options).unwrap_err();
        assert!(error.hint().is_some());
        error.field().unwrap().to_owned()
    };
    let default = ForecastOptions::default;
    assert_eq!(field(ForecastOptions { levels: vec![80.0], ..default() }), "levels");
    assert_eq!(field(ForecastOptions { alpha: Some(0.0), ..default() }), "alpha");
    assert_eq!(field(ForecastOptions { max_history_days: 0, ..default() }), "max_history_days");
    assert_eq!(
        Forecaster::default().forecast(&series(&[1.0]), 0).unwrap_err().field(),
        Some("days")
    );
    assert_eq!(DailySeries::new(monday(), vec![1.0, -2.0]).unwrap_err().field(), Some("totals"));
}

#[test]
fn a_budget_ends_where_steady_spending_reaches_it() {
    let forecaster = Forecaster::default();
    let history = series(&[2.0; 30]);
    let left = BudgetPosition::new(usd("100"), usd("80"));
    let outlook = forecaster.budget_outlook(&history, &left).unwrap();
    // 20 at 2 a day from 2026-02-04 on are gone with the tenth day.
    assert_eq!(outlook.expected_day.unwrap().to_string(), "2026-02-13");
    assert_eq!(outlook.days_left, Some(10));
    assert!(!outlook.exhausted && outlook.probability > 0.99);
    let period_end = Some("2026-02-10".parse().unwrap());
    let outlook =
        forecaster.budget_outlook(&history, &BudgetPosition { period_end, ..left }).unwrap();
    assert_eq!((outlook.expected_day, outlook.days_left), (None, None));
    assert!(close(outlook.projected_cost, 94.0, 1e-6) && outlook.probability < 0.01);
    let over = BudgetPosition::new(usd("10"), usd("12.5"));
    let outlook = forecaster.budget_outlook(&history, &over).unwrap();
    assert_eq!((outlook.exhausted, outlook.days_left), (true, Some(0)));
    assert_eq!(outlook.remaining, usd("-2.5"));
    assert_eq!(outlook.expected_day, history.last_day());
}

#[test]
fn the_end_of_a_budget_has_an_interval() {
    let spend = spend(DEVELOPMENT_SEEDS.start + 1, 0);
    let day: f64 = spend.history.totals().iter().rev().take(7).sum::<f64>() / 7.0;
    let limit = Usd::from_f64((day * 60.0).round()).unwrap();
    let outlook = Forecaster::default()
        .budget_outlook(&spend.history, &BudgetPosition::new(limit, Usd::ZERO))
        .unwrap();
    let (earliest, expected, latest) =
        (outlook.earliest_day.unwrap(), outlook.expected_day.unwrap(), outlook.latest_day.unwrap());
    assert!(earliest <= expected && expected <= latest);
    assert!(earliest < latest);
}

#[test]
fn entries_become_days_of_each_user() {
    let mut history = SpendHistory::new();
    let noon = |day: i64| (monday().plus(day).start() + 43_200) as f64;
    history.add(noon(0), Some("ada"), usd("0.1"));
    history.add(noon(0) + 5.0, Some("ada"), usd("0.2"));
    history.add(noon(3), None, usd("1"));
    history.add(noon(4), Some("bob"), usd("4"));
    assert_eq!(history.total().totals(), [0.3, 0.0, 0.0, 1.0, 4.0]);
    assert_eq!(history.user("ada").totals(), [0.3, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(history.user("bob").totals(), [4.0]);
    assert!(history.user("nobody").is_empty());
    assert_eq!(history.users().collect::<Vec<_>>(), ["ada", "bob"]);
    let until = history.until(noon(6));
    assert_eq!(until.total().totals().len(), 7);
    assert_eq!(until.total().complete().len(), 6);
    let mut ahead = SpendHistory::new().at_utc_offset(13 * 3_600);
    ahead.add(noon(0), None, usd("1"));
    assert_eq!(ahead.total().first_day(), monday().plus(1));
}

#[test]
fn a_history_that_ended_long_ago_is_a_record() {
    let noon = |day: i64| (monday().plus(day).start() + 43_200) as f64;
    let days = |now: f64, latest: Option<f64>| {
        let mut history = SpendHistory::new().until_unless_ended(now, latest);
        history.add(noon(0), None, usd("1"));
        history.total().totals().len()
    };
    assert_eq!(days(noon(28), Some(noon(0))), 29);
    assert_eq!(days(noon(29), Some(noon(0))), 1);
    assert_eq!(days(noon(29), Some(noon(5))), 30);
    assert_eq!(days(noon(29), None), 30);
}

#[test]
fn days_are_those_of_the_calendar() {
    for (text, count) in [("1970-01-01", 0), ("2000-02-29", 11_016), ("1969-12-31", -1)] {
        let day: Day = text.parse().unwrap();
        assert_eq!((day.count(), day.to_string().as_str()), (count, text));
    }
    assert_eq!(monday().weekday(), 0);
    for wrong in ["2026-02-29", "2026-13-01", "2026-1", "soon", "2026-01-32"] {
        assert!(wrong.parse::<Day>().is_err(), "{wrong}");
    }
}

fn spending() -> impl Strategy<Value = Vec<f64>> {
    let day = prop_oneof![3 => 0.5..20.0, 1 => Just(0.0), 1 => 20.0..200.0];
    prop::collection::vec(day, 1..50)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn forecasts_scale_with_amounts(totals in spending(), power in -8_i32..9) {
        let factor = 2.0_f64.powi(power);
        let scaled: Vec<f64> = totals.iter().map(|total| total * factor).collect();
        let (plain, scaled) = (forecast(&totals, 7), forecast(&scaled, 7));
        prop_assert_eq!(plain.method, scaled.method);
        for (own, other) in plain.days.iter().zip(&scaled.days) {
            prop_assert!((own.cost * factor - other.cost).abs() <= 1e-6 * factor * (1.0 + own.cost));
        }
        prop_assert!((plain.confidence - scaled.confidence).abs() < 1e-6);
    }

    #[test]
    fn intervals_hold_the_forecast(totals in spending(), days in 1_u32..20) {
        let made = forecast(&totals, days);
        let sum: f64 = made.days.iter().map(|day| day.cost).sum();
        prop_assert!((sum - made.predicted_cost).abs() <= 1e-9 * (1.0 + sum));
        prop_assert!((0.0..=1.0).contains(&made.confidence));
        for (cost, intervals) in made
            .days
            .iter()
            .map(|day| (day.cost, &day.intervals))
            .chain([(made.predicted_cost, &made.intervals)])
        {
            prop_assert!(cost.is_finite() && cost >= 0.0);
            let (narrow, wide) = (intervals[0], intervals[1]);
            prop_assert!(0.0 <= wide.lower && wide.lower <= narrow.lower);
            prop_assert!(narrow.lower <= cost && cost <= narrow.upper);
            prop_assert!(narrow.upper <= wide.upper);
        }
    }

    #[test]
    fn days_are_written_and_read(count in -700_000_i64..2_900_000) {
        let day = Day::new(count);
        prop_assert_eq!(day.to_string().parse::<Day>().unwrap(), day);
        prop_assert_eq!(day.plus(7).weekday(), day.weekday());
    }
}
