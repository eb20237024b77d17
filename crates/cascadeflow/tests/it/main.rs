//! Integration tests of the facade.

mod examples;
