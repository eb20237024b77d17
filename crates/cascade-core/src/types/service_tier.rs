//! The service a provider gave a call.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How soon a provider serves a call, where it charges by that.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ServiceTier {
    /// As usual.
    Standard,
    /// Within hours, through a batch interface.
    Batch,
    /// Whenever there is room.
    Flex,
    /// Before others.
    Priority,
    /// Fastest of all, where a provider sells more than priority.
    Ultrafast,
}

impl ServiceTier {
    /// The tier a provider calls `name` in its answer; `None` when the name means none of them, so
    /// that the standard price holds.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "standard" | "default" | "on_demand" => Some(Self::Standard),
            "batch" => Some(Self::Batch),
            "flex" => Some(Self::Flex),
            "priority" => Some(Self::Priority),
            "ultrafast" => Some(Self::Ultrafast),
            _ => None,
        }
    }
}
