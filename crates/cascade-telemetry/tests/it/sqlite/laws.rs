//! Money is conserved under any interleaving, against books kept by hand.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use cascade_core::ports::{BudgetStore, Held, LimitedAccount, TotalsBy};
use cascade_core::{Balance, Spend, Usd};
use cascade_telemetry::{Durability, SqliteOptions, SqliteStore};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::budget_law;

use super::support::{NOW, account, entry, folder, hold, usd, wait};

#[derive(Debug, Clone)]
enum Step {
    Hold { store: usize, accounts: Vec<usize>, micro_usd: u64, tokens: u64, seconds: u64 },
    Commit { hold: Index, micro_usd: u64, tokens: u64 },
    CommitDirectly { store: usize, account: usize, micro_usd: u64 },
    Release { hold: Index },
    Expire { seconds: u64 },
    Reopen { store: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let accounts = prop::sample::subsequence(vec![0, 1, 2], 1..=3);
    let step = prop_oneof![
        4 => (0..2_usize, accounts, 0..400_000_u64, 0..500_u64, 1..50_u64).prop_map(
            |(store, accounts, micro_usd, tokens, seconds)| Step::Hold {
                store, accounts, micro_usd, tokens, seconds
            }
        ),
        4 => (any::<Index>(), 0..500_000_u64, 0..600_u64)
            .prop_map(|(hold, micro_usd, tokens)| Step::Commit { hold, micro_usd, tokens }),
        1 => (0..2_usize, 0..3_usize, 0..100_000_u64).prop_map(
            |(store, account, micro_usd)| Step::CommitDirectly { store, account, micro_usd }
        ),
        3 => any::<Index>().prop_map(|hold| Step::Release { hold }),
        1 => (0..60_u64).prop_map(|seconds| Step::Expire { seconds }),
        1 => (0..2_usize).prop_map(|store| Step::Reopen { store }),
    ];
    prop::collection::vec(step, 1..60)
}

/// A reservation in the books.
#[derive(Debug, Clone)]
struct Kept {
    store: usize,
    accounts: Vec<usize>,
    left: Spend,
    expires: u64,
    open: bool,
}

/// Books kept the plain way.
#[derive(Default)]
struct Books {
    committed: [Spend; 3],
    holds: BTreeMap<u64, Kept>,
    entries: u64,
    total: Spend,
}

impl Books {
    fn balance(&self, account: usize) -> Balance {
        let reserved = self
            .holds
            .values()
            .filter(|held| held.open && held.accounts.contains(&account))
            .fold(Spend::ZERO, |sum, held| sum.plus(held.left));
        Balance { committed: self.committed[account], reserved }
    }

    fn book(&mut self, accounts: &[usize], spent: Spend) {
        for account in accounts {
            self.committed[*account] = self.committed[*account].plus(spent);
        }
        self.entries += 1;
        self.total = self.total.plus(spent);
    }
}

fn micro(amount: u64) -> Usd {
    usd(&format!("{amount}e-6"))
}

fn limited() -> [LimitedAccount; 3] {
    [account("ann", Some("1")), account("ben", Some("0.5")), account("cat", None)]
}

fn chosen(all: &[LimitedAccount; 3], which: &[usize]) -> Vec<LimitedAccount> {
    which.iter().map(|index| all[*index].clone()).collect()
}

fn reopened(path: &PathBuf) -> SqliteStore {
    let options = SqliteOptions { durability: Durability::Process, ..SqliteOptions::default() };
    SqliteStore::open_with(path, options).unwrap()
}

fn follow(steps: Vec<Step>) {
    let (_folder, path) = folder();
    let mut stores = [Some(reopened(&path)), Some(reopened(&path))];
    let all = limited();
    let mut books = Books::default();
    for step in steps {
        let store = |index: usize| stores[index].as_ref().unwrap();
        match step {
            Step::Hold { store: by, accounts, micro_usd, tokens, seconds } => {
                let amount = Spend { cost: micro(micro_usd), requests: 1, tokens };
                let mut asked = hold(&chosen(&all, &accounts), amount);
                asked.expires_at = NOW + Duration::from_secs(seconds);
                let refused = accounts.iter().any(|account| {
                    all[*account].limit.refuses(&books.balance(*account), &amount).is_some()
                });
                match wait(store(by).hold(asked)).unwrap() {
                    Held::Refused { balances } => {
                        assert!(refused);
                        let kept = accounts.iter().map(|account| books.balance(*account));
                        assert!(balances.into_iter().eq(kept));
                    }
                    Held::Granted { id, balances } => {
                        assert!(!refused);
                        let held = Kept {
                            store: by,
                            accounts: accounts.clone(),
                            left: amount,
                            expires: seconds,
                            open: true,
                        };
                        assert!(books.holds.insert(id, held).is_none(), "an id came twice");
                        let kept = accounts.iter().map(|account| books.balance(*account));
                        assert!(balances.into_iter().eq(kept));
                    }
                }
            }
            Step::Commit { hold, micro_usd, tokens } => {
                if books.holds.is_empty() {
                    continue;
                }
                let id = *hold.get(&books.holds.keys().copied().collect::<Vec<_>>());
                let held = books.holds.get_mut(&id).unwrap();
                let spent = Spend { cost: micro(micro_usd), requests: 0, tokens };
                let accounts = held.accounts.clone();
                store(held.store).commit(Some(id), &chosen(&all, &accounts), entry("ann", spent));
                if held.open {
                    held.left = held.left.minus(spent);
                }
                let by = held.store;
                books.book(&accounts, spent);
                wait(store(by).flush()).unwrap();
            }
            Step::CommitDirectly { store: by, account, micro_usd } => {
                let spent = Spend { cost: micro(micro_usd), requests: 1, tokens: 1 };
                store(by).commit(None, &chosen(&all, &[account]), entry("ann", spent));
                books.book(&[account], spent);
                wait(store(by).flush()).unwrap();
            }
            Step::Release { hold } => {
                if books.holds.is_empty() {
                    continue;
                }
                let id = *hold.get(&books.holds.keys().copied().collect::<Vec<_>>());
                let held = books.holds.get_mut(&id).unwrap();
                store(held.store).release(id);
                held.open = false;
                wait(store(held.store).flush()).unwrap();
            }
            Step::Expire { seconds } => {
                let mut expected = 0;
                for held in books.holds.values_mut().filter(|held| held.open && held.store == 0) {
                    if held.expires <= seconds {
                        held.open = false;
                        expected += 1;
                    }
                }
                let now = NOW + Duration::from_secs(seconds);
                assert_eq!(wait(store(0).expire(now)).unwrap(), expected);
            }
            Step::Reopen { store: by } => {
                stores[by] = None;
                stores[by] = Some(reopened(&path));
                for held in books.holds.values_mut().filter(|held| held.store == by) {
                    held.open = false;
                }
            }
        }
        for store in stores.iter().flatten() {
            let balances = wait(store.balances(&all)).unwrap();
            assert_eq!(balances, [0, 1, 2].map(|account| books.balance(account)));
        }
    }
    let sums = wait(stores[1].as_ref().unwrap().totals(TotalsBy::All)).unwrap();
    assert_eq!((sums[0].entries, sums[0].spend), (books.entries, books.total));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn money_is_conserved(steps in steps()) {
        follow(steps);
    }

    #[test]
    fn the_laws_of_every_store_hold(operations in budget_law::operations()) {
        let (_folder, path) = folder();
        budget_law::holds_under(&reopened(&path), &operations);
    }
}
