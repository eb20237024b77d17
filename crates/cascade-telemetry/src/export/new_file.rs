//! Files that appear complete or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use cascade_core::{Error, Result};
use tempfile::{Builder, NamedTempFile};

/// A file being written beside its place; gone when it is dropped unfinished.
pub(super) struct NewFile {
    file: NamedTempFile,
    place: PathBuf,
}

impl NewFile {
    /// Begins the file that is to stand at `path`.
    pub(super) fn create(path: &Path) -> Result<Self> {
        // A link stays a link: what it points to is replaced.
        let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut builder = Builder::new();
        builder.prefix(".cascadeflow-").suffix(".tmp");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As any new file: what the mask of the process leaves.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let file = builder
            .tempfile_in(folder.unwrap_or(Path::new(".")))
            .map_err(|error| unwritable(path, bare(&error)))?;
        Ok(Self { file, place })
    }

    pub(super) fn file(&self) -> &File {
        self.file.as_file()
    }

    /// Where it is until it is finished.
    #[cfg(feature = "sqlite")]
    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Puts the complete file in its place, on disk.
    pub(super) fn finish(self) -> Result<()> {
        let Self { file, place } = self;
        file.as_file().sync_all().map_err(|error| unwritable(&place, error))?;
        file.persist(&place).map_err(|error| unwritable(&place, error.error))?;
        Ok(())
    }
}

/// `error` without the name of the file beside the place, which says nothing to anybody.
fn bare(error: &io::Error) -> io::Error {
    let text = error.to_string();
    let text = text.split_once(" at path ").map_or(text.as_str(), |(reason, _)| reason);
    io::Error::new(error.kind(), text)
}

/// The error of a file that cannot be written.
pub(super) fn unwritable(path: &Path, source: io::Error) -> Error {
    Error::validation(
        "path",
        format!("`{}` cannot be written: {source}", path.display()),
        "give a file in a folder that exists, can be written and has room",
    )
    .with_source(source)
}

/// The error of a file that cannot be read.
pub(crate) fn unreadable(path: &Path, source: io::Error) -> Error {
    Error::validation(
        "path",
        format!("`{}` cannot be read: {source}", path.display()),
        "give a ledger or an export that exists and may be read",
    )
    .with_source(source)
}

/// The error of a file whose content is not what it should be.
pub(super) fn malformed(path: &Path, why: impl std::fmt::Display) -> Error {
    Error::validation(
        "path",
        format!("`{}` is no export that can be read: {why}", path.display()),
        "export it again, or put the named place right",
    )
}
