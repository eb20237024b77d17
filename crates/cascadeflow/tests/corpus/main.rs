//! Runs every case of `shared-tests/` and reports each by its name.
//!
//! The format, the operations and the comparison are described in `shared-tests/README.md`. Nothing is
//! skipped: a file that cannot be read, an unknown key and an unknown operation are failures.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program fails loudly"
)]

mod case;
mod compare;
mod corpus_provider;
mod corpus_tools;
mod execute;
mod options;
mod records;
mod services;
mod spending;

use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared-tests/cases");
    let cases = case::read_all(&folder);
    let trials = cases
        .into_iter()
        .map(|case| {
            Trial::test(case.title.clone(), move || execute::run(&case).map_err(Failed::from))
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}
