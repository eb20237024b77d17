use std::io;

use cascadeflow::{Error, ErrorKind};

use crate::terminal::{Terminal, duration_ms, usd};

/// Why a command did not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The library refused or failed.
    Library(Error),
    /// Standard output or input broke.
    Streams(io::Error),
    /// Ctrl-C was pressed.
    Interrupted,
}

/// The command did its work.
pub(crate) const SUCCESS: i32 = 0;
/// The work failed.
const FAILED: i32 = 1;
/// The command line or the configuration is wrong.
pub(crate) const USAGE: i32 = 2;
/// Ctrl-C, as shells report it: 128 + SIGINT.
const INTERRUPTED: i32 = 130;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Library(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Streams(error)
    }
}

impl Failure {
    /// Shows the failure on standard error and gives the exit code for it.
    pub(crate) fn report(&self, terminal: &mut Terminal) -> i32 {
        match self {
            Self::Library(error) => {
                // Nothing is left to do when standard error is broken, too.
                drop(terminal.note(&describe(error, terminal)));
                exit_code(error)
            }
            // Whoever read the output has seen enough, as `head` does.
            Self::Streams(error) if error.kind() == io::ErrorKind::BrokenPipe => SUCCESS,
            Self::Streams(error) => {
                let text = format!("{} {error}", terminal.paint().bad("error:"));
                drop(terminal.note(&text));
                FAILED
            }
            Self::Interrupted => {
                drop(terminal.note("interrupted"));
                INTERRUPTED
            }
        }
    }
}

/// 2 for what the user can put right before anything is sent, else 1.
fn exit_code(error: &Error) -> i32 {
    let unsent = error.env_var().is_some() && error.status().is_none();
    if unsent || matches!(error.kind(), ErrorKind::Config | ErrorKind::Validation) {
        USAGE
    } else {
        FAILED
    }
}

fn describe(error: &Error, terminal: &Terminal) -> String {
    let paint = terminal.paint();
    let mut lines = vec![format!("{} {}", paint.bad("error:"), error.message())];
    // A single attempt is what the message tells already.
    for attempt in error.attempts().iter().filter(|_| error.attempts().len() > 1) {
        let rejected = attempt.verdict.as_ref().map(|verdict| verdict.reason.as_ref());
        lines.push(format!(
            "  {}/{}: {} ({}, {})",
            attempt.provider,
            attempt.model,
            attempt.error.as_deref().or(rejected).unwrap_or("no answer"),
            usd(attempt.cost),
            duration_ms(attempt.latency_ms),
        ));
    }
    if let Some(request_id) = error.request_id() {
        lines.push(format!("  request id: {request_id}"));
    }
    if let Some(hint) = error.hint() {
        lines.push(format!("{} {hint}", paint.accent("hint:")));
    }
    lines.join("\n")
}
