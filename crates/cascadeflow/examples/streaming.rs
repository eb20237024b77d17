//! Streams an answer. Nothing of a draft is shown before its verdict unless the policy is
//! `StreamPolicy::Optimistic`; then a `Switch` event voids a draft that is rejected.
//!
//! Run it with `cargo run -p cascadeflow --example streaming`.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::sync::Arc;

use cascadeflow::ports::{BoxFuture, Provider};
use cascadeflow::{
    AgentConfig, ChatRequest, ChatResponse, ModelConfig, Result, RunOptions, StreamEvent,
    StreamPolicy,
};
use futures_util::StreamExt;

/// The cheap model refuses, the strong model answers.
struct Librarian;

impl Provider for Librarian {
    fn name(&self) -> &'static str {
        "librarian"
    }

    fn complete<'a>(&'a self, request: &'a ChatRequest) -> BoxFuture<'a, Result<ChatResponse>> {
        let answer = match &*request.model {
            "strong" => "Middlemarch was written by George Eliot.",
            _ => "I'm sorry, but I can't help with that request.",
        };
        Box::pin(std::future::ready(Ok(ChatResponse::from_text(answer))))
    }
}

#[tokio::main]
pub(crate) async fn main() -> Result<()> {
    let config = AgentConfig {
        models: vec![
            ModelConfig::new("cheap", "librarian").with_cost("0.0001".parse()?),
            ModelConfig::new("strong", "librarian").with_cost("0.005".parse()?),
        ],
        stream_policy: StreamPolicy::Optimistic,
        ..AgentConfig::default()
    };
    let agent = config.builder(|_| Ok(Arc::new(Librarian)))?.build()?;

    let mut shown = String::new();
    let mut events = agent.stream("Who wrote Middlemarch?", RunOptions::default());
    while let Some(event) = events.next().await {
        match event? {
            StreamEvent::Routing { model, reason, .. } => println!("[{model}: {reason}]"),
            StreamEvent::Chunk { text, .. } => shown.push_str(&text),
            StreamEvent::Switch { to_model, reason, .. } => {
                println!("{shown}\n[{to_model} takes over: {reason}]");
                shown.clear();
            }
            StreamEvent::Complete { result } => {
                assert_eq!(shown, result.content);
                println!("{shown}\n[{} for ${}]", result.model_used, result.total_cost);
            }
            _ => {}
        }
    }
    Ok(())
}
