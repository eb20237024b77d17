//! Routers that plan which models a query visits.
//!
//! Owns the decision which way a query takes: by complexity and its exceptions, by domain, or by a
//! user's strategy. Word tables are data.
//!
//! Must not price or judge. Sits on `cascade-core` alone.

mod complexity;
mod config;
mod custom;
mod domain;
mod strategy;
mod tools;

pub use complexity::ComplexityRouter;
pub use config::RouterConfig;
pub use custom::{RouteRequest, RoutedModel, read_plan};
pub use domain::{Domain, DomainDetector};
pub use strategy::{StrategyRouter, plan_strategy};
pub use tools::ToolDemand;
