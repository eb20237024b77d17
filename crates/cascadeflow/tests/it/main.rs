//! Integration tests of the facade.

mod checks;
mod examples;
