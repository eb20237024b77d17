use super::{
    agent_config_schema, environment_reference, node_declarations, providers_reference,
    python_stubs,
};
use crate::report::Report;
use crate::workspace;

/// Whether files are written or compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write every file.
    Write,
    /// Fail when a file differs from what would be written.
    Check,
}

/// A file made from the code.
pub(super) struct Generated {
    /// Path from the root of the workspace.
    pub(super) path: &'static str,
    /// What it holds.
    pub(super) text: String,
}

/// Writes or checks everything that is made from the code.
pub(crate) fn run(mode: Mode) -> Report {
    let files = [
        agent_config_schema::generate()?,
        environment_reference::generate(),
        providers_reference::generate(),
        python_stubs::generate()?,
        node_declarations::generate()?,
    ];
    let mut faults = Vec::new();
    for file in &files {
        match mode {
            Mode::Write => write(file)?,
            Mode::Check if workspace::read(file.path).ok().as_ref() == Some(&file.text) => {}
            Mode::Check => faults.push(format!("out of date: {}", file.path)),
        }
    }
    if !faults.is_empty() {
        faults.push("run `cargo xtask generate`".to_owned());
        return Err(faults.join("\n").into());
    }
    let paths: Vec<_> = files.iter().map(|file| file.path).collect();
    let done = if mode == Mode::Write { "wrote" } else { "up to date" };
    Ok(format!("{done}: {}", paths.join(", ")))
}

fn write(file: &Generated) -> std::io::Result<()> {
    let path = workspace::root().join(file.path);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, &file.text)
}
