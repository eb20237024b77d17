//! How the budgets of a ledger stand.

use std::io;
use std::path::Path;

use cascadeflow::ports::Clock;
use cascadeflow::telemetry::{
    BudgetPolicy, LiveLedger, WindowBalance, moment_text, read_live_ledger,
};
use cascadeflow::{AgentConfig, BudgetWindow, Error, OwnerKind, SystemClock, Usd};
use serde::Serialize;

use super::reading::apart;
use crate::failure::Failure;
use crate::terminal::{TableView, Terminal, percent, usd};

/// The limits that balances are compared with, where a configuration gives them.
pub(super) struct Limits(Option<BudgetPolicy>);

impl Limits {
    /// Those of the configuration at `path`; none without one.
    ///
    /// # Errors
    /// A config error when it cannot be read or has no budgets.
    pub(super) fn read(path: Option<&Path>) -> cascadeflow::Result<Self> {
        let Some(path) = path else { return Ok(Self(None)) };
        let config = AgentConfig::from_path(path)?;
        let policy = config.budgets.ok_or_else(|| {
            Error::config(
                "budgets",
                format!("the configuration `{}` has no budgets", path.display()),
                "give one with `budgets`, or leave `--config` out",
            )
        })?;
        policy.validate()?;
        Ok(Self(Some(policy)))
    }
}

/// How a ledger stands at one moment.
#[derive(Debug, Serialize)]
pub(super) struct Live {
    /// When it was looked at.
    pub(super) at: String,
    pub(super) entries: u64,
    pub(super) requests: u64,
    pub(super) tokens: u64,
    pub(super) cost: f64,
    pub(super) cost_usd: Usd,
    pub(super) budgets: Vec<Standing>,
}

/// How one owner stands in one window. A measure without a limit has none of its limit.
#[derive(Debug, Serialize)]
pub(super) struct Standing {
    owner_kind: OwnerKind,
    owner_id: String,
    window: BudgetWindow,
    used_usd: Usd,
    reserved_usd: Usd,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_usd: Option<Usd>,
    /// Left for new runs, zero at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining_usd: Option<Usd>,
    requests: u64,
    reserved_requests: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_requests: Option<u64>,
    tokens: u64,
    reserved_tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_tokens: Option<u64>,
    resets_at: Option<String>,
}

impl From<WindowBalance> for Standing {
    fn from(found: WindowBalance) -> Self {
        let WindowBalance { account, balance, limit } = found;
        let (used, reserved) = (balance.committed, balance.reserved);
        let limit = limit.unwrap_or(cascadeflow::Limit::NONE);
        let left = |most: Usd| {
            let left = most - used.cost - reserved.cost;
            if left.is_negative() { Usd::ZERO } else { left }
        };
        Self {
            owner_kind: account.owner.kind,
            owner_id: account.owner.id.to_string(),
            window: account.window,
            used_usd: used.cost,
            reserved_usd: reserved.cost,
            limit_usd: limit.cost,
            remaining_usd: limit.cost.map(left),
            requests: used.requests,
            reserved_requests: reserved.requests,
            limit_requests: limit.requests,
            tokens: used.tokens,
            reserved_tokens: reserved.tokens,
            limit_tokens: limit.tokens,
            resets_at: account.ends_at.map(moment_text),
        }
    }
}

/// Reads how the ledger stands now, of one person where one is named; `None` of an export.
pub(super) async fn read(
    file: &Path,
    limits: &Limits,
    user: Option<&str>,
) -> Result<Option<Live>, Failure> {
    let (file, policy) = (file.to_owned(), limits.0.clone());
    let user = user.map(str::to_owned);
    apart(move || {
        let now = SystemClock::default().since_epoch();
        let found = read_live_ledger(file, now, policy.as_ref())?;
        let Some(LiveLedger { entries, spend, balances }) = found else { return Ok(None) };
        let asked = |found: &WindowBalance| {
            let owner = &found.account.owner;
            user.as_deref().is_none_or(|user| owner.kind == OwnerKind::User && *owner.id == *user)
        };
        Ok(Some(Live {
            at: moment_text(now),
            entries,
            requests: spend.requests,
            tokens: spend.tokens,
            cost: spend.cost.to_f64(),
            cost_usd: spend.cost,
            budgets: balances.into_iter().filter(asked).map(Standing::from).collect(),
        }))
    })
    .await
}

/// Shows budgets as a table.
pub(super) fn show(budgets: &[Standing], terminal: &mut Terminal) -> io::Result<()> {
    let columns = [
        ("budget of", false),
        ("window", false),
        ("used", true),
        ("set aside", true),
        ("limit", true),
        ("share", true),
        ("requests", true),
        ("tokens", true),
        ("resets (UTC)", false),
    ];
    let mut table = TableView::new(terminal, &columns);
    for budget in budgets {
        let owner = match budget.owner_kind {
            OwnerKind::Global => "everything".to_owned(),
            kind => format!("{} {}", kind.as_str(), budget.owner_id),
        };
        let share = budget.limit_usd.filter(|limit| !limit.is_zero()).map(|limit| {
            percent((budget.used_usd + budget.reserved_usd).to_f64() / limit.to_f64())
        });
        let resets = budget.resets_at.as_deref().and_then(|at| at.get(..16));
        table.row([
            owner,
            budget.window.as_str().to_owned(),
            usd(budget.used_usd),
            usd(budget.reserved_usd),
            budget.limit_usd.map(usd).unwrap_or_default(),
            share.unwrap_or_default(),
            of_limit(budget.requests + budget.reserved_requests, budget.limit_requests),
            of_limit(budget.tokens + budget.reserved_tokens, budget.limit_tokens),
            resets.unwrap_or("never").replace('T', " "),
        ]);
    }
    terminal.line(&table.render())
}

/// A count, with what it may come to.
fn of_limit(count: u64, limit: Option<u64>) -> String {
    limit.map_or_else(|| count.to_string(), |limit| format!("{count} of {limit}"))
}
