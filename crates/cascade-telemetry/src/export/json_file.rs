//! Entries as JSON.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use cascade_core::ports::LedgerEntry;
use cascade_core::{Error, Result, Usd};
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, Serialize};
use serde_json::value::RawValue;

use super::columns::{Read, SCHEMA_VERSION, Written, exact_number};
use super::entry_writer::ExportContext;
use super::new_file::{NewFile, malformed, unreadable, unwritable};
use super::sums::Sums;

pub(super) struct JsonWriter {
    target: NewFile,
    text: BufWriter<File>,
    begun: bool,
}

/// What stands beside the entries.
#[derive(Serialize)]
struct Rest {
    metadata: Metadata,
    by_model: BTreeMap<Arc<str>, Box<RawValue>>,
    by_provider: BTreeMap<Arc<str>, Box<RawValue>>,
    by_user: BTreeMap<Arc<str>, Box<RawValue>>,
}

#[derive(Serialize)]
struct Metadata {
    schema_version: u32,
    budget_limit: Option<Box<RawValue>>,
    enforcement_mode: Option<String>,
    total_cost: Box<RawValue>,
    total_entries: u64,
}

impl JsonWriter {
    pub(super) fn create(path: &Path) -> Result<Self> {
        let target = NewFile::create(path)?;
        let begin = || {
            let mut text = BufWriter::new(target.file().try_clone()?);
            text.write_all(b"{\n  \"entries\": [")?;
            Ok(text)
        };
        let text = begin().map_err(|error| unwritable(path, error))?;
        Ok(Self { target, text, begun: false })
    }

    pub(super) fn push(&mut self, entry: &LedgerEntry) -> io::Result<()> {
        self.text.write_all(if self.begun { b",\n    " } else { b"\n    " })?;
        self.begun = true;
        serde_json::to_writer(&mut self.text, &Written::new(entry)?)?;
        Ok(())
    }

    pub(super) fn finish(mut self, path: &Path, sums: Sums, context: &ExportContext) -> Result<()> {
        self.end(sums, context).map_err(|error| unwritable(path, error))?;
        drop(self.text);
        self.target.finish()
    }

    fn end(&mut self, sums: Sums, context: &ExportContext) -> io::Result<()> {
        let rest = Rest {
            metadata: Metadata {
                schema_version: SCHEMA_VERSION,
                budget_limit: context.budget_limit.map(exact_number).transpose()?,
                enforcement_mode: context.enforcement_mode.clone(),
                total_cost: exact_number(sums.cost)?,
                total_entries: sums.entries,
            },
            by_model: exact_numbers(sums.by_model)?,
            by_provider: exact_numbers(sums.by_provider)?,
            by_user: exact_numbers(sums.by_user)?,
        };
        self.text.write_all(if self.begun { b"\n  ],\n  " } else { b"],\n  " })?;
        let rest = serde_json::to_string_pretty(&rest)?;
        // The braces of the object around it are there already.
        let fields = rest.trim_start_matches("{\n  ").as_bytes();
        self.text.write_all(fields)?;
        self.text.write_all(b"\n")?;
        self.text.flush()
    }
}

fn exact_numbers(
    amounts: BTreeMap<Arc<str>, Usd>,
) -> serde_json::Result<BTreeMap<Arc<str>, Box<RawValue>>> {
    amounts.into_iter().map(|(name, amount)| Ok((name, exact_number(amount)?))).collect()
}

/// Gives every entry of a file to `visit` until it fails.
pub(super) fn read(path: &Path, visit: &mut dyn FnMut(LedgerEntry) -> Result<()>) -> Result<()> {
    let file = File::open(path).map_err(|error| unreadable(path, error))?;
    let mut source = serde_json::Deserializer::from_reader(BufReader::new(file));
    let refusal = RefCell::new(None);
    let document = Document { visit: RefCell::new(visit), refusal: &refusal };
    let outcome = document.deserialize(&mut source).and_then(|()| source.end());
    match (refusal.into_inner(), outcome) {
        (Some(refused), _) => Err(refused),
        (None, Ok(())) => Ok(()),
        (None, Err(error)) if error.is_io() => Err(unreadable(path, error.into())),
        (None, Err(error)) => Err(malformed(path, error)),
    }
}

/// The object of a file; its entries are handed on one by one.
struct Document<'v> {
    visit: RefCell<&'v mut dyn FnMut(LedgerEntry) -> Result<()>>,
    /// Why the visitor did not want more.
    refusal: &'v RefCell<Option<Error>>,
}

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `entries`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut found = false;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "entries" => {
                    found = true;
                    map.next_value_seed(Entries(&self))?;
                }
                "metadata" => check_version(&map.next_value::<Box<RawValue>>()?)?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if found { Ok(()) } else { Err(A::Error::missing_field("entries")) }
    }
}

fn check_version<E: serde::de::Error>(metadata: &RawValue) -> Result<(), E> {
    #[derive(serde::Deserialize)]
    struct Version {
        schema_version: Option<u32>,
    }
    let version = serde_json::from_str::<Version>(metadata.get()).map_err(E::custom)?;
    match version.schema_version {
        Some(version) if version > SCHEMA_VERSION => Err(E::custom(format!(
            "`schema_version` is {version}, and {SCHEMA_VERSION} is known at most"
        ))),
        _ => Ok(()),
    }
}

struct Entries<'d, 'v>(&'d Document<'v>);

impl<'de> DeserializeSeed<'de> for Entries<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(read) = list.next_element::<Read>()? {
            let entry = read.into_entry().map_err(A::Error::custom)?;
            if let Err(error) = (self.0.visit.borrow_mut())(entry) {
                *self.0.refusal.borrow_mut() = Some(error);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}
