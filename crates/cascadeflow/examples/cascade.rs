//! A cascade of two models: the cheap one drafts, and the strong one is asked when the draft is
//! not good enough.
//!
//! Real models come from `AgentConfig::agent`, which finds the built-in providers and their keys.
//! This example brings a provider of its own, so that it runs without a key and a network.
//!
//! Run it with `cargo run -p cascadeflow --example cascade`.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::sync::Arc;

use cascadeflow::ports::{BoxFuture, Provider};
use cascadeflow::{
    AgentConfig, ChatRequest, ChatResponse, Message, ModelConfig, Result, RunOptions,
};

/// The cheap model knows one city; the strong model knows another one, too.
struct Geographer;

impl Provider for Geographer {
    fn name(&self) -> &'static str {
        "geographer"
    }

    fn complete<'a>(&'a self, request: &'a ChatRequest) -> BoxFuture<'a, Result<ChatResponse>> {
        let question = request.messages.last().map(Message::text).unwrap_or_default();
        let answer = match (&*request.model, question.contains("France")) {
            (_, true) => "The capital of France is Paris.",
            ("strong", false) => "The capital of Bhutan is Thimphu.",
            _ => "I'm sorry, but I can't help with that request.",
        };
        Box::pin(std::future::ready(Ok(ChatResponse::from_text(answer))))
    }
}

#[tokio::main]
pub(crate) async fn main() -> Result<()> {
    let config = AgentConfig {
        models: vec![
            ModelConfig::new("cheap", "geographer").with_cost("0.00015".parse()?),
            ModelConfig::new("strong", "geographer").with_cost("0.00625".parse()?),
        ],
        ..AgentConfig::default()
    };
    let agent = config.builder(|_| Ok(Arc::new(Geographer)))?.build()?;

    let easy = agent.run("What is the capital of France?", RunOptions::default()).await?;
    assert!(easy.draft_accepted);
    println!("{} ({}, saved ${})", easy.content, easy.model_used, easy.cost_saved);

    let harder = agent.run("What is the capital of Bhutan?", RunOptions::default()).await?;
    assert!(harder.escalated);
    println!("{} ({}, cost ${})", harder.content, harder.model_used, harder.total_cost);
    for attempt in &harder.attempts {
        let verdict = attempt.verdict.as_ref().map_or("", |verdict| &*verdict.reason);
        println!("  {}: {:?} {verdict}", attempt.model, attempt.outcome);
    }
    Ok(())
}
