//! The values that cross every boundary of the workspace, one concept a file.

mod api_key;
mod attempt;
mod batch;
mod budget;
mod complexity;
mod event;
mod http_options;
mod input;
mod message;
mod model;
mod options;
mod plan;
mod plan_record;
mod price;
mod request;
mod response;
mod result;
mod run_id;
mod service_tier;
mod spend;
mod strategy;
mod token_rates;
mod tool;
mod trace;
mod usage;
mod usd;
mod verdict;

pub use api_key::ApiKey;
pub use attempt::{Attempt, AttemptOutcome, AttemptRole};
pub use batch::{BatchItem, BatchOptions, BatchProgress, BatchReport};
pub use budget::{
    Account, Balance, BudgetOwner, BudgetStatus, BudgetWindow, Limit, Measure, OwnerKind,
};
pub use complexity::{Complexity, PerComplexity};
pub use event::{StreamEvent, StreamPhase, StreamPolicy};
pub use http_options::HttpOptions;
pub use input::Input;
pub use message::{ImageSource, Message, Part, Role};
pub use model::ModelConfig;
pub use options::RunOptions;
pub use plan::{Plan, PlanStep, Route, StepGate, VerifierChoice};
pub use plan_record::{PlanRecord, PlanStepRecord};
pub use price::{LongContext, LongContextScope, ModelPrice, Priced, TierRates, UnpricedPolicy};
pub use request::{ChatRequest, ResponseFormat};
pub use response::{ChatResponse, FinishReason, ResponseDelta, TokenLogprob, ToolCallDelta};
pub use result::{CascadeResult, Timings};
pub use run_id::RunId;
pub use service_tier::ServiceTier;
pub use spend::{BudgetScope, Spend};
pub use strategy::{Strategy, StrategyStep};
pub use token_rates::TokenRates;
pub use tool::{Tool, ToolCall, ToolChoice, ToolOutput};
pub use trace::{DecisionTrace, TraceStage, TraceStep};
pub use usage::Usage;
pub use usd::Usd;
pub use verdict::{CheckOutcome, Verdict};
