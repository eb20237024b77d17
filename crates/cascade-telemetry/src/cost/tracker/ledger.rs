//! The tracker as the ledger of an agent.

use std::sync::Arc;

use cascade_core::ports::{
    Admission, BoxFuture, Charge, Held, Hold, Ledger, LedgerEntry, LimitedAccount, Reservation,
    SpendRequest,
};
use cascade_core::{Balance, BudgetScope, BudgetStatus, Measure, Result, Spend};

use super::standing::{status_of, statuses};
use super::warning::BudgetWarning;
use super::{CostTracker, refusal};
use crate::budget::{EnforcementMode, Moment};

impl CostTracker {
    async fn admit(&self, request: SpendRequest<'_>) -> Result<Admission> {
        loop {
            let moment = self.moment();
            let admission = self.admit_at(&moment, request).await?;
            let Admission::Granted { reservation, .. } = &admission else { return Ok(admission) };
            if !self.windows().have_turned(&moment) {
                return Ok(admission);
            }
            // Others may have been in the next window already, and the store have forgotten what
            // was spent in this one: what was granted here may be more than there was.
            let now = self.moment().time;
            let over = |limited: &LimitedAccount| {
                limited.account.ends_at.is_some_and(|ends_at| ends_at <= now)
            };
            if !reservation.accounts.iter().any(over) {
                return Ok(admission);
            }
            self.release(reservation.clone());
        }
    }

    async fn admit_at(&self, moment: &Moment, request: SpendRequest<'_>) -> Result<Admission> {
        let accounts = self.limits().accounts(request.scope, &moment.spans, None);
        let amount = request.worst_case;
        if accounts.is_empty() {
            let reservation = Reservation { id: 0, amount, accounts };
            return Ok(Admission::Granted { reservation, warnings: Vec::new() });
        }
        let now = self.windows().steady();
        let hold = Hold {
            accounts: Arc::clone(&accounts),
            amount,
            now,
            expires_at: now.saturating_add(self.reservation_time()),
        };
        let held = self.store().hold(hold).await?;
        let can_degrade =
            self.policy().enforcement_mode == EnforcementMode::Degrade && !request.degraded;
        match held {
            Held::Refused { balances } => {
                let Some(status) = refusal::refusing(&accounts, &balances, &amount) else {
                    return Err(contradiction());
                };
                // A cheaper model still makes a request.
                if can_degrade && status.measure != Measure::Requests {
                    return Ok(Admission::Degrade { reason: refusal::words(&status, &amount) });
                }
                Err(refusal::error(status, &amount, moment.time))
            }
            Held::Granted { id, balances } => {
                if can_degrade && let Some(reason) = self.reached(&accounts, &balances, &amount) {
                    self.store().release(id);
                    return Ok(Admission::Degrade { reason });
                }
                let tier = request.scope.tier.as_deref();
                let warnings = self.warn(&accounts, &balances, tier);
                let warnings = warnings.into_iter().map(|warning| warning.message).collect();
                let reservation = Reservation { id, amount, accounts };
                Ok(Admission::Granted { reservation, warnings })
            }
        }
    }

    /// Why a run that costs something is degraded: a budget that is used and set aside, without
    /// this run, up to the threshold.
    fn reached(
        &self,
        accounts: &[LimitedAccount],
        balances: &[Balance],
        amount: &Spend,
    ) -> Option<String> {
        if amount.cost.is_zero() {
            return None;
        }
        let share = self.ceilings().degrade;
        accounts.iter().zip(balances).find_map(|(limited, balance)| {
            let limit = limited.nominal.cost?.decimal();
            let used = (balance.total().cost - amount.cost).decimal();
            (used >= limit.saturating_mul(share)).then(|| {
                let before = balance.reserved.minus(*amount);
                let before = Balance { reserved: before, ..*balance };
                refusal::degraded(&status_of(limited, &before, Measure::Cost), share)
            })
        })
    }

    async fn tightest(&self, scope: &BudgetScope) -> Result<Option<BudgetStatus>> {
        let moment = self.moment();
        let accounts = self.limits().accounts(scope, &moment.spans, None);
        if accounts.is_empty() {
            return Ok(None);
        }
        let balances = self.store().balances(&accounts).await?;
        let tightest = |left: &BudgetStatus, right: &BudgetStatus| {
            left.used_share().total_cmp(&right.used_share())
        };
        Ok(statuses(&accounts, &balances).max_by(tightest))
    }

    pub(super) fn book(
        &self,
        hold: Option<u64>,
        accounts: &[LimitedAccount],
        entry: LedgerEntry,
    ) -> Vec<BudgetWarning> {
        let scope = Arc::clone(&entry.scope);
        let balances = self.store().commit(hold, accounts, entry);
        match balances {
            Some(balances) => self.warn(accounts, &balances, scope.tier.as_deref()),
            None => Vec::new(),
        }
    }

    /// The present, for callers that decide by it.
    pub(super) fn moment(&self) -> Moment {
        self.windows().now()
    }
}

/// Of a store that refuses what no limit does.
fn contradiction() -> cascade_core::Error {
    cascade_core::Error::new(
        cascade_core::ErrorKind::Internal,
        "the budget store refused an amount that every limit has room for",
    )
}

impl Ledger for CostTracker {
    fn status<'a>(&'a self, scope: &'a BudgetScope) -> BoxFuture<'a, Result<Option<BudgetStatus>>> {
        Box::pin(self.tightest(scope))
    }

    fn reserve<'a>(&'a self, request: SpendRequest<'a>) -> BoxFuture<'a, Result<Admission>> {
        Box::pin(self.admit(request))
    }

    fn commit(&self, reservation: &Reservation, charge: Charge<'_>) -> Vec<String> {
        let attempt = charge.attempt;
        let entry = LedgerEntry {
            id: 0,
            at: self.windows().wall_clock(),
            scope: self.with_tier(charge.scope),
            query_id: Some(charge.run.to_string().into()),
            model: Arc::clone(&attempt.model),
            provider: Arc::clone(&attempt.provider),
            role: Some(attempt.role),
            requests: charge.requests,
            usage: attempt.usage,
            tokens: attempt.usage.total_tokens(),
            cost: attempt.cost,
            priced: attempt.priced,
            metadata: charge.metadata.clone(),
        };
        let hold = (reservation.id != 0).then_some(reservation.id);
        let warnings = self.book(hold, &reservation.accounts, entry);
        warnings.into_iter().map(|warning| warning.message).collect()
    }

    fn release(&self, reservation: Reservation) {
        if reservation.id != 0 {
            self.store().release(reservation.id);
        }
    }

    fn settled(&self) -> BoxFuture<'_, Result<()>> {
        self.store().flush()
    }
}
