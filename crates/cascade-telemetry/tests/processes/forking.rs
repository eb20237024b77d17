//! A process that forks while it uses a ledger.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;

use cascade_core::Spend;
use cascade_core::ports::{BudgetStore, EntryFilter, TotalsBy};
use cascade_telemetry::{SqliteStore, wait_for};
use rusqlite::Connection;

use crate::ledger::{entry, global, hold, start, usd};

const CHILDREN: usize = 4;
const ENTRIES: usize = 100;

/// Forks again and again in the middle of its work; parent and children go on with the same store.
pub(crate) fn fork(path: &str) {
    let store = Arc::new(SqliteStore::open(path).unwrap());
    let accounts = global(None);
    // Held across every fork: it is the parent's, and no child's end gives it back.
    wait_for(store.hold(hold(&accounts, "0.5"))).unwrap();
    let busy = {
        let store = Arc::clone(&store);
        std::thread::spawn(move || book(&store))
    };
    let children: Vec<i32> = (0..CHILDREN).map(|_| child(|| book(&store))).collect();
    busy.join().unwrap();
    for child in children {
        assert_eq!(ended(child), 0);
    }
    let balance = wait_for(store.balances(&accounts)).unwrap()[0];
    assert_eq!(balance.reserved.cost, usd("0.5"));
    outlive(Arc::into_inner(store).unwrap());
    println!("done");
}

/// A child that goes on after its parent has closed the ledger.
fn outlive(store: SqliteStore) {
    let (mut of_parent, mut to_child) = std::io::pipe().unwrap();
    let (mut of_child, mut to_parent) = std::io::pipe().unwrap();
    let child = child(|| {
        store.commit(None, &global(None), entry("0.01"));
        wait_for(store.flush()).unwrap();
        to_parent.write_all(b"!").unwrap();
        of_parent.read_exact(&mut [0]).unwrap();
        book(&store);
    });
    of_child.read_exact(&mut [0]).unwrap();
    drop(store);
    to_child.write_all(b"!").unwrap();
    assert_eq!(ended(child), 0);
}

fn book(store: &SqliteStore) {
    for index in 0..ENTRIES {
        store.commit(None, &global(None), entry("0.01"));
        if index % 10 == 0 {
            wait_for(store.flush()).unwrap();
        }
    }
    wait_for(store.flush()).unwrap();
}

#[expect(unsafe_code, reason = "a fork is what is tested")]
fn child(work: impl FnOnce()) -> i32 {
    // SAFETY: the child uses the store, which is made for it, and ends without unwinding.
    unsafe {
        let child = libc::fork();
        if child == 0 {
            work();
            libc::_exit(0);
        }
        assert!(child > 0);
        child
    }
}

#[expect(unsafe_code, reason = "a fork is what is tested")]
fn ended(child: i32) -> i32 {
    let mut status = 0;
    // SAFETY: the status is written before the call returns.
    unsafe {
        libc::waitpid(child, &raw mut status, 0);
    }
    status
}

pub(crate) fn test() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let done = start(&["fork", path.to_str().unwrap()]).wait_with_output().unwrap();
    assert!(done.status.success());
    assert_eq!(String::from_utf8_lossy(&done.stdout), "done\n");
    check(&path);
}

fn check(path: &Path) {
    let store = SqliteStore::open(path).unwrap();
    let expected = (CHILDREN + 2) * ENTRIES + 1;
    assert_eq!(wait_for(store.entries(&EntryFilter::default())).unwrap().len(), expected);
    let all = &wait_for(store.totals(TotalsBy::All)).unwrap()[0];
    let balance = wait_for(store.balances(&global(None))).unwrap()[0];
    assert_eq!((balance.committed, balance.reserved), (all.spend, Spend::ZERO));
    drop(store);
    let sound: String = Connection::open(path)
        .unwrap()
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(sound, "ok");
}
