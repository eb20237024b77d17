//! Runs the command with captured streams.

use std::io::{self, Cursor, Write};
use std::sync::Arc;

use cascade_cli::{Environment, Terminal, run_with};
use parking_lot::Mutex;
use serde_json::Value;

/// What a command wrote and returned.
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Outcome {
    /// Standard output as JSON, of a command that succeeded.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.err);
        serde_json::from_str(&self.out).expect("standard output is JSON")
    }
}

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().clone()).unwrap()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs `cascadeflow` with these arguments and an environment without variables.
pub(crate) fn cascadeflow<S: Into<String>>(args: impl IntoIterator<Item = S>) -> Outcome {
    cascadeflow_in(args, [], "")
}

/// Runs `cascadeflow` with these arguments, environment variables and standard input.
pub(crate) fn cascadeflow_in<S: Into<String>, const N: usize>(
    args: impl IntoIterator<Item = S>,
    variables: [(&str, &str); N],
    input: &str,
) -> Outcome {
    let (out, err) = (Captured::default(), Captured::default());
    let mut terminal =
        Terminal::of_streams(Cursor::new(input.to_owned()), out.clone(), err.clone());
    let args =
        std::iter::once("cascadeflow".to_owned()).chain(args.into_iter().map(Into::into)).collect();
    let code = run_with(args, &mut terminal, &Environment::of_values(variables));
    Outcome { code, out: out.text(), err: err.text() }
}

#[test]
fn without_a_command_the_usage_is_shown_and_the_code_is_two() {
    let outcome = cascadeflow([] as [&str; 0]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.err.contains("Usage: cascadeflow"), "{}", outcome.err);
}

#[test]
fn help_and_version_go_to_standard_output() {
    for (argument, expected) in [("--help", "replay"), ("--version", "cascadeflow 2.")] {
        let outcome = cascadeflow([argument]);
        assert_eq!((outcome.code, outcome.err.as_str()), (0, ""));
        assert!(outcome.out.contains(expected), "{}", outcome.out);
    }
}

#[test]
fn a_mistyped_command_is_answered_with_the_nearest_one() {
    let outcome = cascadeflow(["reply", "file"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.err.contains("replay"), "{}", outcome.err);
    assert!(!outcome.err.contains('\u{1b}'), "colours belong on a screen only");
}
