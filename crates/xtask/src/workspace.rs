use std::path::{Path, PathBuf};

/// The root of the workspace: two folders above this crate.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap_or_default()
}

/// The text of a file of the workspace, or an error that names it.
pub(crate) fn read(path: &str) -> Result<String, Box<dyn std::error::Error>> {
    std::fs::read_to_string(root().join(path))
        .map_err(|error| format!("cannot read `{path}`: {error}").into())
}
