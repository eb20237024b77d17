//! Specialist terms of a query.

use std::fmt;

use serde::Serialize;

/// A field of knowledge with a vocabulary of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TechnicalField {
    /// Physics and astronomy.
    Physics,
    /// Pure and applied mathematics.
    Mathematics,
    /// Computer science and engineering of systems.
    Computing,
    /// Biology, chemistry and medicine.
    LifeScience,
    /// Law, economics and finance.
    Institutions,
}

impl TechnicalField {
    /// Every field, in the order of their classes in the lexicon.
    pub const ALL: [Self; 5] =
        [Self::Physics, Self::Mathematics, Self::Computing, Self::LifeScience, Self::Institutions];

    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Physics => "physics",
            Self::Mathematics => "mathematics",
            Self::Computing => "computing",
            Self::LifeScience => "life_science",
            Self::Institutions => "institutions",
        }
    }
}

impl fmt::Display for TechnicalField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A specialist term found in a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TechnicalTerm {
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
    /// The field it belongs to.
    pub field: TechnicalField,
}
