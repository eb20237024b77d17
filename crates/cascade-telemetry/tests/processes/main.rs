//! Ledgers shared with processes that are killed.
//!
//! The program is the test and, with a first argument of `load`, `fork`, `spend` or `run`, the process
//! that it starts and kills.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failed expectation ends the test; the processes talk over their output"
)]

#[cfg(unix)]
mod forking;
mod killing;
mod ledger;
mod running;
mod sharing;

use libtest_mimic::{Arguments, Trial};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("load") => return killing::load(&arguments[2]),
        #[cfg(unix)]
        Some("fork") => return forking::fork(&arguments[2]),
        Some("run") => return running::run(&arguments[2], &arguments[3], &arguments[4]),
        Some("spend") => return sharing::spend(&arguments[2]),
        _ => {}
    }
    let trials = vec![
        Trial::test("kill_loses_no_confirmed_spending", || {
            killing::test();
            Ok(())
        }),
        Trial::test("runs_of_three_processes_keep_to_the_budget_in_every_mode", || {
            running::test();
            Ok(())
        }),
        Trial::test("processes_together_keep_to_the_budget", || {
            sharing::test();
            Ok(())
        }),
    ];
    #[cfg(unix)]
    let trials = {
        let mut trials = trials;
        trials.push(Trial::test("a_ledger_survives_a_fork", || {
            forking::test();
            Ok(())
        }));
        trials
    };
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
