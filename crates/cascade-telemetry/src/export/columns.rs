//! The fields of an entry as they stand in files.

use std::sync::Arc;

use cascade_core::ports::LedgerEntry;
use cascade_core::{AttemptRole, BudgetScope, Priced, Usage, Usd};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::field;

/// The version of the fields.
pub(super) const SCHEMA_VERSION: u32 = 1;

/// An entry for writing. Field names are those of the columns.
#[derive(Serialize)]
pub(super) struct Written<'a> {
    timestamp: String,
    model: &'a str,
    provider: &'a str,
    tokens: u64,
    cost: Box<RawValue>,
    query_id: Option<&'a str>,
    metadata: &'a Map<String, Value>,
    user_id: Option<&'a str>,
    tenant_id: Option<&'a str>,
    tier: Option<&'a str>,
    key_id: Option<&'a str>,
    session_id: Option<&'a str>,
    role: Option<&'static str>,
    priced: &'static str,
    requests: u64,
    usage: &'a Usage,
}

impl<'a> Written<'a> {
    pub(super) fn new(entry: &'a LedgerEntry) -> serde_json::Result<Self> {
        Ok(Self {
            timestamp: field::moment_text(entry.at),
            model: &entry.model,
            provider: &entry.provider,
            tokens: entry.tokens,
            cost: exact_number(entry.cost)?,
            query_id: entry.query_id.as_deref(),
            metadata: &entry.metadata,
            user_id: entry.scope.user_id.as_deref(),
            tenant_id: entry.scope.tenant_id.as_deref(),
            tier: entry.scope.tier.as_deref(),
            key_id: entry.scope.key_id.as_deref(),
            session_id: entry.scope.session_id.as_deref(),
            role: entry.role.map(AttemptRole::as_str),
            priced: entry.priced.as_str(),
            requests: entry.requests,
            usage: &entry.usage,
        })
    }
}

/// An amount as a JSON number with all its digits.
pub(super) fn exact_number(amount: Usd) -> serde_json::Result<Box<RawValue>> {
    RawValue::from_string(amount.to_string())
}

/// An entry as it is read. What files of other writers leave out has a default.
#[derive(Default, Deserialize)]
pub(super) struct Read {
    pub(super) timestamp: String,
    pub(super) model: String,
    pub(super) provider: String,
    pub(super) tokens: Option<u64>,
    #[serde(deserialize_with = "number_text")]
    pub(super) cost: String,
    pub(super) query_id: Option<String>,
    pub(super) metadata: Option<Map<String, Value>>,
    pub(super) user_id: Option<String>,
    pub(super) tenant_id: Option<String>,
    pub(super) tier: Option<String>,
    pub(super) key_id: Option<String>,
    pub(super) session_id: Option<String>,
    pub(super) role: Option<String>,
    pub(super) priced: Option<String>,
    pub(super) requests: Option<u64>,
    pub(super) usage: Option<Usage>,
}

/// A number, or a text with one, as it is written: with all its digits.
fn number_text<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let raw = Box::<RawValue>::deserialize(from)?;
    Ok(raw.get().trim_matches('"').to_owned())
}

impl Read {
    /// The entry, or which field is wrong and why.
    pub(super) fn into_entry(self) -> Result<LedgerEntry, String> {
        let at = field::parse_moment(self.timestamp.trim())
            .ok_or_else(|| format!("`timestamp` is no moment: `{}`", self.timestamp))?;
        let cost: Usd = self
            .cost
            .trim()
            .parse()
            .map_err(|_| format!("`cost` is no amount of US dollars: `{}`", self.cost))?;
        let role = self
            .role
            .map(|name| {
                field::role_named(&name).ok_or_else(|| format!("`role` is unknown: `{name}`"))
            })
            .transpose()?;
        let priced = match self.priced {
            Some(name) => field::priced_named(&name)
                .ok_or_else(|| format!("`priced` is unknown: `{name}`"))?,
            None => Priced::Reported,
        };
        for (name, value) in [("model", &self.model), ("provider", &self.provider)] {
            if value.is_empty() {
                return Err(format!("`{name}` is missing"));
            }
        }
        let usage = self.usage.unwrap_or_default();
        Ok(LedgerEntry {
            id: 0,
            at,
            scope: Arc::new(BudgetScope {
                user_id: self.user_id,
                tenant_id: self.tenant_id,
                tier: self.tier,
                key_id: self.key_id,
                session_id: self.session_id,
            }),
            query_id: self.query_id.map(String::into_boxed_str),
            model: self.model.into(),
            provider: self.provider.into(),
            role,
            requests: self.requests.unwrap_or(1),
            usage,
            tokens: self.tokens.unwrap_or_else(|| usage.total_tokens()),
            cost,
            priced,
            metadata: self.metadata.unwrap_or_default(),
        })
    }
}
