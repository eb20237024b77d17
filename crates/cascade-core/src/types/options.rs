//! Options of one run.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::{Complexity, ResponseFormat, Strategy, StreamPolicy, Tool, ToolChoice};

/// Options of one run; `None` and empty take the agent's default.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// Most completion tokens of each attempt.
    pub max_tokens: Option<u32>,
    /// Sampling temperature in [0, 2].
    pub temperature: Option<f64>,
    /// Nucleus sampling mass in (0, 1].
    pub top_p: Option<f64>,
    /// Texts at which generation stops.
    pub stop: Vec<String>,
    /// Sampling seed where the provider takes one.
    pub seed: Option<i64>,
    /// System prompt; goes before a system message of the conversation.
    pub system_prompt: Option<String>,
    /// Tools on offer.
    pub tools: Arc<[Tool]>,
    /// Whether a tool must be called.
    pub tool_choice: Option<ToolChoice>,
    /// Form of the answer.
    pub response_format: Option<ResponseFormat>,
    /// Complexity that replaces the detected one.
    pub complexity_hint: Option<Complexity>,
    /// Whether to skip the draft and ask the strong model.
    pub force_direct: bool,
    /// Domain that replaces the detected one.
    pub domain_hint: Option<String>,
    /// Confidence in `domain_hint`, in [0, 1].
    pub domain_confidence_hint: Option<f64>,
    /// Confidence a draft must reach, in [0, 1]; replaces every configured threshold.
    pub quality_threshold: Option<f64>,
    /// Time for the whole chain of attempts.
    pub deadline: Option<Duration>,
    /// What a stream shows before the verdict.
    pub stream_policy: Option<StreamPolicy>,
    /// Steps that replace the routed plan.
    pub strategy: Option<Arc<Strategy>>,
    /// Most rounds of tool execution, where a tool handler is set.
    pub max_steps: Option<u32>,
    /// The person the run is for.
    pub user_id: Option<String>,
    /// The organisation the run is for.
    pub tenant_id: Option<String>,
    /// The person's tier.
    pub user_tier: Option<String>,
    /// The API key the run was authorised with, by its name or id, never the key itself.
    pub key_id: Option<String>,
    /// The session the run belongs to.
    pub session_id: Option<String>,
    /// The workflow the run belongs to.
    pub workflow: Option<String>,
    /// The channel the run came through.
    pub channel: Option<String>,
    /// Key-value pairs kept with the result and its events.
    pub metadata: Map<String, Value>,
    /// Further parameters, passed to every provider untouched.
    pub extra: Map<String, Value>,
}
