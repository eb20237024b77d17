//! Files that are no ledgers, and disks that refuse.

use std::fs;
use std::path::Path;
use std::time::Duration;

use cascade_core::ports::{BudgetStore, TotalsBy};
use cascade_core::{Error, ErrorKind};
use cascade_telemetry::{Durability, SqliteOptions, SqliteStore};
use rusqlite::Connection;

use super::support::{account, entry, folder, hold, open, spend, wait};

fn refused(path: &Path) -> Error {
    let error = SqliteStore::open(path).unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Config, Some("path")), "{error}");
    assert!(error.hint().is_some(), "{error}");
    error
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let (_folder, path) = folder();
    fs::write(&path, "Dear diary, ".repeat(500)).unwrap();
    assert!(refused(&path).message().contains("is not a SQLite database"));
    assert!(fs::read_to_string(&path).unwrap().starts_with("Dear diary"));
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    let (_folder, path) = folder();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE notes (text)").unwrap();
    assert!(refused(&path).message().contains("another program"));
    let tables: i64 = Connection::open(&path)
        .unwrap()
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tables, 1);
}

#[test]
fn a_ledger_of_a_later_version_is_refused_with_both_versions() {
    let (_folder, path) = folder();
    drop(open(&path));
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let error = refused(&path);
    assert!(error.message().contains("version 99") && error.message().contains("knows 1"));
}

#[test]
fn paths_that_cannot_hold_a_ledger_are_refused() {
    let (folder, _) = folder();
    assert!(refused(folder.path()).message().contains("folder"));
    assert!(refused(&folder.path().join("none/ledger.db")).message().contains("cannot be opened"));
    for path in ["", ":memory:"] {
        let error = SqliteStore::open(path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    }
}

#[test]
fn damage_is_told_and_nothing_is_spent_on_it() {
    let (_folder, path) = folder();
    let ann = account("ann", Some("1"));
    {
        let store = open(&path);
        store.commit(None, std::slice::from_ref(&ann), entry("ann", spend("0.5", 1, 1)));
    }
    Connection::open(&path)
        .unwrap()
        .execute("UPDATE accounts SET committed_cost = 'much'", [])
        .unwrap();
    let store = open(&path);
    let held = wait(store.hold(hold(std::slice::from_ref(&ann), spend("0.1", 1, 1))));
    let error = held.unwrap_err();
    assert!(error.message().contains("cannot be read"), "{error}");
}

#[test]
fn a_file_cut_short_is_told_to_be_damaged() {
    let (_folder, path) = folder();
    {
        let store = open(&path);
        for _ in 0..2_000 {
            store.commit(None, &[], entry("ann", spend("0.5", 1, 1)));
        }
    }
    let bytes = fs::read(&path).unwrap();
    let mut cut = bytes[..bytes.len() / 2].to_vec();
    for byte in &mut cut[4_096..] {
        *byte = 0xff;
    }
    fs::write(&path, cut).unwrap();
    let failed = match SqliteStore::open(&path) {
        Err(error) => error,
        Ok(store) => wait(store.totals(TotalsBy::All)).unwrap_err(),
    };
    assert_eq!(failed.kind(), ErrorKind::Config, "{failed}");
    assert!(failed.message().contains("damaged"), "{failed}");
}

#[test]
fn a_writer_that_blocks_the_file_is_told_apart() {
    let (_folder, path) = folder();
    let options =
        SqliteOptions { busy_timeout: Duration::from_millis(50), ..SqliteOptions::default() };
    let store = SqliteStore::open_with(&path, options).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let ann = account("ann", None);
    let refused = wait(store.hold(hold(std::slice::from_ref(&ann), spend("0.1", 1, 1))));
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Timeout);
    // What was spent meanwhile is kept, and written as soon as the file is free.
    store.commit(None, &[], entry("ann", spend("0.5", 1, 1)));
    assert!(wait(store.flush()).is_err());
    other.execute_batch("ROLLBACK").unwrap();
    wait(store.flush()).unwrap();
    assert_eq!(wait(store.totals(TotalsBy::All)).unwrap()[0].entries, 1);
}

#[test]
fn a_full_file_stops_spending_and_keeps_what_was_confirmed() {
    let (_folder, path) = folder();
    let ann = account("ann", None);
    let options = SqliteOptions { max_bytes: Some(256 << 10), ..SqliteOptions::default() };
    let store = SqliteStore::open_with(&path, options).unwrap();
    let mut confirmed = 0;
    let full = loop {
        for _ in 0..50 {
            store.commit(None, &[], entry("ann", spend("0.001", 1, 1)));
        }
        match wait(store.flush()) {
            Ok(()) => confirmed += 50,
            Err(error) => break error,
        }
        assert!(confirmed < 10_000, "the file never gets full");
    };
    assert_eq!(full.kind(), ErrorKind::Config);
    assert!(full.message().contains("full") && full.hint().is_some(), "{full}");
    let held = wait(store.hold(hold(std::slice::from_ref(&ann), spend("0.1", 1, 1))));
    assert!(held.unwrap_err().message().contains("full"));
    drop(store);
    let all = &wait(open(&path).totals(TotalsBy::All)).unwrap()[0];
    assert!((confirmed..confirmed + 50).contains(&all.entries), "{} of {confirmed}", all.entries);
}

#[test]
fn a_process_durable_ledger_keeps_the_same_books() {
    let (_folder, path) = folder();
    let options = SqliteOptions { durability: Durability::Process, ..SqliteOptions::default() };
    {
        let store = SqliteStore::open_with(&path, options).unwrap();
        store.commit(None, &[], entry("ann", spend("0.5", 1, 1)));
    }
    assert_eq!(wait(open(&path).totals(TotalsBy::All)).unwrap()[0].entries, 1);
}
