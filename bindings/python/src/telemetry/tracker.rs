use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cascadeflow::ports::{EntryFilter, LedgerEntry, TotalsBy};
use cascadeflow::telemetry::{
    self, BudgetConfig, BudgetPolicy, BudgetWarning, CostRecord, DailySeries, ExportContext,
    ExportFormat, SpendEntry, SpendHistory, SqliteStore, export_entries, import_entries,
};
use cascadeflow::{BudgetScope, Error, Result, Usage, Usd, read_value};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::Deserialize;
use serde_json::json;

use super::affordability::Affordability;
use super::clock::clock;
use super::enforcement::EnforcementChain;
use crate::awaitable::{Awaitable, Output};
use crate::convert::{finite_json, from_python, json_object, to_python};
use crate::error::to_exception;
use crate::shutdown;

/// Keeps what was spent, and decides by its budgets whether more may be.
#[pyclass(frozen, name = "CostTracker", module = "cascadeflow._native")]
pub(crate) struct CostTracker {
    tracker: telemetry::CostTracker,
    chain: Option<Arc<telemetry::EnforcementChain>>,
    /// Whether the store answers without waiting.
    immediate: bool,
}

/// Whose budgets are meant, as keywords.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Scope {
    user_id: Option<String>,
    tenant_id: Option<String>,
    user_tier: Option<String>,
    key_id: Option<String>,
    session_id: Option<String>,
}

impl From<Scope> for BudgetScope {
    fn from(scope: Scope) -> Self {
        Self {
            user_id: scope.user_id,
            tenant_id: scope.tenant_id,
            tier: scope.user_tier,
            key_id: scope.key_id,
            session_id: scope.session_id,
        }
    }
}

/// Which entries are read, as keywords; times in seconds since the Unix epoch.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Filter {
    user_id: Option<String>,
    user_tier: Option<String>,
    model: Option<String>,
    provider: Option<String>,
    since: Option<f64>,
    until: Option<f64>,
    after: Option<u64>,
    limit: Option<usize>,
    newest: bool,
}

impl Filter {
    fn filter(self) -> Result<EntryFilter> {
        Ok(EntryFilter {
            user_id: self.user_id,
            tier: self.user_tier,
            model: self.model,
            provider: self.provider,
            from: self.since.map(|at| time("since", at)).transpose()?,
            until: self.until.map(|at| time("until", at)).transpose()?,
            after: self.after,
            limit: self.limit,
            newest: self.newest,
        })
    }
}

const TIME: &str = "give a `datetime`, or seconds since the Unix epoch";

/// Seconds since the Unix epoch.
fn time(field: &str, seconds: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(seconds)
        .map_err(|_| Error::validation(field, format!("not a time since 1970: `{seconds}`"), TIME))
}

/// An argument of type `T`, which `what` describes.
fn argument<'py, T>(field: &str, value: &Bound<'py, PyAny>, what: &str, hint: &str) -> Result<T>
where
    T: for<'a> FromPyObject<'a, 'py>,
{
    value
        .extract()
        .map_err(|_| Error::validation(field, format!("`{field}` is not {what}: `{value}`"), hint))
}

fn amount(field: &str, usd: &Bound<'_, PyAny>) -> Result<Usd> {
    let hint = "give 0 or more";
    let usd: f64 = argument(field, usd, "an amount in USD", hint)?;
    Usd::from_f64(usd)
        .ok()
        .filter(|amount| !amount.is_negative())
        .ok_or_else(|| Error::validation(field, format!("not an amount in USD: `{usd}`"), hint))
}

/// Id, time, model, provider, tokens, cost, query id, metadata, user, tier, session, key, tenant,
/// role.
type Row = (
    (u64, f64, String, String, u64, f64),
    (Option<String>, Py<PyAny>),
    (Option<String>, Option<String>, Option<String>, Option<String>, Option<String>),
    Option<&'static str>,
);

fn row(py: Python<'_>, entry: &LedgerEntry) -> PyResult<Row> {
    let scope = &entry.scope;
    Ok((
        (
            entry.id,
            entry.at.as_secs_f64(),
            entry.model.to_string(),
            entry.provider.to_string(),
            entry.tokens,
            entry.cost.to_f64(),
        ),
        (entry.query_id.as_deref().map(str::to_owned), to_python(py, &entry.metadata)?),
        (
            scope.user_id.clone(),
            scope.tier.clone(),
            scope.session_id.clone(),
            scope.key_id.clone(),
            scope.tenant_id.clone(),
        ),
        entry.role.map(cascadeflow::AttemptRole::as_str),
    ))
}

impl CostTracker {
    /// The tracker itself.
    pub(crate) fn tracker(&self) -> telemetry::CostTracker {
        self.tracker.clone()
    }

    /// The callbacks that decide with it.
    pub(crate) fn chain(&self) -> Option<Arc<telemetry::EnforcementChain>> {
        self.chain.clone()
    }

    /// Runs what may wait for the store, without the interpreter where it does wait.
    fn wait<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&telemetry::CostTracker) -> Result<T> + Send,
    ) -> PyResult<T> {
        let done =
            if self.immediate { work(&self.tracker) } else { py.detach(|| work(&self.tracker)) };
        done.map_err(|error| to_exception(py, &error))
    }

    fn totals(&self, py: Python<'_>, by: TotalsBy<'_>) -> PyResult<Py<PyDict>> {
        let found = self.wait(py, |tracker| tracker.totals(by))?;
        let totals = PyDict::new(py);
        for total in found {
            totals.set_item(&*total.name, total.spend.cost.to_f64())?;
        }
        Ok(totals.unbind())
    }
}

/// Tells a Python callable of warnings, as dicts.
fn teller(callable: Py<PyAny>) -> impl Fn(&BudgetWarning) + Send + Sync {
    move |warning| {
        shutdown::try_attach(|py| {
            // A run may be dropped while an exception is on its way up, which calls must not meet.
            let pending = PyErr::take(py);
            let callable = callable.bind(py);
            let told = to_python(py, warning).and_then(|warning| callable.call1((warning,)));
            if let Err(error) = told {
                error.write_unraisable(py, Some(callable));
            }
            if let Some(pending) = pending {
                pending.restore(py);
            }
        });
    }
}

#[pymethods]
impl CostTracker {
    /// A tracker by `policy`, plain data in the form of the configuration reference, in the SQLite
    /// file `path`, else in that of the policy or in memory. `clock` tells the seconds since the Unix epoch; `on_warning` hears
    /// of each threshold that is passed, as a dict.
    #[new]
    #[pyo3(signature = (policy, path = None, clock = None, chain = None, on_warning = None))]
    fn new(
        policy: &Bound<'_, PyAny>,
        path: Option<PathBuf>,
        clock: Option<Py<PyAny>>,
        chain: Option<&Bound<'_, EnforcementChain>>,
        on_warning: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let py = policy.py();
        let clock = self::clock(clock);
        let policy = finite_json("policy", policy).and_then(read_value::<BudgetPolicy>);
        let in_memory = |policy: &BudgetPolicy| policy.path.is_none();
        let immediate = path.is_none() && policy.as_ref().is_ok_and(in_memory);
        let make = move || -> Result<_> {
            match path {
                None => telemetry::CostTracker::open(policy?, clock),
                Some(path) => {
                    telemetry::CostTracker::new(policy?, Arc::new(SqliteStore::open(path)?), clock)
                }
            }
        };
        let tracker = py.detach(make).map_err(|error| to_exception(py, &error))?;
        if let Some(callable) = on_warning {
            tracker.on_warning(teller(callable));
        }
        let chain = chain.map(|chain| chain.get().shared());
        Ok(Self { tracker, chain, immediate })
    }

    /// The policy as it was understood.
    #[getter]
    fn policy(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        to_python(py, self.tracker.policy())
    }

    /// Books a cost in USD. `at` is in seconds since the Unix epoch; `None` is now.
    #[expect(clippy::too_many_arguments, reason = "an entry's fields, most of them optional")]
    #[pyo3(signature = (
        model, provider, tokens, cost, query_id = None, metadata = None, at = None, usage = None,
        scope = None
    ))]
    fn add_cost(
        &self,
        py: Python<'_>,
        model: &Bound<'_, PyAny>,
        provider: &Bound<'_, PyAny>,
        tokens: &Bound<'_, PyAny>,
        cost: &Bound<'_, PyAny>,
        query_id: Option<String>,
        metadata: Option<&Bound<'_, PyAny>>,
        at: Option<&Bound<'_, PyAny>>,
        usage: Option<&Bound<'_, PyAny>>,
        scope: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let read = || -> Result<CostRecord> {
            let scope: Scope = match scope {
                Some(scope) => from_python("scope", scope)?,
                None => Scope::default(),
            };
            let usage = usage.map(|usage| from_python::<Usage>("usage", usage)).transpose()?;
            let metadata =
                metadata.map(|metadata| json_object("metadata", metadata)).transpose()?;
            Ok(CostRecord {
                model: argument("model", model, "text", "give the model's name")?,
                provider: argument("provider", provider, "text", "give the provider's name")?,
                tokens: argument("tokens", tokens, "a count", "give a whole number from 0 on")?,
                cost: amount("cost", cost)?,
                scope: scope.into(),
                query_id,
                at: at
                    .map(|at| time("timestamp", argument("timestamp", at, "a time", TIME)?))
                    .transpose()?,
                usage,
                requests: None,
                metadata: metadata.unwrap_or_default(),
            })
        };
        let record = read().map_err(|error| to_exception(py, &error))?;
        let warnings = self.wait(py, |tracker| tracker.add_cost(record))?;
        if let Some(chain) = &self.chain {
            for warning in &warnings {
                chain.warn(warning);
            }
        }
        Ok(())
    }

    /// Whether an amount in USD and one request more fit every budget.
    #[pyo3(signature = (user_id, estimate, tier = None))]
    fn can_afford(
        &self,
        py: Python<'_>,
        user_id: Option<String>,
        estimate: &Bound<'_, PyAny>,
        tier: Option<String>,
    ) -> PyResult<Affordability> {
        let estimate =
            amount("estimated_cost", estimate).map_err(|error| to_exception(py, &error))?;
        let scope = BudgetScope { user_id, tier, ..BudgetScope::default() };
        let found = self.wait(py, |tracker| tracker.can_afford(&scope, estimate))?;
        Ok(Affordability::new(found))
    }

    /// As `can_afford`, of any scope, with the callbacks asked.
    fn may_spend(
        &self,
        scope: &Bound<'_, PyAny>,
        estimate: &Bound<'_, PyAny>,
    ) -> PyResult<Awaitable> {
        let py = scope.py();
        let read =
            || Ok((from_python::<Scope>("scope", scope)?, amount("estimated_cost", estimate)?));
        let (scope, estimate) = read().map_err(|error| to_exception(py, &error))?;
        let (tracker, chain) = (self.tracker.clone(), self.chain.clone());
        let scope = BudgetScope::from(scope);
        Awaitable::new(py, async move {
            let found = match chain {
                Some(chain) => chain.can_afford(&tracker, &scope, estimate).await,
                None => tracker.can_afford(&scope, estimate),
            };
            Box::new(move |py: Python<'_>| {
                let found = found.map_err(|error| to_exception(py, &error))?;
                Ok(Py::new(py, Affordability::new(found))?.into_any())
            }) as Output
        })
    }

    /// What was spent altogether, as a dict; amounts are decimal texts.
    fn summary(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let summary = self.wait(py, telemetry::CostTracker::summary)?;
        to_python(py, &summary)
    }

    /// What a user spent, as a dict; amounts are decimal texts.
    #[pyo3(signature = (user_id, tier = None))]
    fn user_summary(
        &self,
        py: Python<'_>,
        user_id: &str,
        tier: Option<&str>,
    ) -> PyResult<Py<PyAny>> {
        let summary = self.wait(py, |tracker| tracker.user_summary(user_id, tier))?;
        to_python(py, &summary)
    }

    /// How every limit that a scope draws on stands, as dicts; amounts are decimal texts.
    fn standings(&self, scope: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let py = scope.py();
        let scope: Scope = from_python("scope", scope).map_err(|error| to_exception(py, &error))?;
        let scope = BudgetScope::from(scope);
        let standings = self.wait(py, |tracker| tracker.standings(&scope))?;
        to_python(py, &standings)
    }

    /// USD altogether, and how many entries that is.
    fn total(&self, py: Python<'_>) -> PyResult<(f64, u64)> {
        let found = self.wait(py, |tracker| tracker.totals(TotalsBy::All))?;
        Ok(found.first().map_or((0.0, 0), |all| (all.spend.cost.to_f64(), all.entries)))
    }

    /// USD by model id.
    fn by_model(&self, py: Python<'_>) -> PyResult<Py<PyDict>> {
        self.totals(py, TotalsBy::Model)
    }

    /// USD by provider name.
    fn by_provider(&self, py: Python<'_>) -> PyResult<Py<PyDict>> {
        self.totals(py, TotalsBy::Provider)
    }

    /// USD by user id.
    fn by_user(&self, py: Python<'_>) -> PyResult<Py<PyDict>> {
        self.totals(py, TotalsBy::User)
    }

    /// Entries that are kept and match, in the order of booking.
    fn entries(&self, filter: &Bound<'_, PyAny>) -> PyResult<Vec<Py<PyAny>>> {
        let py = filter.py();
        let filter = from_python::<Filter>("filter", filter).and_then(Filter::filter);
        let filter = filter.map_err(|error| to_exception(py, &error))?;
        let found = self.wait(py, |tracker| tracker.entries(&filter))?;
        let object = |entry| Ok(row(py, entry)?.into_pyobject(py)?.into_any().unbind());
        found.iter().map(object).collect()
    }

    /// Ids of the users with entries, sorted; with a tier, of those last booked under it.
    #[pyo3(signature = (tier = None))]
    fn users(&self, py: Python<'_>, tier: Option<&str>) -> PyResult<Vec<String>> {
        let found = self.wait(py, |tracker| match tier {
            Some(tier) => tracker.users_by_tier(tier),
            None => tracker.all_users(),
        })?;
        Ok(found.iter().map(ToString::to_string).collect())
    }

    /// What was spent on each day, as a series for forecasts; days are those of clocks
    /// `utc_offset_seconds` ahead of UTC. With `now`, seconds since the Unix epoch, the series goes
    /// until then, and its last day is still running.
    #[pyo3(signature = (user_id, utc_offset_seconds, now = None))]
    fn daily_series(
        &self,
        py: Python<'_>,
        user_id: Option<String>,
        utc_offset_seconds: i32,
        now: Option<f64>,
    ) -> PyResult<Py<PyAny>> {
        let series = self.wait(py, |tracker| {
            let mut history = SpendHistory::new().at_utc_offset(utc_offset_seconds);
            if let Some(now) = now {
                let newest = EntryFilter { limit: Some(1), newest: true, ..EntryFilter::default() };
                let latest = tracker.entries(&newest)?.first().map(|entry| entry.at.as_secs_f64());
                history = history.until_unless_ended(now, latest);
            }
            let filter = EntryFilter { user_id, ..EntryFilter::default() };
            tracker.each_entry(&filter, |entry| {
                history.add(entry.at.as_secs_f64(), None, entry.cost);
                Ok(())
            })?;
            Ok(history.total())
        })?;
        series_record(py, &series)
    }

    /// Writes the entries that are kept into a file of the format `json`, `csv` or `sqlite`, and
    /// gives their number.
    fn export(&self, py: Python<'_>, path: PathBuf, format: &str) -> PyResult<u64> {
        let write = || {
            let policy = self.tracker.policy();
            let context = ExportContext {
                budget_limit: policy.budget_limit,
                enforcement_mode: Some(policy.enforcement_mode.as_str().to_owned()),
            };
            let format = ExportFormat::named(format)?;
            let all = EntryFilter::default();
            let store = self.tracker.store();
            let written = export_entries(&**store, &all, path, format, context, |_| {});
            Ok(telemetry::wait_for(written)?.entries)
        };
        py.detach(write).map_err(|error| to_exception(py, &error))
    }

    /// Books the entries of a file that was exported, on no budget, and gives their number.
    fn import_entries(&self, py: Python<'_>, path: PathBuf) -> PyResult<u64> {
        let read = || {
            let store = self.tracker.store();
            Ok(telemetry::wait_for(import_entries(&**store, path, |_| {}))?.entries)
        };
        py.detach(read).map_err(|error| to_exception(py, &error))
    }

    /// Forgets what was spent.
    fn reset(&self, py: Python<'_>) -> PyResult<()> {
        self.wait(py, telemetry::CostTracker::reset)
    }

    /// Waits until everything booked so far is durable.
    fn flush(&self, py: Python<'_>) -> PyResult<()> {
        self.wait(py, |tracker| telemetry::wait_for(tracker.flush()))
    }
}

fn series_record(py: Python<'_>, series: &DailySeries) -> PyResult<Py<PyAny>> {
    to_python(
        py,
        &json!({
            "first_day": series.first_day(),
            "totals": series.totals(),
            "running": series.spent_today().is_some(),
        }),
    )
}

/// The series of `entries`, each with `timestamp` (seconds since the Unix epoch), `cost` and
/// `user_id`; see `CostTracker.daily_series`.
#[pyfunction]
#[pyo3(signature = (entries, utc_offset_seconds, now = None))]
pub(crate) fn daily_series(
    entries: &Bound<'_, PyAny>,
    utc_offset_seconds: i32,
    now: Option<f64>,
) -> PyResult<Py<PyAny>> {
    let py = entries.py();
    let entries: Vec<SpendEntry> =
        from_python("entries", entries).map_err(|error| to_exception(py, &error))?;
    let mut history = SpendHistory::new().at_utc_offset(utc_offset_seconds);
    if let Some(now) = now {
        history = history.until(now);
    }
    history.extend(entries);
    series_record(py, &history.total())
}

/// Checks the limits of one owner, given as plain data.
#[pyfunction]
pub(crate) fn check_budget(py: Python<'_>, budget: &Bound<'_, PyAny>) -> PyResult<()> {
    let check = || -> Result<()> {
        let budget: BudgetConfig = read_value(finite_json("budget", budget)?)?;
        budget.validate("")
    };
    check().map_err(|error| to_exception(py, &error))
}
