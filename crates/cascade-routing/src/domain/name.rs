use std::fmt;
use std::str::FromStr;

use cascade_core::{Error, Result};
use serde::{Deserialize, Serialize};

macro_rules! domains {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// The field a query belongs to, or the kind of work it asks for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Domain { $($(#[$doc])* $variant,)* }

        impl Domain {
            /// Every domain, in declaration order.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The stable name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

domains! {
    /// Programs and their making.
    Code = "code",
    /// Analysis of data.
    Data = "data",
    /// Extraction into a structure.
    Structured = "structured",
    /// Questions about given documents.
    Rag = "rag",
    /// Talk.
    Conversation = "conversation",
    /// Actions through tools.
    Tool = "tool",
    /// Invention.
    Creative = "creative",
    /// Comparison.
    Comparison = "comparison",
    /// Summaries.
    Summary = "summary",
    /// Translation.
    Translation = "translation",
    /// Mathematics.
    Math = "math",
    /// Facts of the world.
    Factual = "factual",
    /// Medicine and health.
    Medical = "medical",
    /// Law.
    Legal = "legal",
    /// Finance and economy.
    Financial = "financial",
    /// Pictures, sound, video.
    Multimodal = "multimodal",
    /// None of the others.
    General = "general",
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Domain {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|domain| domain.as_str() == text).ok_or_else(|| {
            let names: Vec<String> = Self::ALL.iter().map(|d| format!("`{d}`")).collect();
            Error::validation(
                "domain",
                format!("unknown domain: `{text}`"),
                format!("use one of {}", names.join(", ")),
            )
        })
    }
}
