//! Checks and generators of the workspace: `cargo xtask check-layers`, `cargo xtask generate`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command of the developer's terminal reports on stdout and stderr"
)]

mod generate;
mod layers;
mod report;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <command>

  check-layers            fail on a dependency between crates that the layering forbids,
                          and on a picture of the layers in ARCHITECTURE.md that is out of date
  check-layers --picture  print the picture of the layers
  check-layers --write    put the picture into ARCHITECTURE.md
  generate                write every generated file
  generate --check        fail on a generated file that is out of date";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["check-layers"] => layers::check(),
        ["check-layers", "--picture"] => layers::print_picture(),
        ["check-layers", "--write"] => layers::write_picture(),
        ["generate"] => generate::run(generate::Mode::Write),
        ["generate", "--check"] => generate::run(generate::Mode::Check),
        ["help" | "--help" | "-h"] => Ok(USAGE.to_owned()),
        _ => Err(USAGE.to_owned().into()),
    };
    match outcome {
        Ok(message) => {
            println!("{message}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
