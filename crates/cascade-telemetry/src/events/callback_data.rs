use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::CallbackEvent;

/// What a listener is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallbackData {
    /// What happened.
    pub event: CallbackEvent,
    /// The query that it is about; empty when it is not known.
    pub query: String,
    /// Tier of the user; `None` when the run named none.
    pub user_tier: Option<String>,
    /// Workflow of the run; `None` when it named none.
    pub workflow: Option<String>,
    /// What belongs to the event.
    pub data: Map<String, Value>,
    /// When, in seconds since the Unix epoch.
    pub timestamp: f64,
}
