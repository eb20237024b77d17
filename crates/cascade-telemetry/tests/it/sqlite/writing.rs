//! Reservations, spendings and sums.

use std::time::Duration;

use cascade_core::ports::{BudgetStore, EntryFilter, Held, TotalsBy};
use cascade_core::{AttemptRole, Spend};
use serde_json::json;

use super::support::{NOW, account, balance, entry, folder, granted, hold, open, spend, usd, wait};

#[test]
fn a_reservation_is_drawn_on_and_the_rest_goes_back() {
    let (_folder, path) = folder();
    let store = open(&path);
    let ann = account("ann", Some("1"));
    let id =
        granted(wait(store.hold(hold(std::slice::from_ref(&ann), spend("0.6", 1, 600)))).unwrap());
    assert_eq!(balance(&store, &ann).reserved, spend("0.6", 1, 600));
    store.commit(Some(id), std::slice::from_ref(&ann), entry("ann", spend("0.25", 1, 250)));
    let between = balance(&store, &ann);
    assert_eq!(
        (between.committed, between.reserved),
        (spend("0.25", 1, 250), spend("0.35", 0, 350))
    );
    store.release(id);
    let after = balance(&store, &ann);
    assert_eq!((after.committed, after.reserved), (spend("0.25", 1, 250), Spend::ZERO));
    store.release(id);
    assert_eq!(balance(&store, &ann), after, "a second release changes nothing");
}

#[test]
fn what_a_run_spends_beyond_its_reservation_counts_too() {
    let (_folder, path) = folder();
    let store = open(&path);
    let ann = account("ann", Some("1"));
    let id =
        granted(wait(store.hold(hold(std::slice::from_ref(&ann), spend("0.1", 1, 10)))).unwrap());
    store.commit(Some(id), std::slice::from_ref(&ann), entry("ann", spend("0.3", 1, 30)));
    store.release(id);
    let after = balance(&store, &ann);
    assert_eq!((after.committed, after.reserved), (spend("0.3", 1, 30), Spend::ZERO));
}

#[test]
fn a_hold_that_one_account_refuses_is_set_aside_in_none() {
    let (_folder, path) = folder();
    let store = open(&path);
    let (rich, poor) = (account("rich", Some("10")), account("poor", Some("0.5")));
    let both = [rich.clone(), poor.clone()];
    let held = wait(store.hold(hold(&both, spend("0.6", 1, 1)))).unwrap();
    assert!(matches!(held, Held::Refused { balances } if balances.len() == 2));
    assert_eq!(balance(&store, &rich).total(), Spend::ZERO);
    // The limit itself is affordable, to the last decimal.
    let exact = spend("0.4999999999999999999999999999", 1, 1);
    granted(wait(store.hold(hold(&both, exact))).unwrap());
    let rest = spend("0.0000000000000000000000000001", 1, 1);
    granted(wait(store.hold(hold(&both, rest))).unwrap());
    let more = wait(store.hold(hold(&both, rest))).unwrap();
    assert!(matches!(more, Held::Refused { .. }));
}

#[test]
fn an_expired_reservation_goes_back_and_a_late_spending_counts_all_the_same() {
    let (_folder, path) = folder();
    let store = open(&path);
    let ann = account("ann", Some("1"));
    let id =
        granted(wait(store.hold(hold(std::slice::from_ref(&ann), spend("0.6", 1, 10)))).unwrap());
    assert_eq!(wait(store.expire(NOW + Duration::from_secs(599))).unwrap(), 0);
    assert_eq!(wait(store.expire(NOW + Duration::from_mins(10))).unwrap(), 1);
    assert_eq!(balance(&store, &ann).reserved, Spend::ZERO);
    store.commit(Some(id), std::slice::from_ref(&ann), entry("ann", spend("0.2", 1, 20)));
    store.release(id);
    let after = balance(&store, &ann);
    assert_eq!((after.committed, after.reserved), (spend("0.2", 1, 20), Spend::ZERO));
}

#[test]
fn what_has_expired_is_there_for_the_next_hold() {
    let (_folder, path) = folder();
    let store = open(&path);
    let ann = account("ann", Some("1"));
    let asked = hold(std::slice::from_ref(&ann), spend("0.6", 1, 10));
    granted(wait(store.hold(asked.clone())).unwrap());
    let refused = wait(store.hold(asked.clone())).unwrap();
    assert!(matches!(refused, Held::Refused { .. }));
    let later = |time| cascade_core::ports::Hold {
        now: NOW + time,
        expires_at: NOW + time + Duration::from_mins(10),
        ..asked.clone()
    };
    granted(wait(store.hold(later(Duration::from_mins(10)))).unwrap());
    assert_eq!(balance(&store, &ann).reserved, spend("0.6", 1, 10));
}

#[test]
fn a_hold_whose_caller_has_gone_goes_back() {
    let (_folder, path) = folder();
    let store = open(&path);
    let ann = account("ann", Some("1"));
    wait(async {
        // Asked for, and dropped before the answer is looked at.
        let mut asked = store.hold(hold(std::slice::from_ref(&ann), spend("0.6", 1, 10)));
        let first = futures_util::poll!(&mut asked);
        assert!(first.is_pending());
        drop(asked);
        store.flush().await.unwrap();
    });
    assert_eq!(balance(&store, &ann).reserved, Spend::ZERO);
}

#[test]
fn entries_come_back_as_they_were_booked() {
    let (_folder, path) = folder();
    let store = open(&path);
    let mut full = entry("ann", spend("0.0000001234567890123456789", 1, 12));
    full.at = NOW + Duration::from_nanos(123_456_789);
    full.role = Some(AttemptRole::Verifier);
    full.usage.reasoning_tokens = 7;
    full.usage.estimated = true;
    full.query_id = Some("".into());
    full.metadata.insert("team".into(), json!({"name": "ö\n\"", "id": 0.1}));
    let mut bare = entry("ben", spend("-0.5", 0, 0));
    (bare.scope, bare.query_id) = (std::sync::Arc::default(), None);
    store.commit(None, &[], full.clone());
    store.commit(None, &[], bare.clone());
    let read = wait(store.entries(&EntryFilter::default())).unwrap();
    assert_eq!(read.iter().map(|entry| entry.id).collect::<Vec<_>>(), [1, 2]);
    (full.id, bare.id) = (1, 2);
    assert_eq!(read, [full, bare]);
}

#[test]
fn entries_can_be_chosen_and_read_in_pages() {
    let (_folder, path) = folder();
    let store = open(&path);
    for index in 0..10_u32 {
        let mut booked =
            entry(if index % 2 == 0 { "ann" } else { "ben" }, spend("0.1", 1, index.into()));
        booked.at = NOW + Duration::from_secs(index.into());
        booked.model = format!("model-{}", index % 3).into();
        store.commit(None, &[], booked);
    }
    let tokens = |filter: &EntryFilter| -> Vec<u64> {
        wait(store.entries(filter)).unwrap().iter().map(|entry| entry.tokens).collect()
    };
    let all = EntryFilter::default();
    let ann = EntryFilter { user_id: Some("ann".into()), ..all.clone() };
    assert_eq!(tokens(&ann), [0, 2, 4, 6, 8]);
    assert_eq!(tokens(&EntryFilter { model: Some("model-1".into()), ..ann.clone() }), [4]);
    let late = EntryFilter {
        from: Some(NOW + Duration::from_secs(3)),
        until: Some(NOW + Duration::from_secs(6)),
        ..all.clone()
    };
    assert_eq!(tokens(&late), [3, 4, 5]);
    assert_eq!(tokens(&EntryFilter { limit: Some(3), newest: true, ..all.clone() }), [7, 8, 9]);
    assert_eq!(tokens(&EntryFilter { limit: Some(3), ..all.clone() }), [0, 1, 2]);
    assert_eq!(tokens(&EntryFilter { after: Some(8), limit: Some(5), ..all.clone() }), [8, 9]);
    assert_eq!(tokens(&EntryFilter { tier: Some("free".into()), ..all }), [] as [u64; 0]);
}

#[test]
fn sums_and_people_follow_the_entries_and_a_reset() {
    let (_folder, path) = folder();
    let ann = account("ann", None);
    {
        let store = open(&path);
        let held = wait(store.hold(hold(std::slice::from_ref(&ann), spend("5", 1, 1)))).unwrap();
        store.commit(None, std::slice::from_ref(&ann), entry("ann", spend("0.1", 1, 10)));
        store.commit(None, &[], entry("ben", spend("0.2", 1, 20)));
        store.commit(None, std::slice::from_ref(&ann), entry("ann", spend("0.3", 0, 30)));
        let sums = wait(store.totals(TotalsBy::User)).unwrap();
        let sums: Vec<_> = sums.iter().map(|sum| (&*sum.name, sum.entries, sum.spend)).collect();
        assert_eq!(sums, [("ann", 2, spend("0.4", 1, 40)), ("ben", 1, spend("0.2", 1, 20))]);
        let all = &wait(store.totals(TotalsBy::All)).unwrap()[0];
        assert_eq!((all.entries, all.spend), (3, spend("0.6", 2, 60)));
        assert_eq!(wait(store.totals(TotalsBy::UserId("zoe"))).unwrap(), []);
        assert_eq!(wait(store.users(Some("pro"))).unwrap(), ["ann".into(), "ben".into()]);
        assert_eq!(wait(store.users(Some("free"))).unwrap(), [] as [std::sync::Arc<str>; 0]);
        wait(store.reset()).unwrap();
        assert_eq!(wait(store.totals(TotalsBy::All)).unwrap()[0].entries, 0);
        assert_eq!(wait(store.entries(&EntryFilter::default())).unwrap(), []);
        let kept = balance(&store, &ann);
        assert_eq!((kept.committed.cost, kept.reserved), (usd("0"), spend("5", 1, 1)));
        store.release(granted(held));
        store.commit(None, &[], entry("ann", spend("0.7", 1, 1)));
    }
    let again = open(&path);
    let read = wait(again.entries(&EntryFilter::default())).unwrap();
    assert_eq!((read.len(), read[0].id, read[0].cost), (1, 4, usd("0.7")), "ids never come again");
    assert_eq!(balance(&again, &ann).reserved, Spend::ZERO);
}

#[test]
fn a_dropped_store_has_written_everything() {
    let (_folder, path) = folder();
    let store = open(&path);
    for _ in 0..5_000 {
        store.commit(None, &[], entry("ann", spend("0.0001", 1, 1)));
    }
    drop(store);
    let all = wait(open(&path).totals(TotalsBy::All)).unwrap();
    assert_eq!((all[0].entries, all[0].spend.cost), (5_000, usd("0.5")));
}
