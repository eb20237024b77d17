//! What both tests need of a ledger.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{Hold, LedgerEntry, LimitedAccount};
use cascade_core::{
    Account, BudgetOwner, BudgetScope, BudgetWindow, Limit, OwnerKind, Priced, Spend, Usage, Usd,
};
use serde_json::Map;

pub(crate) const NOW: Duration = Duration::from_secs(1_795_219_205);

pub(crate) fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

/// Everything together, limited to `cost`.
pub(crate) fn global(cost: Option<&str>) -> [LimitedAccount; 1] {
    [LimitedAccount {
        account: Account {
            owner: BudgetOwner { kind: OwnerKind::Global, id: "".into() },
            window: BudgetWindow::Lifetime,
            starts_at: Duration::ZERO,
            ends_at: None,
        },
        limit: Limit { cost: cost.map(usd), ..Limit::NONE },
        nominal: Limit::NONE,
    }]
}

pub(crate) fn hold(accounts: &[LimitedAccount], cost: &str) -> Hold {
    Hold {
        accounts: accounts.into(),
        amount: Spend { cost: usd(cost), requests: 1, tokens: 100 },
        now: NOW,
        expires_at: NOW + Duration::from_mins(10),
    }
}

pub(crate) fn entry(cost: &str) -> LedgerEntry {
    LedgerEntry {
        id: 0,
        at: NOW,
        scope: Arc::new(BudgetScope::default()),
        query_id: None,
        model: "gpt-4o-mini".into(),
        provider: "openai".into(),
        role: None,
        requests: 1,
        usage: Usage::new(50, 0),
        tokens: 50,
        cost: usd(cost),
        priced: Priced::Catalogue,
        metadata: Map::new(),
    }
}

/// This program with other arguments.
pub(crate) fn start(arguments: &[&str]) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}
