//! Events of a streamed run.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CascadeResult, Complexity, Route, ToolCallDelta, Verdict};

/// What a stream shows before a draft's verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StreamPolicy {
    /// Nothing: an accepted draft is shown after its verdict.
    #[default]
    Buffer,
    /// The draft as it is made; a `switch` event follows a rejection and voids it.
    Optimistic,
}

/// Which part of the run a chunk comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamPhase {
    /// A draft.
    Draft,
    /// The answer after a rejected draft.
    Verifier,
    /// The only planned answer.
    Direct,
}

/// One event of a streamed run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StreamEvent {
    /// The plan was made. First, once.
    Routing {
        /// The way taken.
        route: Route,
        /// Complexity planned for.
        complexity: Complexity,
        /// Why.
        reason: Cow<'static, str>,
        /// First model to be asked.
        model: Arc<str>,
        /// Its provider.
        provider: Arc<str>,
    },
    /// More answer text.
    Chunk {
        /// The text.
        text: String,
        /// The part of the run it comes from.
        phase: StreamPhase,
        /// The model it comes from.
        model: Arc<str>,
        /// Its provider.
        provider: Arc<str>,
    },
    /// More reasoning text.
    Thinking {
        /// The text.
        text: String,
        /// The part of the run it comes from.
        phase: StreamPhase,
        /// The model it comes from.
        model: Arc<str>,
    },
    /// More of a tool call.
    ToolCall {
        /// The fragment.
        delta: ToolCallDelta,
        /// The part of the run it comes from.
        phase: StreamPhase,
        /// The model it comes from.
        model: Arc<str>,
    },
    /// A draft was judged.
    DraftDecision {
        /// Its verdict.
        verdict: Verdict,
        /// The drafting model.
        draft_model: Arc<str>,
        /// The model asked on rejection; `None` when there is none.
        verifier_model: Option<Arc<str>>,
    },
    /// Another model takes over; what was shown of the draft is void.
    Switch {
        /// The model left.
        from_model: Arc<str>,
        /// The model taken.
        to_model: Arc<str>,
        /// Why.
        reason: Cow<'static, str>,
    },
    /// The end: the result that a plain run gives. Last, once.
    Complete {
        /// The result.
        result: Box<CascadeResult>,
    },
}
