//! Spendings as files and back.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{BudgetStore, EntryFilter, LedgerEntry, TotalsBy};
use cascade_core::{AttemptRole, BudgetScope, Error, ErrorKind, Priced, Usage, Usd};
use cascade_telemetry::{
    EntryWriter, ExportContext, ExportFormat, SqliteStore, export_entries, import_entries,
    read_entries,
};
use proptest::prelude::*;
use rusqlite::Connection;
use serde_json::{Map, Value, json};

const FORMATS: [ExportFormat; 3] = [ExportFormat::Json, ExportFormat::Csv, ExportFormat::Sqlite];

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

fn entry(cost: &str) -> LedgerEntry {
    LedgerEntry {
        id: 0,
        at: Duration::from_micros(1_795_219_200_123_456),
        scope: Arc::default(),
        query_id: None,
        model: "gpt-4o-mini".into(),
        provider: "openai".into(),
        role: None,
        requests: 1,
        usage: Usage::new(8, 2),
        tokens: 10,
        cost: usd(cost),
        priced: Priced::Catalogue,
        metadata: Map::new(),
    }
}

fn write(path: &Path, format: ExportFormat, entries: &[LedgerEntry]) -> (u64, Usd) {
    let mut writer = EntryWriter::create(path, format, ExportContext::default()).unwrap();
    for entry in entries {
        writer.push(entry).unwrap();
    }
    let summary = writer.finish().unwrap();
    (summary.entries, summary.cost)
}

fn read(path: &Path) -> Result<Vec<LedgerEntry>, Error> {
    let mut entries = Vec::new();
    read_entries(path, &EntryFilter::default(), |entry| {
        entries.push(LedgerEntry { id: 0, ..entry });
        Ok(())
    })?;
    Ok(entries)
}

fn in_folder(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    (folder, path)
}

fn name_of(format: ExportFormat) -> String {
    format!("costs.{}", format.as_str())
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[=+@'\\-]?[ -~]{0,12}", "[\\t\\r\\n]?\\PC{0,6}", Just(String::new())]
}

fn entries() -> impl Strategy<Value = Vec<LedgerEntry>> {
    let scope = [(); 5].map(|()| prop::option::of(text()));
    let one = (
        (0..253_402_300_799_000_000_u64, any::<i64>(), 0..29_u32, any::<u32>(), any::<u32>()),
        scope,
        (prop::option::of(text()), "[=a-z\"',\n]{1,9}", text(), 0..6_usize, any::<bool>()),
    );
    let entry = one.prop_map(|(numbers, scope, (query, model, note, role, estimated))| {
        let (micros, digits, scale, tokens, output) = numbers;
        let [user_id, tenant_id, tier, key_id, session_id] = scope;
        let mut entry = entry("0");
        entry.at = Duration::from_micros(micros);
        entry.cost = Usd::from_decimal(rust_decimal::Decimal::new(digits, scale));
        entry.tokens = tokens.into();
        entry.usage = Usage::new(tokens.into(), output.into());
        entry.usage.estimated = estimated;
        entry.scope = Arc::new(BudgetScope { user_id, tenant_id, tier, key_id, session_id });
        entry.query_id = query.map(Into::into);
        entry.model = model.into();
        entry.role = [
            AttemptRole::Draft,
            AttemptRole::Verifier,
            AttemptRole::Direct,
            AttemptRole::Fallback,
            AttemptRole::Step,
        ]
        .get(role)
        .copied();
        if !note.is_empty() {
            entry.metadata.insert(note.clone(), json!([note, 0.1, null, {"a": tokens}]));
        }
        entry
    });
    prop::collection::vec(entry, 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_entry_comes_back_exactly_in_every_format(entries in entries()) {
        let total: Usd = entries.iter().map(|entry| entry.cost).sum();
        for format in FORMATS {
            let (_folder, path) = in_folder(&name_of(format));
            let written = write(&path, format, &entries);
            prop_assert_eq!(written, (entries.len() as u64, total));
            prop_assert_eq!(&read(&path).unwrap(), &entries);
        }
    }
}

#[test]
fn csv_has_the_published_columns_first_and_no_formulas() {
    let (_folder, path) = in_folder("costs.csv");
    let mut evil = entry("-0.00015");
    evil.model = "=cmd|' /C calc'!A0".into();
    evil.query_id = Some("@SUM(1)".into());
    evil.scope = Arc::new(BudgetScope { user_id: Some("+1\n2".into()), ..BudgetScope::default() });
    evil.metadata.insert("a".into(), Value::Null);
    write(&path, ExportFormat::Csv, &[evil]);
    let mut lines = csv::Reader::from_path(&path).unwrap();
    let heads = lines.headers().unwrap().clone();
    let published = ["timestamp", "model", "provider", "tokens", "cost", "query_id", "metadata"];
    assert_eq!(heads.iter().take(7).collect::<Vec<_>>(), published);
    let line = lines.records().next().unwrap().unwrap();
    assert_eq!(&line[1], "'=cmd|' /C calc'!A0");
    assert_eq!((&line[5], &line[7]), ("'@SUM(1)", "'+1\n2"));
    assert_eq!(&line[4], "-0.00015", "numbers stay numbers");
    assert_eq!(&line[0], "2026-11-21T00:00:00.123456+00:00");
}

#[test]
fn json_has_the_published_shape() {
    let (_folder, path) = in_folder("costs.json");
    let context =
        ExportContext { budget_limit: Some(usd("10")), enforcement_mode: Some("block".to_owned()) };
    let mut writer = EntryWriter::create(&path, ExportFormat::Json, context).unwrap();
    let mut of_ann = entry("0.1");
    of_ann.scope = Arc::new(BudgetScope { user_id: Some("ann".into()), ..BudgetScope::default() });
    writer.push(&of_ann).unwrap();
    writer.push(&entry("0.2")).unwrap();
    writer.finish().unwrap();
    let json: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(
        json["metadata"],
        json!({"schema_version": 1, "budget_limit": 10, "enforcement_mode": "block",
            "total_cost": 0.3, "total_entries": 2})
    );
    assert_eq!(json["by_model"], json!({"gpt-4o-mini": 0.3}));
    assert_eq!(json["by_provider"], json!({"openai": 0.3}));
    assert_eq!(json["by_user"], json!({"ann": 0.1}));
    let first = &json["entries"][0];
    assert_eq!((&first["cost"], &first["query_id"]), (&json!(0.1), &Value::Null));
    assert_eq!((&first["tokens"], &first["metadata"]), (&json!(10), &json!({})));
}

#[test]
fn an_empty_export_is_a_file_like_any_other() {
    for format in FORMATS {
        let (_folder, path) = in_folder(&name_of(format));
        assert_eq!(write(&path, format, &[]), (0, Usd::ZERO));
        assert_eq!(read(&path).unwrap(), []);
    }
}

#[test]
fn files_of_the_published_package_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("a.json");
    let entries = r#"{"metadata": {"total_cost": 0.3}, "by_model": {}, "entries": [
        {"timestamp": "2026-11-21T10:00:00.5", "model": "m", "provider": "p", "tokens": 5,
         "cost": 0.1, "query_id": null, "metadata": {}},
        {"timestamp": "2026-11-21T10:00:01", "model": "m", "provider": "p", "tokens": 7,
         "cost": 0.2, "query_id": "q", "metadata": {"k": 1}}]}"#;
    fs::write(&json, entries).unwrap();
    let csv = folder.path().join("a.csv");
    let lines = "timestamp,model,provider,tokens,cost,query_id,metadata\n\
        2026-11-21T10:00:00.500000,m,p,5,0.1,,\n\
        2026-11-21T10:00:01,m,p,7,0.2,q,{'k': 1}\n";
    fs::write(&csv, format!("\u{feff}{lines}")).unwrap();
    let db = folder.path().join("a.db");
    Connection::open(&db)
        .unwrap()
        .execute_batch(
            "CREATE TABLE cost_entries (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT NOT \
             NULL, model TEXT NOT NULL, provider TEXT NOT NULL, tokens INTEGER, cost REAL NOT NULL, \
             query_id TEXT, metadata TEXT);
             INSERT INTO cost_entries (timestamp, model, provider, tokens, cost, query_id, metadata)
             VALUES ('2026-11-21T10:00:00.5', 'm', 'p', 5, 0.1, NULL, NULL),
             ('2026-11-21T10:00:01', 'm', 'p', 7, 0.2, 'q', '{\"k\": 1}')",
        )
        .unwrap();
    for path in [json, csv, db] {
        let entries = read(&path).unwrap();
        let costs: Vec<Usd> = entries.iter().map(|entry| entry.cost).collect();
        assert_eq!(costs, [usd("0.1"), usd("0.2")], "{}", path.display());
        assert_eq!(entries[0].at, Duration::from_millis(1_795_255_200_500));
        assert_eq!((entries[0].tokens, entries[0].query_id.as_deref()), (5, None));
        assert_eq!(entries[1].query_id.as_deref(), Some("q"));
        assert_eq!(entries[1].metadata.len(), 1);
    }
}

#[test]
fn what_cannot_be_read_is_named_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("a.csv", "timestamp,model,provider,tokens\n", "no column `cost`"),
        (
            "b.csv",
            "timestamp,model,provider,cost\n2026-11-21T10:00:00,m,p,1\nnow,m,p,1\n",
            "line 3: `timestamp` is no moment: `now`",
        ),
        (
            "c.csv",
            "timestamp,model,provider,cost\n2026-11-21T10:00:00,m,p,free\n",
            "line 2: `cost`",
        ),
        (
            "d.csv",
            "timestamp,model,provider,cost\n2026-11-21T10:00:00,,p,1\n",
            "`model` is missing",
        ),
        (
            "e.csv",
            "timestamp,model,provider,cost,schema_version\n2026-11-21T10:00:00,m,p,1,9\n",
            "`schema_version` is 9",
        ),
        ("f.json", "{\"metadata\": {}}", "`entries`"),
        ("g.json", "{\"entries\": [{\"timestamp\": \"x\"", "line 1"),
        ("h.json", "{\"metadata\": {\"schema_version\": 2}, \"entries\": []}", "is 2"),
        (
            "i.json",
            "{\"entries\": [\n{\"timestamp\": \"2026-11-21T10:00:00\", \"model\": \"m\", \
             \"provider\": \"p\", \"cost\": -true}]}",
            "line 2",
        ),
    ];
    for (name, content, expected) in cases {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        let error = read(&path).unwrap_err();
        assert_eq!((error.kind(), error.field()), (ErrorKind::Validation, Some("path")));
        assert!(error.message().contains(expected), "{name}: {error}");
        assert!(error.hint().is_some());
    }
    let none = read(&folder.path().join("none.csv")).unwrap_err();
    assert!(none.message().contains("cannot be read"), "{none}");
}

#[test]
fn an_unfinished_export_changes_nothing() {
    for format in [ExportFormat::Json, ExportFormat::Csv] {
        let (folder, path) = in_folder(&name_of(format));
        write(&path, format, &[entry("1")]);
        let before = fs::read(&path).unwrap();
        let mut writer = EntryWriter::create(&path, format, ExportContext::default()).unwrap();
        writer.push(&entry("2")).unwrap();
        drop(writer);
        assert_eq!(fs::read(&path).unwrap(), before);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no rest stays behind");
    }
    let (folder, path) = in_folder("costs.db");
    let mut writer =
        EntryWriter::create(&path, ExportFormat::Sqlite, ExportContext::default()).unwrap();
    writer.push(&entry("2")).unwrap();
    assert!(!path.exists());
    drop(writer);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_second_export_replaces_the_first_and_leaves_other_tables_alone() {
    let (_folder, path) = in_folder("costs.db");
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine')")
        .unwrap();
    write(&path, ExportFormat::Sqlite, &[entry("1"), entry("2")]);
    write(&path, ExportFormat::Sqlite, &[entry("3")]);
    assert_eq!(read(&path).unwrap().len(), 1);
    let database = Connection::open(&path).unwrap();
    let note: String = database.query_row("SELECT text FROM notes", [], |row| row.get(0)).unwrap();
    assert_eq!(note, "mine");
    let cost: (f64, String) = database
        .query_row("SELECT cost, cost_usd FROM cost_entries", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(cost, (3.0, "3".to_owned()));
}

#[test]
fn a_place_that_cannot_take_the_file_is_refused() {
    let (folder, path) = in_folder("ledger.db");
    let store = SqliteStore::open(&path).unwrap();
    let create = |path: &Path, format| {
        EntryWriter::create(path, format, ExportContext::default()).err().unwrap()
    };
    assert!(create(&path, ExportFormat::Sqlite).message().contains("is a ledger in use"));
    drop(store);
    for format in FORMATS {
        let error = create(&folder.path().join("none/costs"), format);
        assert_eq!(error.field(), Some("path"), "{error}");
        assert!(error.message().contains("cannot be written"), "{error}");
    }
    assert!(ExportFormat::of_path(Path::new("costs.xlsx")).unwrap_err().hint().is_some());
    assert_eq!(ExportFormat::named("SQLite").unwrap(), ExportFormat::Sqlite);
}

#[test]
fn a_store_goes_through_every_format_and_back_with_the_same_sums() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("ledger.db")).unwrap();
    // More than one page.
    for index in 0..9_000_u32 {
        let mut booked = entry(&format!("0.00{index}"));
        booked.model = format!("model-{}", index % 7).into();
        let user_id = (index % 3 > 0).then(|| format!("user-{}", index % 3));
        booked.scope = Arc::new(BudgetScope { user_id, ..BudgetScope::default() });
        store.commit(None, &[], booked);
    }
    let sums = |store: &SqliteStore| {
        [TotalsBy::All, TotalsBy::Model, TotalsBy::Provider, TotalsBy::User]
            .map(|by| wait(store.totals(by)).unwrap())
    };
    for format in FORMATS {
        let path = folder.path().join(name_of(format));
        let mut told = Vec::new();
        let all = EntryFilter::default();
        let context = ExportContext::default();
        let exported = wait(export_entries(&store, &all, &path, format, context, |written| {
            told.push(written);
        }))
        .unwrap();
        assert_eq!((exported.entries, *told.last().unwrap()), (9_000, 9_000));
        let copy = SqliteStore::open(folder.path().join(format!("{}.ledger", format.as_str())));
        let copy = copy.unwrap();
        assert_eq!(wait(import_entries(&copy, &path, |_| {})).unwrap(), exported);
        assert_eq!(sums(&copy), sums(&store));
        // A ledger is read as an export is.
        let number = read_entries(copy.path(), &all, |_| Ok(())).unwrap();
        assert_eq!(number, 9_000);
    }
    let of_one = EntryFilter { user_id: Some("user-1".into()), ..EntryFilter::default() };
    let path = folder.path().join("one.csv");
    let exported = wait(export_entries(
        &store,
        &of_one,
        &path,
        ExportFormat::Csv,
        ExportContext::default(),
        |_| {},
    ));
    assert_eq!(exported.unwrap().entries, 3_000);
}

#[test]
fn a_malformed_file_changes_no_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("ledger.db")).unwrap();
    let path = folder.path().join("a.csv");
    let lines = "timestamp,model,provider,cost\n2026-11-21T10:00:00,m,p,1\nnow,m,p,1\n";
    fs::write(&path, lines).unwrap();
    wait(import_entries(&store, &path, |_| {})).unwrap_err();
    assert_eq!(wait(store.totals(TotalsBy::All)).unwrap()[0].entries, 0);
}
