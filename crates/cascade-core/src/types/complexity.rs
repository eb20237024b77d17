//! How hard a query is.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The five levels of difficulty of a query, easiest first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Complexity {
    /// Greetings, single facts.
    Trivial,
    /// A short explanation.
    Simple,
    /// A task with some structure: a comparison, a small program.
    Moderate,
    /// Several linked parts or demanding reasoning.
    Hard,
    /// Specialist work: proofs, designs, research.
    Expert,
}

impl Complexity {
    /// Every level, easiest first.
    pub const ALL: [Self; 5] =
        [Self::Trivial, Self::Simple, Self::Moderate, Self::Hard, Self::Expert];

    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trivial => "trivial",
            Self::Simple => "simple",
            Self::Moderate => "moderate",
            Self::Hard => "hard",
            Self::Expert => "expert",
        }
    }
}

impl fmt::Display for Complexity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Complexity {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == text).ok_or_else(|| {
            Error::validation(
                "complexity_hint",
                format!("unknown complexity: `{text}`"),
                "use one of `trivial`, `simple`, `moderate`, `hard`, `expert`",
            )
        })
    }
}

/// One value for each level of complexity.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PerComplexity<T> {
    /// For trivial queries.
    pub trivial: T,
    /// For simple queries.
    pub simple: T,
    /// For moderate queries.
    pub moderate: T,
    /// For hard queries.
    pub hard: T,
    /// For expert queries.
    pub expert: T,
}

impl<T> PerComplexity<T> {
    /// Values in the order of the levels, easiest first.
    pub const fn new(trivial: T, simple: T, moderate: T, hard: T, expert: T) -> Self {
        Self { trivial, simple, moderate, hard, expert }
    }

    /// The value for `level`.
    pub const fn get(&self, level: Complexity) -> &T {
        match level {
            Complexity::Trivial => &self.trivial,
            Complexity::Simple => &self.simple,
            Complexity::Moderate => &self.moderate,
            Complexity::Hard => &self.hard,
            Complexity::Expert => &self.expert,
        }
    }

    /// The value for `level`, to change it.
    pub const fn get_mut(&mut self, level: Complexity) -> &mut T {
        match level {
            Complexity::Trivial => &mut self.trivial,
            Complexity::Simple => &mut self.simple,
            Complexity::Moderate => &mut self.moderate,
            Complexity::Hard => &mut self.hard,
            Complexity::Expert => &mut self.expert,
        }
    }
}
