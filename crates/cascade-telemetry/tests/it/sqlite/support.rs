//! What the tests of the ledger file have in common.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{BudgetStore, Held, Hold, LedgerEntry, LimitedAccount};
use cascade_core::{
    Account, Balance, BudgetOwner, BudgetScope, BudgetWindow, Limit, OwnerKind, Priced, Spend,
    Usage, Usd,
};
use cascade_telemetry::SqliteStore;
use serde_json::Map;
use tempfile::TempDir;

pub(crate) const NOW: Duration = Duration::from_secs(1_795_219_205);

/// A folder that goes with the test, and a ledger's path in it.
pub(crate) fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    (folder, path)
}

pub(crate) fn open(path: &PathBuf) -> SqliteStore {
    SqliteStore::open(path).unwrap()
}

/// Waits for `future` on this thread.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

pub(crate) fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

pub(crate) fn spend(cost: &str, requests: u64, tokens: u64) -> Spend {
    Spend { cost: usd(cost), requests, tokens }
}

/// The lifetime of a person, limited to `cost`.
pub(crate) fn account(user: &str, cost: Option<&str>) -> LimitedAccount {
    LimitedAccount {
        account: Account {
            owner: BudgetOwner { kind: OwnerKind::User, id: user.into() },
            window: BudgetWindow::Lifetime,
            starts_at: Duration::ZERO,
            ends_at: None,
        },
        limit: Limit { cost: cost.map(usd), ..Limit::NONE },
        nominal: Limit::NONE,
    }
}

pub(crate) fn hold(accounts: &[LimitedAccount], amount: Spend) -> Hold {
    Hold { accounts: accounts.into(), amount, now: NOW, expires_at: NOW + Duration::from_mins(10) }
}

/// The id of a hold that must be granted.
pub(crate) fn granted(held: Held) -> u64 {
    match held {
        Held::Granted { id, .. } => id,
        Held::Refused { balances } => panic!("refused at {balances:?}"),
    }
}

pub(crate) fn entry(user: &str, amount: Spend) -> LedgerEntry {
    LedgerEntry {
        id: 0,
        at: NOW,
        scope: Arc::new(BudgetScope {
            user_id: Some(user.to_owned()),
            tier: Some("pro".to_owned()),
            ..BudgetScope::default()
        }),
        query_id: Some("query".into()),
        model: "gpt-4o-mini".into(),
        provider: "openai".into(),
        role: None,
        requests: amount.requests,
        usage: Usage::new(amount.tokens, 0),
        tokens: amount.tokens,
        cost: amount.cost,
        priced: Priced::Catalogue,
        metadata: Map::new(),
    }
}

pub(crate) fn balance(store: &dyn BudgetStore, account: &LimitedAccount) -> Balance {
    wait(store.balances(std::slice::from_ref(account))).unwrap()[0]
}
