//! What was spent, by whom, and whether more may be.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};

use cascadeflow::chat_json::Fields;
use cascadeflow::ports::{EntryFilter, LedgerEntry, TotalsBy};
use cascadeflow::telemetry::{
    self, Affordability, BudgetPolicy, CostRecord, EnforcementChain, ExportContext, ExportFormat,
    SpendHistory, export_entries, import_entries,
};
use cascadeflow::{AttemptRole, BudgetScope, Error, ErrorKind, Result, Usage, read_value};
use napi::Env;
use napi::bindgen_prelude::Function;
use napi_derive::napi;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::NativeEnforcementChain;
use super::text::{milliseconds, moment, not_negative, number, read, span, write};
use crate::callbacks::{JsQueue, JsQueues};
use crate::clock::{NativeClock, clock_of};
use crate::error::to_js;
use crate::runtime::{Settled, settle};

/// Keeps what was spent, and decides by its budgets whether more may be.
#[napi]
pub struct NativeCostTracker {
    tracker: telemetry::CostTracker,
    chain: Option<Arc<EnforcementChain>>,
    queues: JsQueues,
}

impl NativeCostTracker {
    /// A tracker that is there already, without callbacks of its own.
    pub(crate) fn of(tracker: telemetry::CostTracker) -> Self {
        Self { tracker, chain: None, queues: JsQueues::default() }
    }

    /// The tracker itself.
    pub(crate) fn tracker(&self) -> telemetry::CostTracker {
        self.tracker.clone()
    }

    /// The callbacks that decide with it.
    pub(crate) fn chain(&self) -> Option<Arc<EnforcementChain>> {
        self.chain.clone()
    }

    /// What must have been heard before a run's end.
    pub(crate) fn queues(&self) -> JsQueues {
        self.queues.clone()
    }

    fn make(
        policy: &str,
        path: Option<String>,
        clock: Option<&NativeClock>,
    ) -> Result<telemetry::CostTracker> {
        let policy: BudgetPolicy = read("policy", policy)?;
        let path = path.or(policy.path);
        telemetry::CostTracker::open(BudgetPolicy { path, ..policy }, clock_of(clock))
    }

    fn book(&self, entry: &str) -> Result<()> {
        let mut fields = Fields::parse("entry", entry)?;
        let record = CostRecord {
            model: fields.take_or_default("model")?,
            provider: fields.take_or_default("provider")?,
            tokens: fields.take_or_default("tokens")?,
            cost: fields.take("cost")?.ok_or_else(|| {
                Error::validation("cost", "there is no cost", "give USD, 0 of what was free")
            })?,
            query_id: fields.take("query_id")?,
            at: fields.take("timestamp")?.map(|at| moment("timestamp", at)).transpose()?,
            usage: fields.take::<Usage>("usage")?,
            requests: fields.take("requests")?,
            metadata: fields.take_or_default("metadata")?,
            scope: scope(&mut fields)?,
        };
        fields.finish()?;
        let warnings = self.tracker.add_cost(record)?;
        if let Some(chain) = &self.chain {
            for warning in &warnings {
                chain.warn(warning);
            }
        }
        Ok(())
    }

    fn found(&self, filter: &str) -> Result<String> {
        let mut fields = Fields::parse("filter", filter)?;
        let mut time = |field: &str| -> Result<_> {
            fields.take(field)?.map(|at| moment(field, at)).transpose()
        };
        let (from, until) = (time("since")?, time("until")?);
        let filter = EntryFilter {
            user_id: fields.take("user_id")?,
            tier: fields.take("user_tier")?,
            model: fields.take("model")?,
            provider: fields.take("provider")?,
            from,
            until,
            after: fields.take("after")?,
            limit: fields.take("limit")?,
            newest: fields.take_or_default("newest")?,
        };
        fields.finish()?;
        let entries = self.tracker.entries(&filter)?;
        write(&entries.iter().map(EntryView::from).collect::<Vec<_>>())
    }

    fn totals(&self, by: &str) -> Result<String> {
        let by = match by {
            "model" => TotalsBy::Model,
            "provider" => TotalsBy::Provider,
            "user" => TotalsBy::User,
            _ => TotalsBy::All,
        };
        let totals = self.tracker.totals(by)?;
        let totals = totals.iter().map(|total| (&*total.name, total.spend.cost.to_f64()));
        write(&totals.collect::<BTreeMap<_, _>>())
    }
}

/// Whose budgets are meant.
fn scope(fields: &mut Fields) -> Result<BudgetScope> {
    Ok(BudgetScope {
        user_id: fields.take("user_id")?,
        tenant_id: fields.take("tenant_id")?,
        tier: fields.take("user_tier")?,
        key_id: fields.take("key_id")?,
        session_id: fields.take("session_id")?,
    })
}

fn read_scope(text: &str) -> Result<BudgetScope> {
    let mut fields = Fields::parse("scope", text)?;
    let scope = scope(&mut fields)?;
    fields.finish()?;
    Ok(scope)
}

/// One spending as JavaScript sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EntryView<'a> {
    id: u64,
    timestamp: f64,
    model: &'a str,
    provider: &'a str,
    tokens: u64,
    cost: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_id: Option<&'a str>,
    metadata: &'a Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_tier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
}

impl<'a> From<&'a LedgerEntry> for EntryView<'a> {
    fn from(entry: &'a LedgerEntry) -> Self {
        let scope = &entry.scope;
        Self {
            id: entry.id,
            timestamp: milliseconds(entry.at),
            model: &entry.model,
            provider: &entry.provider,
            tokens: entry.tokens,
            cost: entry.cost.to_f64(),
            query_id: entry.query_id.as_deref(),
            metadata: &entry.metadata,
            user_id: scope.user_id.as_deref(),
            user_tier: scope.tier.as_deref(),
            session_id: scope.session_id.as_deref(),
            key_id: scope.key_id.as_deref(),
            tenant_id: scope.tenant_id.as_deref(),
            role: entry.role.map(AttemptRole::as_str),
        }
    }
}

/// Waits for `work` on a thread that may wait.
async fn elsewhere<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        Error::new(ErrorKind::Internal, format!("the ledger broke off: {error}"))
    })?
}

#[napi]
impl NativeCostTracker {
    /// A tracker by the JSON text of a budget policy, in the SQLite file `path` or in memory.
    /// `on_warning` hears of each threshold that is passed, as JSON text, and empty texts between.
    #[napi(constructor)]
    pub fn new(
        policy: String,
        path: Option<String>,
        clock: Option<&NativeClock>,
        chain: Option<&NativeEnforcementChain>,
        on_warning: Option<Function<'_, String, ()>>,
    ) -> napi::Result<Self> {
        let tracker = Self::make(&policy, path, clock).map_err(to_js)?;
        let queues = chain.map(NativeEnforcementChain::warned).unwrap_or_default();
        if let Some(function) = on_warning {
            let queue = Arc::new(JsQueue::new(&function)?);
            queues.add(Arc::clone(&queue));
            tracker.on_warning(move |warning| {
                // A warning that cannot be written is not worth a run.
                if let Ok(text) = write(warning) {
                    queue.tell(text);
                }
            });
        }
        let chain = chain.map(NativeEnforcementChain::shared);
        Ok(Self { tracker, chain, queues })
    }

    /// The policy as it was understood, as JSON text.
    #[napi]
    pub fn policy(&self) -> napi::Result<String> {
        write(self.tracker.policy()).map_err(to_js)
    }

    /// Books a cost: the JSON text of `model`, `provider`, `tokens`, `cost` in USD and, where known,
    /// `query_id`, `metadata`, `timestamp` in milliseconds since the Unix epoch, `usage`, and whose it
    /// is.
    #[napi]
    pub fn add_cost(&self, entry: String) -> napi::Result<()> {
        self.book(&entry).map_err(to_js)
    }

    /// Whether an amount in USD and one request more fit every budget of the JSON text of a scope; the
    /// callbacks are asked too. Gives JSON text, or its promise where a callback is waited for.
    #[napi]
    pub fn can_afford<'env>(
        &self,
        env: &'env Env,
        scope: String,
        estimate: f64,
    ) -> napi::Result<Settled<'env, String>> {
        let given = || Ok((read_scope(&scope)?, not_negative("estimatedCost", estimate)?));
        let (scope, estimate) = given().map_err(to_js)?;
        let (tracker, chain) = (self.tracker(), self.chain());
        settle(env, async move {
            let found: Affordability = match chain {
                Some(chain) => chain.can_afford(&tracker, &scope, estimate).await?,
                None => tracker.can_afford(&scope, estimate)?,
            };
            write(&found)
        })
    }

    /// What was spent altogether, as JSON text; amounts are decimal texts.
    #[napi]
    pub fn summary(&self) -> napi::Result<String> {
        self.tracker.summary().and_then(|summary| write(&summary)).map_err(to_js)
    }

    /// What a user spent, as JSON text; amounts are decimal texts.
    #[napi]
    pub fn user_summary(&self, user_id: String, tier: Option<String>) -> napi::Result<String> {
        let summary = self.tracker.user_summary(&user_id, tier.as_deref());
        summary.and_then(|summary| write(&summary)).map_err(to_js)
    }

    /// How every limit that the JSON text of a scope draws on stands, as JSON text; amounts are
    /// decimal texts.
    #[napi]
    pub fn standings(&self, scope: String) -> napi::Result<String> {
        let standings = read_scope(&scope).and_then(|scope| self.tracker.standings(&scope));
        standings.and_then(|standings| write(&standings)).map_err(to_js)
    }

    /// USD altogether.
    #[napi]
    pub fn total_cost(&self) -> napi::Result<f64> {
        let all = self.tracker.totals(TotalsBy::All).map_err(to_js)?;
        Ok(all.first().map_or(0.0, |all| all.spend.cost.to_f64()))
    }

    /// USD by `model`, `provider` or `user`, as the JSON text of a mapping.
    #[napi]
    pub fn totals_by(&self, by: String) -> napi::Result<String> {
        self.totals(&by).map_err(to_js)
    }

    /// Entries that are kept and match the JSON text `filter`, in the order of booking, as JSON text.
    #[napi]
    pub fn entries(&self, filter: String) -> napi::Result<String> {
        self.found(&filter).map_err(to_js)
    }

    /// Ids of the users with entries, sorted; with a tier, of those last booked under it.
    #[napi]
    pub fn users(&self, tier: Option<String>) -> napi::Result<Vec<String>> {
        let found = match tier {
            Some(tier) => self.tracker.users_by_tier(&tier),
            None => self.tracker.all_users(),
        };
        Ok(found.map_err(to_js)?.iter().map(ToString::to_string).collect())
    }

    /// What was spent on each day, as the JSON text of a series for forecasts; days are those of
    /// clocks `utc_offset_seconds` ahead of UTC. With `now`, seconds since the Unix epoch, the series
    /// goes until then, and its last day is still running.
    #[napi]
    pub fn daily_series(
        &self,
        user_id: Option<String>,
        utc_offset_seconds: i32,
        now: Option<f64>,
    ) -> napi::Result<String> {
        let collect = || {
            let mut history = SpendHistory::new().at_utc_offset(utc_offset_seconds);
            if let Some(now) = now {
                let newest = EntryFilter { limit: Some(1), newest: true, ..EntryFilter::default() };
                let latest =
                    self.tracker.entries(&newest)?.first().map(|entry| entry.at.as_secs_f64());
                history = history.until_unless_ended(now, latest);
            }
            let filter = EntryFilter { user_id, ..EntryFilter::default() };
            self.tracker.each_entry(&filter, |entry| {
                history.add(entry.at.as_secs_f64(), None, entry.cost);
                Ok(())
            })?;
            write(&history.total())
        };
        collect().map_err(to_js)
    }

    /// Writes the entries that are kept into a file of the format `json`, `csv` or `sqlite`; the
    /// promise of their number.
    #[napi]
    pub fn export<'env>(
        &self,
        env: &'env Env,
        path: String,
        format: String,
    ) -> napi::Result<Settled<'env, f64>> {
        let tracker = self.tracker();
        settle(env, async move {
            elsewhere(move || {
                let policy = tracker.policy();
                let context = ExportContext {
                    budget_limit: policy.budget_limit,
                    enforcement_mode: Some(policy.enforcement_mode.as_str().to_owned()),
                };
                let format = ExportFormat::named(&format)?;
                let (all, store) = (EntryFilter::default(), tracker.store());
                let written =
                    export_entries(&**store, &all, PathBuf::from(path), format, context, |_| {});
                Ok(number(telemetry::wait_for(written)?.entries))
            })
            .await
        })
    }

    /// Books the entries of a file that was exported, on no budget; the promise of their number.
    #[napi]
    pub fn import_entries<'env>(
        &self,
        env: &'env Env,
        path: String,
    ) -> napi::Result<Settled<'env, f64>> {
        let tracker = self.tracker();
        settle(env, async move {
            elsewhere(move || {
                let read = import_entries(&**tracker.store(), PathBuf::from(path), |_| {});
                Ok(number(telemetry::wait_for(read)?.entries))
            })
            .await
        })
    }

    /// Forgets what was spent.
    #[napi]
    pub fn reset(&self) -> napi::Result<()> {
        self.tracker.reset().map_err(to_js)
    }

    /// Waits until everything booked so far is durable, and every warning of it heard.
    #[napi]
    pub fn flush<'env>(&self, env: &'env Env) -> napi::Result<Settled<'env, bool>> {
        let (tracker, queues) = (self.tracker(), self.queues());
        settle(env, async move {
            tracker.flush().await?;
            queues.flush().await;
            Ok(true)
        })
    }

    /// Waits here until everything booked so far is durable, for at most `time` milliseconds. For the
    /// end of the process.
    #[napi]
    pub fn flush_at_exit(&self, time: f64) -> napi::Result<()> {
        let time = span("time", time).map_err(to_js)?;
        let (tracker, (done, heard)) = (self.tracker(), mpsc::channel());
        std::thread::spawn(move || done.send(telemetry::wait_for(tracker.flush())));
        // Nobody is left to be told of what cannot be written.
        drop(heard.recv_timeout(time));
        Ok(())
    }
}

/// The series of the `entries` of the JSON text `request`, each with `timestamp` (seconds since the
/// Unix epoch), `cost` and `user_id`, with `utc_offset_seconds` and `now`; see
/// `NativeCostTracker.daily_series`.
#[napi]
pub(crate) fn daily_series(request: String) -> napi::Result<String> {
    let collect = || {
        let mut fields = Fields::parse("request", &request)?;
        let offset = fields.take_or_default("utc_offset_seconds")?;
        let mut history = SpendHistory::new().at_utc_offset(offset);
        if let Some(now) = fields.take("now")? {
            history = history.until(now);
        }
        let entries: Vec<telemetry::SpendEntry> =
            read_value(fields.take_value("entries").unwrap_or_else(|| json!([])))?;
        fields.finish()?;
        history.extend(entries);
        write(&history.total())
    };
    collect().map_err(to_js)
}

/// Checks the JSON text of the limits of one owner.
#[napi]
pub(crate) fn check_budget(budget: String) -> napi::Result<()> {
    let check = || {
        let budget: telemetry::BudgetConfig = read("budget", &budget)?;
        budget.validate("budget")
    };
    check().map_err(to_js)
}
