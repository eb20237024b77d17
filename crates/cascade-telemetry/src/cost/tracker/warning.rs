use std::time::Duration;

use cascade_core::ports::LimitedAccount;
use cascade_core::{Balance, BudgetOwner, BudgetStatus, BudgetWindow, Measure, OwnerKind};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::standing::{MEASURES, measured, status_of};
use crate::budget::{Ceilings, EnforcementMode, limit_name};
use crate::quick_map::QuickMap;

/// Which threshold was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningLevel {
    /// The one from which there are warnings.
    Warn,
    /// The one from which the cheapest model answers.
    Degrade,
    /// The one that nothing may pass.
    UsedUp,
}

/// A threshold of a budget that was passed for the first time in its window.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BudgetWarning {
    /// Which threshold.
    pub level: WarningLevel,
    /// The threshold as a share of the limit.
    pub threshold: f64,
    /// How the budget stands.
    pub status: BudgetStatus,
    /// The user's tier, as the charge named it; `None` when it did not.
    pub tier: Option<String>,
    /// The warning in words.
    pub message: String,
}

/// Who is told of what only once: the highest threshold passed, by budget and window.
#[derive(Default)]
pub(super) struct Told {
    levels: QuickMap<(BudgetOwner, BudgetWindow, Measure), ToldOf>,
}

struct ToldOf {
    starts_at: Duration,
    ends_at: Option<Duration>,
    level: WarningLevel,
}

/// Budgets remembered before those of windows that are over are given up.
const PRUNE_AT: usize = 10_000;

impl Told {
    /// The level told of before in this window; remembers the new one.
    fn raise(
        &mut self,
        limited: &LimitedAccount,
        measure: Measure,
        level: WarningLevel,
    ) -> Option<WarningLevel> {
        let account = &limited.account;
        if self.levels.len() >= PRUNE_AT {
            let now = account.starts_at;
            self.levels.retain(|_, told| told.ends_at.is_none_or(|end| end > now));
        }
        let key = (account.owner.clone(), account.window, measure);
        let told = ToldOf { starts_at: account.starts_at, ends_at: account.ends_at, level };
        match self.levels.get_mut(&key) {
            Some(before) if before.starts_at == account.starts_at => {
                let earlier = before.level;
                before.level = earlier.max(level);
                Some(earlier)
            }
            // A run may end after its window did: what it is told of is the later one.
            Some(before) if before.starts_at > account.starts_at => Some(WarningLevel::UsedUp),
            Some(before) => {
                *before = told;
                None
            }
            None => {
                self.levels.insert(key, told);
                None
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.levels.clear();
    }
}

/// The highest threshold that `used` has reached.
fn level(
    used: Decimal,
    limit: Decimal,
    ceilings: &Ceilings,
    mode: EnforcementMode,
) -> Option<WarningLevel> {
    if used.is_zero() {
        return None;
    }
    let reached = |share: Decimal| used >= limit.saturating_mul(share);
    if !reached(ceilings.lowest) {
        return None;
    }
    if reached(ceilings.block) {
        Some(WarningLevel::UsedUp)
    } else if mode == EnforcementMode::Degrade && reached(ceilings.degrade) {
        Some(WarningLevel::Degrade)
    } else {
        reached(ceilings.warn).then_some(WarningLevel::Warn)
    }
}

/// Thresholds that what is committed has passed, and that nobody was told of yet.
pub(super) fn news(
    told: &parking_lot::Mutex<Told>,
    accounts: &[LimitedAccount],
    balances: &[Balance],
    ceilings: &Ceilings,
    mode: EnforcementMode,
    tier: Option<&str>,
) -> Vec<BudgetWarning> {
    let mut warnings = Vec::new();
    for (limited, balance) in accounts.iter().zip(balances) {
        for measure in MEASURES {
            let Some(limit) = measured(&limited.nominal, measure) else { continue };
            let used = measure.of(&balance.committed);
            let Some(reached) = level(used, limit, ceilings, mode) else { continue };
            let before = told.lock().raise(limited, measure, reached);
            let steps = [WarningLevel::Warn, WarningLevel::Degrade, WarningLevel::UsedUp];
            for step in steps {
                let skipped = step == WarningLevel::Degrade && mode != EnforcementMode::Degrade;
                if skipped || step > reached || before.is_some_and(|before| step <= before) {
                    continue;
                }
                let share = match step {
                    WarningLevel::Warn => ceilings.warn,
                    WarningLevel::Degrade => ceilings.degrade,
                    WarningLevel::UsedUp => ceilings.block,
                };
                let status = status_of(limited, balance, measure);
                warnings.push(BudgetWarning {
                    level: step,
                    threshold: cascade_core::Usd::from_decimal(share).to_f64(),
                    message: words(&status, share),
                    status,
                    tier: tier.map(ToOwned::to_owned),
                });
            }
        }
    }
    warnings
}

fn words(status: &BudgetStatus, share: Decimal) -> String {
    let percent = (share * Decimal::ONE_HUNDRED).normalize();
    format!(
        "{} has passed {percent} %: {} of {} {} used",
        name_of(&status.owner, status.window, status.measure),
        status.used.normalize(),
        status.limit.normalize(),
        status.measure.unit(),
    )
}

/// A budget in words: `daily of user ann`.
pub(super) fn name_of(owner: &BudgetOwner, window: BudgetWindow, measure: Measure) -> String {
    let limit = limit_name(window, measure);
    match owner.kind {
        OwnerKind::Global => format!("`{limit}` of everything together"),
        kind => format!("`{limit}` of {} `{}`", kind.as_str(), owner.id),
    }
}
