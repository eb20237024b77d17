use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{
    BudgetStore, EntryFilter, Held, Hold, LedgerEntry, LimitedAccount, TotalsBy,
};
use cascade_core::{
    Account, AttemptRole, BudgetOwner, BudgetScope, BudgetWindow, ErrorKind, Limit, OwnerKind,
    Spend, Usage, Usd,
};
use cascade_telemetry::{MemoryBudgetStore, MemoryStoreLimits, wait_for};
use proptest::prelude::*;
use serde_json::json;

use crate::budget_law::{entry, holds_under, operations};

proptest! {
    #[test]
    fn money_is_conserved_under_any_interleaving(operations in operations()) {
        holds_under(&MemoryBudgetStore::default(), &operations);
    }
}

fn spend(cost: &str) -> Spend {
    Spend { cost: cost.parse().unwrap(), requests: 1, tokens: 10 }
}

fn hourly(user: &str, hour: u64) -> LimitedAccount {
    let limit = Limit { cost: Some("1".parse().unwrap()), ..Limit::NONE };
    LimitedAccount {
        account: Account {
            owner: BudgetOwner { kind: OwnerKind::User, id: user.into() },
            window: BudgetWindow::Hour,
            starts_at: Duration::from_secs(hour * 3_600),
            ends_at: Some(Duration::from_secs((hour + 1) * 3_600)),
        },
        limit,
        nominal: limit,
    }
}

fn hold(store: &MemoryBudgetStore, account: &LimitedAccount) -> cascade_core::Result<Held> {
    wait_for(store.hold(Hold {
        accounts: vec![account.clone()].into(),
        amount: spend("0.1"),
        now: account.account.starts_at,
        expires_at: account.account.starts_at + Duration::from_mins(1),
    }))
}

#[test]
fn balances_of_windows_that_are_over_are_given_up() {
    let store = MemoryBudgetStore::default();
    for hour in 0..200 {
        for user in 0..10 {
            let account = hourly(&format!("u{user}"), hour);
            let Held::Granted { id, .. } = hold(&store, &account).unwrap() else {
                panic!("every hour has its own budget")
            };
            store.commit(Some(id), &[account], entry(spend("0.05"), "u"));
            store.release(id);
        }
    }
    assert!(store.accounts() <= 20, "{} are kept", store.accounts());
    assert_eq!(store.open_reservations(), 0);
    let last = wait_for(store.balances(&[hourly("u3", 199)])).unwrap();
    assert_eq!(last[0].committed.cost, "0.05".parse().unwrap());
}

#[test]
fn owners_that_come_once_do_not_pile_up() {
    let store = MemoryBudgetStore::default();
    for number in 0..20_000_u64 {
        // A hundred new users every hour, none of whom comes back.
        let account = hourly(&format!("u{number}"), number / 100);
        store.commit(None, &[account], entry(spend("0.05"), "u"));
    }
    assert!(store.accounts() <= 400, "{} are kept", store.accounts());
}

#[test]
fn a_store_that_is_full_of_running_budgets_refuses_new_owners() {
    let limits = MemoryStoreLimits { max_accounts: 3, ..MemoryStoreLimits::default() };
    let store = MemoryBudgetStore::new(limits);
    for user in ["a", "b", "c"] {
        assert!(matches!(hold(&store, &hourly(user, 1)), Ok(Held::Granted { .. })));
    }
    let error = hold(&store, &hourly("d", 1)).unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Budget, Some("max_accounts")));
    assert!(matches!(hold(&store, &hourly("a", 1)), Ok(Held::Granted { .. })), "known ones go on");
    // What was spent is counted even where no balance can be kept.
    assert_eq!(store.commit(None, &[hourly("d", 1)], entry(spend("0.05"), "d")), None);
    assert_eq!(wait_for(store.totals(TotalsBy::All)).unwrap()[0].entries, 1);
    // The next hour, those of this one are over; their reservations have expired.
    assert!(matches!(hold(&store, &hourly("d", 2)), Ok(Held::Granted { .. })));
}

#[test]
fn the_newest_entries_are_kept_and_the_sums_stay_exact() {
    let limits = MemoryStoreLimits { max_entries: 100, ..MemoryStoreLimits::default() };
    let store = MemoryBudgetStore::new(limits);
    for number in 0..1_000 {
        let user = format!("u{}", number % 3);
        store.commit(None, &[], entry(spend("0.001"), &user));
    }
    let all = wait_for(store.totals(TotalsBy::All)).unwrap();
    assert_eq!((all[0].entries, all[0].spend.cost), (1_000, "1".parse().unwrap()));
    let kept = wait_for(store.entries(&EntryFilter::default())).unwrap();
    assert_eq!((kept.len(), kept[0].id, kept[99].id), (100, 901, 1_000));
    let filter = EntryFilter { user_id: Some("u1".into()), ..EntryFilter::default() };
    let of_user = wait_for(store.entries(&filter)).unwrap();
    assert_eq!(of_user.len(), 33);
    assert!(of_user.windows(2).all(|pair| pair[1].id == pair[0].id + 3));
    let user = wait_for(store.totals(TotalsBy::UserId("u1"))).unwrap();
    assert_eq!((user[0].entries, user[0].spend.cost), (333, "0.333".parse().unwrap()));
}

#[test]
fn unknown_users_go_on_in_the_sum_of_all_others() {
    let limits = MemoryStoreLimits { max_users: 50, ..MemoryStoreLimits::default() };
    let store = MemoryBudgetStore::new(limits);
    for number in 0..5_000 {
        store.commit(None, &[], entry(spend("0.001"), &format!("stranger{number}")));
        store.commit(None, &[], entry(spend("0.001"), "regular"));
    }
    assert_eq!(wait_for(store.users(None)).unwrap().len(), 50);
    let users = wait_for(store.totals(TotalsBy::User)).unwrap();
    assert_eq!(users.len(), 51);
    assert_eq!(&*users[50].name, "(others)");
    let sum: Usd = users.iter().map(|user| user.spend.cost).sum();
    assert_eq!(sum, "10".parse().unwrap(), "nothing is lost");
    let regular = users.iter().find(|user| &*user.name == "regular").unwrap();
    assert_eq!(regular.entries, 5_000, "who comes often is kept");
    // Entries of a user whose sum was given up can still be found.
    let filter = EntryFilter { user_id: Some("stranger7".into()), ..EntryFilter::default() };
    assert_eq!(wait_for(store.entries(&filter)).unwrap().len(), 1);
}

#[test]
fn entries_come_back_as_they_were_booked() {
    let store = MemoryBudgetStore::default();
    let scope = BudgetScope {
        user_id: Some("ann".into()),
        tenant_id: Some("acme".into()),
        tier: Some("pro".into()),
        key_id: Some("k".into()),
        session_id: Some("s".into()),
    };
    let usage = Usage {
        cached_input_tokens: 5,
        reasoning_tokens: 7,
        estimated: true,
        ..Usage::new(u64::from(u32::MAX) + 1, 3)
    };
    let mut booked = vec![entry(spend("0.1"), "ann"), entry(spend("0.00000000000001"), "bob")];
    let queries = ["0123456789abcdef0123456789abcdef", "0123456789ABCDEF0123456789abcdef", "mine"];
    for (number, query) in queries.into_iter().enumerate() {
        booked.push(LedgerEntry {
            at: Duration::new(1_700_000_000 + number as u64, 123_456_789),
            scope: Arc::new(scope.clone()),
            query_id: Some(query.into()),
            role: Some(AttemptRole::Draft),
            usage,
            requests: number as u64,
            tokens: 99,
            metadata: json!({"tag": [1, null]}).as_object().unwrap().clone(),
            ..entry(spend("0.2"), "ann")
        });
    }
    for entry in &booked {
        store.commit(None, &[], entry.clone());
    }
    for (number, entry) in booked.iter_mut().enumerate() {
        entry.id = number as u64 + 1;
    }
    let read = |filter: EntryFilter| wait_for(store.entries(&filter)).unwrap();
    assert_eq!(read(EntryFilter::default()), booked);
    let ids = |filter: EntryFilter| read(filter).iter().map(|entry| entry.id).collect::<Vec<_>>();
    let all = EntryFilter::default;
    assert_eq!(ids(EntryFilter { limit: Some(2), ..all() }), [1, 2]);
    assert_eq!(ids(EntryFilter { limit: Some(2), newest: true, ..all() }), [4, 5]);
    assert_eq!(ids(EntryFilter { after: Some(2), limit: Some(2), ..all() }), [3, 4]);
    let ann = || EntryFilter { user_id: Some("ann".into()), ..all() };
    assert_eq!(ids(ann()), [1, 3, 4, 5]);
    assert_eq!(ids(EntryFilter { limit: Some(2), newest: true, ..ann() }), [4, 5]);
    assert_eq!(ids(EntryFilter { limit: Some(2), ..ann() }), [1, 3]);
    assert_eq!(ids(EntryFilter { tier: Some("pro".into()), ..all() }), [3, 4, 5]);
    let second = Duration::from_secs(1_700_000_001);
    assert_eq!(ids(EntryFilter { from: Some(second), ..ann() }), [4, 5]);
    assert_eq!(ids(EntryFilter { until: Some(second), ..all() }), [1, 2, 3]);
    assert_eq!(ids(EntryFilter { model: Some("other".into()), ..all() }), [0_u64; 0]);
    assert_eq!(ids(EntryFilter { user_id: Some("nobody".into()), ..all() }), [0_u64; 0]);
    wait_for(store.reset()).unwrap();
    assert_eq!(read(EntryFilter::default()), []);
    store.commit(None, &[], entry(spend("0.1"), "ann"));
    assert_eq!(ids(ann()), [6], "ids are never used again");
}
