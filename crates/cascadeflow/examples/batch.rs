//! Reads the agent from a configuration and runs several questions at once. A question that fails
//! keeps its error; the others go on.
//!
//! Run it with `cargo run -p cascadeflow --example batch`.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::sync::Arc;

use cascadeflow::ports::{BoxFuture, Provider};
use cascadeflow::{
    AgentConfig, BatchOptions, ChatRequest, ChatResponse, Error, ErrorKind, Input, Message, Result,
    RunOptions,
};

const CONFIGURATION: &str = "
models:
  - { name: cheap, provider: calculator, cost: 0.0001 }
  - { name: strong, provider: calculator, cost: 0.005 }
max_tokens: 200
";

/// Doubles the number at the end of a question; anything else it refuses.
struct Calculator;

impl Provider for Calculator {
    fn name(&self) -> &'static str {
        "calculator"
    }

    fn complete<'a>(&'a self, request: &'a ChatRequest) -> BoxFuture<'a, Result<ChatResponse>> {
        let question = request.messages.last().map(Message::text).unwrap_or_default();
        let last_word = question.trim_end_matches('?').rsplit(' ').next().unwrap_or_default();
        Box::pin(std::future::ready(match last_word.parse::<i64>() {
            Ok(number) => Ok(ChatResponse::from_text(format!("Twice {number} is {}.", 2 * number))),
            Err(_) => Err(Error::new(ErrorKind::InvalidRequest, "there is no number to double")),
        }))
    }
}

#[tokio::main]
pub(crate) async fn main() -> Result<()> {
    let config = AgentConfig::from_yaml(CONFIGURATION)?;
    let agent = config.builder(|_| Ok(Arc::new(Calculator)))?.build()?;

    let questions = ["What is twice 4?", "What is twice nothing?", "What is twice 21?"];
    let report = agent
        .run_batch(
            questions.map(Input::from).to_vec(),
            RunOptions::default(),
            BatchOptions { max_parallel: 2, ..BatchOptions::default() },
            |progress| println!("{} of {}", progress.done, progress.total),
        )
        .await;

    assert_eq!(report.success_count(), 2);
    for item in &report.items {
        match &item.outcome {
            Ok(result) => println!("{} → {}", questions[item.index], result.content),
            Err(error) => println!("{} → {error}", questions[item.index]),
        }
    }
    println!("together ${}", report.total_cost);
    Ok(())
}
