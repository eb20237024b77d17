//! What a router that users write is given, and the forms in which it may answer.

mod answer;
mod request;
mod steps;

pub use answer::read_plan;
pub use request::{RouteRequest, RoutedModel};
