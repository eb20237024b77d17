//! The laws of a budget store, for any store: money is conserved under any interleaving of reserve,
//! commit, release, expire and crash, and what is settled stays within the limits.

use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{
    BudgetStore, EntryFilter, Held, Hold, LedgerEntry, LimitedAccount, TotalsBy,
};
use cascade_core::{
    Account, Balance, BudgetOwner, BudgetScope, BudgetWindow, Limit, OwnerKind, Priced, Spend,
    Usage, Usd,
};
use cascade_telemetry::wait_for;
use proptest::prelude::*;
use rust_decimal::Decimal;

/// What happens to a store.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    /// Asks for an amount in the accounts whose bit is set; it expires after some seconds.
    Reserve { accounts: u8, amount: Spend, seconds: u64 },
    /// Commits so many tenths of what is left of a reservation, of those open before or now.
    Commit { which: usize, tenths: u64 },
    /// Commits an amount without a reservation.
    Book { accounts: u8, amount: Spend },
    /// Releases a reservation; one that ended already is left alone.
    Release { which: usize },
    /// All who hold reservations are gone: nobody commits or releases what they held.
    Crash,
    /// Lets time pass and gives back what expired.
    Expire { seconds: u64 },
}

fn spend() -> impl Strategy<Value = Spend> {
    let part = || prop_oneof![1 => Just(0_u64), 4 => 1..2_000_u64];
    (part(), 0..3_u64, part()).prop_map(|(tenth_cents, requests, tokens)| Spend {
        cost: Usd::from_decimal(Decimal::new(tenth_cents.cast_signed(), 3)),
        requests,
        tokens,
    })
}

/// Any sequence of operations.
pub(crate) fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let operation = prop_oneof![
        6 => (1..16_u8, spend(), 1..60_u64)
            .prop_map(|(accounts, amount, seconds)| Operation::Reserve { accounts, amount, seconds }),
        5 => (0..8_usize, 0..=10_u64)
            .prop_map(|(which, tenths)| Operation::Commit { which, tenths }),
        1 => (0..16_u8, spend()).prop_map(|(accounts, amount)| Operation::Book { accounts, amount }),
        3 => (0..8_usize).prop_map(|which| Operation::Release { which }),
        1 => Just(Operation::Crash),
        2 => (0..40_u64).prop_map(|seconds| Operation::Expire { seconds }),
    ];
    proptest::collection::vec(operation, 1..60)
}

/// The accounts of the law: four owners, three windows, limits of each kind, one without any.
pub(crate) fn accounts() -> Vec<LimitedAccount> {
    let usd = |cents: i64| Some(Usd::from_decimal(Decimal::new(cents, 2)));
    let account = |kind, id: &str, window, limit| LimitedAccount {
        account: Account {
            owner: BudgetOwner { kind, id: id.into() },
            window,
            starts_at: Duration::ZERO,
            ends_at: (window != BudgetWindow::Lifetime).then_some(Duration::from_hours(24)),
        },
        limit,
        nominal: limit,
    };
    vec![
        account(
            OwnerKind::Global,
            "",
            BudgetWindow::Lifetime,
            Limit { cost: usd(500), ..Limit::NONE },
        ),
        account(
            OwnerKind::User,
            "ann",
            BudgetWindow::Day,
            Limit { cost: usd(200), requests: Some(7), tokens: None },
        ),
        account(
            OwnerKind::Key,
            "k1",
            BudgetWindow::Hour,
            Limit { tokens: Some(3_000), ..Limit::NONE },
        ),
        account(OwnerKind::Session, "s1", BudgetWindow::Lifetime, Limit::NONE),
    ]
}

fn chosen(bits: u8) -> Arc<[LimitedAccount]> {
    let all = accounts().into_iter().enumerate();
    all.filter(|(at, _)| bits & (1 << at) != 0).map(|(_, account)| account).collect()
}

pub(crate) fn entry(spend: Spend, user: &str) -> LedgerEntry {
    LedgerEntry {
        id: 0,
        at: Duration::from_secs(1),
        scope: Arc::new(BudgetScope { user_id: Some(user.to_owned()), ..BudgetScope::default() }),
        query_id: None,
        model: "m".into(),
        provider: "p".into(),
        role: None,
        requests: spend.requests,
        usage: Usage::new(spend.tokens, 0),
        tokens: spend.tokens,
        cost: spend.cost,
        priced: Priced::Reported,
        metadata: serde_json::Map::new(),
    }
}

/// One reservation as the law knows it.
struct Reserved {
    id: u64,
    bits: u8,
    left: Spend,
    expires_at: Duration,
    open: bool,
}

/// What the accounts must hold.
#[derive(Default)]
struct Model {
    balances: [Balance; 4],
    reserved: Vec<Reserved>,
    /// Reservations that nobody holds any more: the first ones.
    gone: usize,
    /// What was booked without a reservation, which no limit holds back.
    unreserved: [Spend; 4],
    all: (u64, Spend),
}

impl Model {
    fn end(&mut self, at: usize) {
        let (bits, left) = (self.reserved[at].bits, self.reserved[at].left);
        self.reserved[at].open = false;
        self.each(bits, |balance| balance.reserved = balance.reserved.minus(left));
    }

    fn each(&mut self, bits: u8, mut change: impl FnMut(&mut Balance)) {
        for (at, balance) in self.balances.iter_mut().enumerate() {
            if bits & (1 << at) != 0 {
                change(balance);
            }
        }
    }

    fn book(&mut self, bits: u8, amount: Spend) {
        self.each(bits, |balance| balance.committed = balance.committed.plus(amount));
        self.all = (self.all.0 + 1, self.all.1.plus(amount));
    }
}

fn tenth(amount: Spend, tenths: u64) -> Spend {
    Spend {
        cost: Usd::from_decimal(amount.cost.decimal() * Decimal::from(tenths) / Decimal::TEN),
        requests: amount.requests * tenths / 10,
        tokens: amount.tokens * tenths / 10,
    }
}

/// Runs `operations` on an empty store and checks the laws after each of them.
pub(crate) fn holds_under(store: &dyn BudgetStore, operations: &[Operation]) {
    let all: Arc<[LimitedAccount]> = accounts().into();
    let (mut model, mut now) = (Model::default(), Duration::from_secs(1_000));
    for operation in operations {
        match operation {
            Operation::Reserve { accounts, amount, seconds } => {
                let asked = chosen(*accounts);
                let fits = (0..4)
                    .filter(|at| accounts & (1 << at) != 0)
                    .all(|at| all[at].limit.refuses(&model.balances[at], amount).is_none());
                let expires_at = now + Duration::from_secs(*seconds);
                let hold = Hold { accounts: Arc::clone(&asked), amount: *amount, now, expires_at };
                match wait_for(store.hold(hold)).unwrap() {
                    Held::Granted { id, balances } => {
                        assert!(fits, "granted what does not fit: {operation:?}");
                        assert_ne!(id, 0);
                        assert!(model.reserved.iter().all(|known| known.id != id), "ids are new");
                        model.each(*accounts, |b| b.reserved = b.reserved.plus(*amount));
                        let open = true;
                        let (bits, left) = (*accounts, *amount);
                        model.reserved.push(Reserved { id, bits, left, expires_at, open });
                        assert_eq!(balances, expected(&model, *accounts));
                    }
                    Held::Refused { balances } => {
                        assert!(!fits, "refused what fits: {operation:?}");
                        assert_eq!(balances, expected(&model, *accounts));
                    }
                }
            }
            Operation::Commit { which, tenths } => {
                let Some(at) = pick(&model, *which) else { continue };
                let (id, bits) = (model.reserved[at].id, model.reserved[at].bits);
                let amount = tenth(model.reserved[at].left, *tenths);
                let told = store.commit(Some(id), &chosen(bits), entry(amount, "ann"));
                if model.reserved[at].open {
                    model.each(bits, |b| b.reserved = b.reserved.minus(amount));
                    model.reserved[at].left = model.reserved[at].left.minus(amount);
                } else {
                    add_unreserved(&mut model, bits, amount);
                }
                model.book(bits, amount);
                assert!(told.is_none_or(|told| told == expected(&model, bits)));
            }
            Operation::Book { accounts, amount } => {
                let told = store.commit(None, &chosen(*accounts), entry(*amount, "bob"));
                add_unreserved(&mut model, *accounts, *amount);
                model.book(*accounts, *amount);
                assert!(told.is_none_or(|told| told == expected(&model, *accounts)));
            }
            Operation::Release { which } => {
                let Some(at) = pick(&model, *which) else { continue };
                store.release(model.reserved[at].id);
                if model.reserved[at].open {
                    model.end(at);
                }
            }
            Operation::Crash => {
                // The reservation is left to expire: whoever held it is not heard of again.
                model.gone = model.reserved.len();
            }
            Operation::Expire { seconds } => {
                now += Duration::from_secs(*seconds);
                let over = |known: &Reserved| known.open && known.expires_at <= now;
                let due: Vec<usize> =
                    (0..model.reserved.len()).filter(|at| over(&model.reserved[*at])).collect();
                assert_eq!(wait_for(store.expire(now)).unwrap(), due.len() as u64);
                for at in due {
                    model.end(at);
                }
            }
        }
        check(store, &all, &model);
    }
    let end = now + Duration::from_hours(1);
    wait_for(store.expire(end)).unwrap();
    for balance in wait_for(store.balances(&all)).unwrap() {
        assert_eq!(balance.reserved, Spend::ZERO, "no reservation stays for ever");
    }
}

/// The reservation that an operation means: counted from the newest, closed ones among them.
fn pick(model: &Model, which: usize) -> Option<usize> {
    model.reserved.len().checked_sub(1 + which).filter(|at| *at >= model.gone)
}

fn add_unreserved(model: &mut Model, bits: u8, amount: Spend) {
    for (at, sum) in model.unreserved.iter_mut().enumerate() {
        if bits & (1 << at) != 0 {
            *sum = sum.plus(amount);
        }
    }
}

fn expected(model: &Model, bits: u8) -> Vec<Balance> {
    (0..4).filter(|at| bits & (1 << at) != 0).map(|at| model.balances[at]).collect()
}

fn check(store: &dyn BudgetStore, all: &Arc<[LimitedAccount]>, model: &Model) {
    let balances = wait_for(store.balances(all)).unwrap();
    assert_eq!(balances, model.balances);
    if let Some(now) = store.balances_now(all) {
        assert_eq!(now, balances);
    }
    for ((balance, limited), beyond) in balances.iter().zip(&**all).zip(&model.unreserved) {
        assert!(!balance.committed.cost.is_negative() && !balance.reserved.cost.is_negative());
        let within = balance.committed.minus(*beyond);
        assert!(limited.limit.cost.is_none_or(|limit| within.cost <= limit));
        assert!(limited.limit.requests.is_none_or(|limit| within.requests <= limit));
        assert!(limited.limit.tokens.is_none_or(|limit| within.tokens <= limit));
    }
    let booked = wait_for(store.totals(TotalsBy::All)).unwrap();
    let booked = booked.first().map(|all| (all.entries, all.spend)).unwrap_or_default();
    assert_eq!(booked, model.all);
    let entries = wait_for(store.entries(&EntryFilter::default())).unwrap();
    let sum = entries.iter().map(LedgerEntry::spend).fold(Spend::ZERO, Spend::plus);
    assert_eq!((entries.len() as u64, sum), model.all, "the entries say what the sums say");
}
