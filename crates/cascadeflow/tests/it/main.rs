//! Integration tests of the facade.

mod budgets;
mod checks;
mod examples;
