//! Budgets over time: calendars, daylight saving, clocks that jump.

use std::time::Duration;

use cascade_core::Usd;
use cascade_telemetry::{BudgetStanding, CostRecord, CostTracker};
use cascade_testkit::FakeClock;
use serde_json::{Value, json};

use crate::budget_tracker::{ask, charge, cost, reserve, tracker, usd, user};

/// Seconds since the epoch of a moment in UTC.
fn utc(text: &str) -> Duration {
    let timestamp: jiff::Timestamp = text.parse().unwrap();
    Duration::from_secs(timestamp.as_second().try_into().unwrap())
}

fn at(text: &str) -> FakeClock {
    FakeClock::new().with_epoch(utc(text))
}

fn standing(tracker: &CostTracker, name: &str) -> BudgetStanding {
    let standings = tracker.standings(&user("ann")).unwrap();
    standings.into_iter().find(|standing| standing.name == name).unwrap()
}

fn budgets(zone: &str) -> Value {
    let all = json!({"ann": {
        "hourly": 1, "daily": 1, "weekly": 1, "monthly": 1, "total": 1, "requests_per_minute": 9,
    }});
    json!({"user_budgets": all, "mode": "block", "time_zone": zone})
}

/// When the window called `name` ends that `now` lies in.
fn resets_at(zone: &str, now: &str, name: &str) -> String {
    let tracker = tracker(budgets(zone), &at(now));
    let end = Duration::from_secs_f64(standing(&tracker, name).resets_at.unwrap());
    jiff::Timestamp::from_second(end.as_secs().cast_signed()).unwrap().to_string()
}

#[test]
fn windows_end_with_the_calendar_of_their_zone() {
    let cases = [
        ("UTC", "2026-11-21T06:16:33Z", "requests_per_minute", "2026-11-21T06:17:00Z"),
        ("UTC", "2026-11-21T06:16:33Z", "hourly", "2026-11-21T07:00:00Z"),
        ("UTC", "2026-11-21T06:16:33Z", "daily", "2026-11-22T00:00:00Z"),
        ("UTC", "2026-11-21T06:16:33Z", "weekly", "2026-11-23T00:00:00Z"),
        ("UTC", "2026-11-23T00:00:00Z", "weekly", "2026-11-30T00:00:00Z"),
        ("UTC", "2026-11-22T23:59:59Z", "weekly", "2026-11-23T00:00:00Z"),
        ("UTC", "2026-12-31T23:59:59Z", "monthly", "2027-01-01T00:00:00Z"),
        ("UTC", "2028-02-01T00:00:00Z", "monthly", "2028-03-01T00:00:00Z"),
        ("Asia/Kolkata", "2026-11-21T06:16:33Z", "hourly", "2026-11-21T06:30:00Z"),
        ("Asia/Kolkata", "2026-11-21T18:29:59Z", "daily", "2026-11-21T18:30:00Z"),
        ("Europe/Berlin", "2026-11-21T06:16:33Z", "daily", "2026-11-21T23:00:00Z"),
        ("Europe/Berlin", "2026-07-21T06:16:33Z", "daily", "2026-07-21T22:00:00Z"),
        ("Pacific/Kiritimati", "2026-11-30T10:00:00Z", "monthly", "2026-12-31T10:00:00Z"),
        // Days of 23 and 25 hours.
        ("Europe/Berlin", "2026-03-28T23:00:00Z", "daily", "2026-03-29T22:00:00Z"),
        ("Europe/Berlin", "2026-10-24T22:00:00Z", "daily", "2026-10-25T23:00:00Z"),
        ("America/New_York", "2026-03-08T05:00:00Z", "daily", "2026-03-09T04:00:00Z"),
        ("America/New_York", "2026-11-01T04:00:00Z", "daily", "2026-11-02T05:00:00Z"),
        ("Europe/Berlin", "2026-10-20T12:00:00Z", "weekly", "2026-10-25T23:00:00Z"),
        ("America/New_York", "2026-03-02T12:00:00Z", "monthly", "2026-04-01T04:00:00Z"),
        // The hour that comes twice, and the one that is left out.
        ("Europe/Berlin", "2026-10-25T00:30:00Z", "hourly", "2026-10-25T01:00:00Z"),
        ("Europe/Berlin", "2026-10-25T01:30:00Z", "hourly", "2026-10-25T02:00:00Z"),
        ("Europe/Berlin", "2026-03-29T00:59:59Z", "hourly", "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "2026-03-29T01:00:00Z", "hourly", "2026-03-29T02:00:00Z"),
        // Clocks that change by half an hour.
        ("Australia/Lord_Howe", "2026-04-04T14:45:00Z", "hourly", "2026-04-04T15:00:00Z"),
        ("Australia/Lord_Howe", "2026-04-04T15:05:00Z", "hourly", "2026-04-04T15:30:00Z"),
        ("Australia/Lord_Howe", "2026-10-03T15:20:00Z", "hourly", "2026-10-03T15:30:00Z"),
        ("Australia/Lord_Howe", "2026-10-03T15:40:00Z", "hourly", "2026-10-03T16:00:00Z"),
    ];
    for (zone, now, name, end) in cases {
        assert_eq!(resets_at(zone, now, name), end, "{zone} {now} {name}");
    }
}

/// The lengths of the days around a change of the clocks, met hour by hour.
#[test]
fn days_of_23_and_25_hours_reset_once() {
    let cases = [
        ("Europe/Berlin", "2026-03-27T23:00:00Z", [24, 23, 24]),
        ("Europe/Berlin", "2026-10-23T22:00:00Z", [24, 25, 24]),
        ("America/New_York", "2026-03-07T05:00:00Z", [24, 23, 24]),
        ("America/New_York", "2026-10-31T04:00:00Z", [24, 25, 24]),
    ];
    for (zone, start, lengths) in cases {
        let clock = at(start);
        let policy = json!({"user_budgets": {"ann": {"daily": 1000}}, "time_zone": zone});
        let tracker = tracker(policy, &clock);
        for length in lengths {
            for hour in 0..length {
                let used = standing(&tracker, "daily").used;
                assert_eq!(used, hour.into(), "{zone} hour {hour} of {length}");
                tracker.add_cost(cost("1", &user("ann"))).unwrap();
                clock.advance(Duration::from_hours(1));
            }
        }
        assert!(standing(&tracker, "daily").used.is_zero());
    }
}

/// Gives back what was set aside for a question; what was booked stays.
fn give_back(tracker: &CostTracker) {
    let later = Duration::from_secs(10_000_000);
    cascade_telemetry::wait_for(tracker.store().expire(utc("2026-11-29T22:30:00Z") + later))
        .unwrap();
}

#[test]
fn each_window_resets_by_itself() {
    let clock = at("2026-11-29T22:30:00Z");
    let policy = json!({"user_budgets": {"ann": {
        "hourly": 1, "daily": 2, "weekly": 4, "monthly": 4, "total": 6,
    }}, "mode": "block"});
    let tracker = tracker(policy, &clock);
    let ann = user("ann");
    let spend = |after_hours: u64, refused_by: Option<&str>| {
        clock.advance(Duration::from_secs(after_hours * 3_600));
        match (ask(&tracker, &ann, "1", false), refused_by) {
            (Ok(_), None) => {
                let reservation = tracker.add_cost(cost("1", &ann));
                assert!(reservation.is_ok());
                give_back(&tracker);
            }
            (Err(error), Some(field)) => assert_eq!(error.field(), Some(field)),
            (outcome, expected) => panic!("{outcome:?}, expected {expected:?}"),
        }
    };
    spend(0, None);
    spend(0, Some("hourly"));
    spend(1, None); // 23:30, the day is used up, too
    spend(0, Some("daily"));
    spend(1, None); // Monday the 30th, a new week
    spend(1, None);
    spend(1, Some("monthly"));
    spend(22, None); // December the 1st
    spend(24, None);
    spend(24, Some("total"));
}

#[test]
fn a_reset_under_load_admits_each_budget_once() {
    let clock = at("2026-11-21T23:59:00Z");
    let policy = json!({"user_budgets": {"ann": {"daily": "0.1"}}, "mode": "block"});
    let tracker = tracker(policy, &clock);
    let admitted = std::sync::atomic::AtomicU64::new(0);
    let begin = std::sync::Barrier::new(9);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                begin.wait();
                for _ in 0..2_000 {
                    let ann = user("ann");
                    let Ok(cascade_core::ports::Admission::Granted { reservation, .. }) =
                        ask(&tracker, &ann, "0.01", false)
                    else {
                        continue;
                    };
                    charge(&tracker, &reservation, &ann, "0.01");
                    cascade_core::ports::Ledger::release(&tracker, reservation);
                    admitted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                }
            });
        }
        begin.wait();
        // Over midnight while they ask.
        clock.advance(Duration::from_mins(2));
    });
    let mut expected = tracker.user_summary("ann", None).unwrap().total_cost;
    let admitted = admitted.into_inner();
    assert!((10..=20).contains(&admitted), "{admitted}");
    assert_eq!(expected, Usd::from_f64(admitted as f64).unwrap().per_thousand(10));
    // Whatever happened before midnight, the new day has its whole budget by the end.
    while ask(&tracker, &user("ann"), "0.01", false).is_ok() {
        expected += usd("0.01");
    }
    assert!(expected >= usd("0.1") && expected <= usd("0.2"));
}

/// What is spent in a window counts in the one it was reserved in.
#[test]
fn a_run_over_midnight_counts_in_the_day_it_began() {
    let clock = at("2026-11-21T23:59:59Z");
    let tracker = tracker(json!({"user_budgets": {"ann": {"daily": 1}}, "mode": "block"}), &clock);
    let ann = user("ann");
    let reservation = reserve(&tracker, &ann, "1");
    clock.advance(Duration::from_secs(2));
    let next = reserve(&tracker, &ann, "1");
    charge(&tracker, &reservation, &ann, "0.7");
    cascade_core::ports::Ledger::release(&tracker, reservation);
    let today = standing(&tracker, "daily");
    assert_eq!((today.used, today.reserved), (usd("0").decimal(), usd("1").decimal()));
    cascade_core::ports::Ledger::release(&tracker, next);
}

#[test]
fn a_clock_put_back_gives_no_budget_twice_and_locks_nobody_out() {
    let clock = at("2026-11-21T00:10:00Z");
    let policy =
        json!({"user_budgets": {"ann": {"daily": 1, "requests_per_minute": 1}}, "mode": "block"});
    let tracker = tracker(policy, &clock);
    let ann = user("ann");
    tracker.add_cost(cost("0.9", &ann)).unwrap();
    // An hour back: yesterday, by the wall clock.
    let clock = clock.with_epoch(utc("2026-11-20T23:10:00Z"));
    assert_eq!(standing(&tracker, "daily").used, usd("0.9").decimal(), "today goes on");
    let refused = ask(&tracker, &ann, "0.01", false).unwrap_err();
    assert_eq!(refused.field(), Some("requests_per_minute"));
    // The minute ends, though it takes longer while the clock catches up.
    clock.advance(Duration::from_secs(121));
    reserve(&tracker, &ann, "0.01");
    clock.advance(Duration::from_hours(5));
    assert_eq!(standing(&tracker, "daily").used, usd("0.9").decimal(), "and is one day");
    let end = standing(&tracker, "daily").resets_at.unwrap();
    assert_eq!(end, utc("2026-11-22T00:00:00Z").as_secs_f64());
    // The clock has caught up: the day ends on time.
    let passed = utc("2026-11-20T23:10:00Z") + Duration::from_secs(5 * 3_600 + 121);
    clock.advance(utc("2026-11-21T23:59:59Z").saturating_sub(passed));
    assert!(!standing(&tracker, "daily").used.is_zero());
    clock.advance(Duration::from_secs(1));
    assert!(standing(&tracker, "daily").used.is_zero());
}

#[test]
fn a_clock_put_forward_frees_no_reservation() {
    let clock = at("2026-11-21T10:30:00Z");
    let policy = json!({"user_budgets": {"ann": {"total": 1, "hourly": 1}}, "mode": "block"});
    let tracker = tracker(policy, &clock);
    let ann = user("ann");
    let reservation = reserve(&tracker, &ann, "0.8");
    let clock = clock.with_epoch(utc("2026-11-21T11:31:00Z"));
    let refused = ask(&tracker, &ann, "0.5", false).unwrap_err();
    assert_eq!(refused.field(), Some("total"), "the hour is a new one, the reservation is not");
    charge(&tracker, &reservation, &ann, "0.8");
    cascade_core::ports::Ledger::release(&tracker, reservation);
    assert_eq!(standing(&tracker, "total").used, usd("0.8").decimal());
    // And back again: the later hour goes on, and neither is given twice.
    let clock = clock.with_epoch(utc("2026-11-21T10:31:00Z"));
    tracker.add_cost(cost("0.1", &ann)).unwrap();
    assert_eq!(standing(&tracker, "hourly").used, usd("0.1").decimal());
    clock.advance(Duration::from_mins(1));
    assert_eq!(standing(&tracker, "hourly").used, usd("0.1").decimal());
}

#[test]
fn back_dated_costs_count_in_the_windows_they_belong_to() {
    let clock = at("2026-11-21T12:00:00Z");
    let tracker = tracker(budgets("UTC"), &clock);
    let ann = user("ann");
    let book = |when: &str| {
        let record = CostRecord { at: Some(utc(when)), ..cost("0.1", &ann) };
        tracker.add_cost(record).unwrap();
    };
    book("2026-11-21T11:00:00Z");
    book("2026-11-20T12:00:00Z");
    book("2026-11-10T12:00:00Z");
    book("2026-01-01T00:00:00Z");
    book("2030-01-01T00:00:00Z");
    let used = |name: &str| standing(&tracker, name).used.to_string();
    assert_eq!((used("hourly"), used("daily")), ("0.1".into(), "0.2".into()));
    assert_eq!((used("weekly"), used("monthly")), ("0.3".into(), "0.4".into()));
    assert_eq!(used("total"), "0.5");
    assert_eq!(tracker.user_summary("ann", None).unwrap().total_cost, usd("0.5"));
    let filter = cascade_core::ports::EntryFilter {
        until: Some(utc("2026-11-01T00:00:00Z")),
        ..cascade_core::ports::EntryFilter::default()
    };
    assert_eq!(tracker.entries(&filter).unwrap().len(), 1);
}

#[test]
fn a_clock_that_knows_no_calendar_counts_on() {
    for seconds in [0, 1_000_000_000_000] {
        let clock = FakeClock::new().with_epoch(Duration::from_secs(seconds));
        let tracker = tracker(budgets("Pacific/Kiritimati"), &clock);
        tracker.add_cost(cost("0.1", &user("ann"))).unwrap();
        assert_eq!(standing(&tracker, "daily").used.to_string(), "0.1");
    }
}
