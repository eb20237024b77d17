//! How processes that share a ledger know which of them are alive.

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cascade_core::{Error, Result};

/// What the names of marks have after that of the ledger.
const INFIX: &str = "-process-";

/// The mark of one user of a ledger: a file beside it, locked as long as the user lives. The
/// operating system gives the lock up however the process ends.
pub(super) struct ProcessMark {
    id: Arc<str>,
    process: u32,
    path: PathBuf,
    _locked: File,
}

impl ProcessMark {
    /// Marks a new user of the ledger at `ledger`.
    ///
    /// # Errors
    /// A configuration error when no file can be made there.
    pub(super) fn new(ledger: &Path) -> Result<Self> {
        Self::make(ledger).map_err(|source| {
            let message = format!("no file can be made beside the ledger `{}`", ledger.display());
            Error::config("path", message, "give a file in a folder that exists and can be written")
                .with_source(source)
        })
    }

    fn make(ledger: &Path) -> io::Result<Self> {
        let id = fresh_id();
        let path = path_of(ledger, &id);
        // Locked under another name first, so that nobody ever sees it unlocked.
        let unready = path_of(ledger, &format!("{id}.new"));
        let file = OpenOptions::new().write(true).create_new(true).open(&unready)?;
        file.try_lock().map_err(io::Error::from)?;
        fs::rename(&unready, &path)?;
        Ok(Self { id: id.into(), process: std::process::id(), path, _locked: file })
    }

    /// Tells this user from every other.
    pub(super) fn id(&self) -> &Arc<str> {
        &self.id
    }
}

impl Drop for ProcessMark {
    fn drop(&mut self) {
        // In a forked process it is still the parent's.
        if self.process == std::process::id() {
            // One that stays behind is taken away by whoever opens the ledger next.
            drop(fs::remove_file(&self.path));
        }
    }
}

/// Whether the user `id` of the ledger at `ledger` is alive. The mark of one that is not is removed.
pub(super) fn is_alive(ledger: &Path, id: &str) -> bool {
    lives(&path_of(ledger, id))
}

/// Removes the marks of users that are not alive.
pub(super) fn sweep(ledger: &Path) {
    let Some(name) = ledger.file_name() else { return };
    let prefix = format!("{}{INFIX}", name.to_string_lossy());
    let folder = ledger.parent().filter(|folder| !folder.as_os_str().is_empty());
    let Ok(files) = fs::read_dir(folder.unwrap_or(Path::new("."))) else { return };
    for file in files.flatten() {
        let found = file.file_name();
        let found = found.to_string_lossy();
        if found.starts_with(&prefix) && !found.ends_with(".new") {
            lives(&file.path());
        }
    }
}

fn lives(path: &Path) -> bool {
    let file = match File::open(path) {
        Ok(file) => file,
        // Without a mark there is no user; one that cannot be read may be that of another person.
        Err(error) => return error.kind() != io::ErrorKind::NotFound,
    };
    match file.try_lock() {
        Ok(()) => {
            drop(fs::remove_file(path));
            false
        }
        Err(_) => true,
    }
}

fn path_of(ledger: &Path, id: &str) -> PathBuf {
    let mut name = ledger.as_os_str().to_owned();
    name.push(INFIX);
    name.push(id);
    PathBuf::from(name)
}

/// The standard library's hasher is the randomness at hand; a forked process inherits its state, and
/// differs by its number.
fn fresh_id() -> String {
    let half = || RandomState::new().hash_one(std::process::id());
    format!("{:016x}{:016x}", half(), half())
}
