//! `cascadeflow ledger`: what was spent, on what, and what will be.

mod arguments;
mod balances;
mod chart;
mod command;
mod filter;
mod forecast;
mod grouping;
mod reading;
mod show;
mod transfer;
mod watch;

pub(crate) use arguments::LedgerArguments;
pub(crate) use command::execute;
