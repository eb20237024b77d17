//! The `cascadeflow` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
    let code = cascade_cli::run_from_args(arguments.collect());
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
