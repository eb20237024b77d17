use cascadeflow::{Agent, CascadeResult, Error, ErrorKind, StreamEvent};
use futures_util::StreamExt;

use super::answer_view;
use super::arguments::RunArguments;
use super::configuration;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// Asks the question and shows the answer, then how it came about.
pub(crate) async fn execute(
    arguments: &RunArguments,
    terminal: &mut Terminal,
    environment: &Environment,
) -> Result<(), Failure> {
    let agent = configuration::agent(arguments, environment).await?;
    let query = query(arguments, terminal).await?;
    let result = if arguments.json || arguments.no_stream {
        agent.run(query, configuration::options(arguments)).await?
    } else {
        stream(&agent, query, arguments, terminal).await?
    };
    if arguments.json {
        return Ok(terminal.json(&result)?);
    }
    if arguments.no_stream {
        terminal.write(&result.content)?;
    }
    answer_view::end_of_answer(&result, terminal)?;
    if arguments.explain {
        answer_view::explain(&result, terminal)?;
    }
    if !arguments.quiet {
        answer_view::summary(&result, terminal)?;
    }
    Ok(())
}

async fn query(arguments: &RunArguments, terminal: &mut Terminal) -> Result<String, Failure> {
    let query =
        if arguments.query == "-" { terminal.read_input().await? } else { arguments.query.clone() };
    if query.trim().is_empty() {
        return Err(Error::validation(
            "query",
            "the question is empty",
            "give it as an argument, or `-` and on standard input",
        )
        .into());
    }
    Ok(query)
}

/// Shows the answer as it comes, and gives the result at its end.
async fn stream(
    agent: &Agent,
    query: String,
    arguments: &RunArguments,
    terminal: &mut Terminal,
) -> Result<CascadeResult, Failure> {
    let mut events = agent.stream(query, configuration::options(arguments));
    let mut shown = false;
    while let Some(event) = events.next().await {
        match event? {
            StreamEvent::Chunk { text, .. } => {
                shown = true;
                terminal.write(&text)?;
            }
            StreamEvent::Switch { from_model, to_model, reason } if shown => {
                let notice = format!("[{from_model} is replaced by {to_model}: {reason}]");
                terminal.line(&format!("\n\n{}\n", terminal.paint().faint(&notice)))?;
            }
            StreamEvent::Complete { result } => return Ok(*result),
            _ => {}
        }
    }
    Err(Error::new(ErrorKind::Internal, "the stream ended without a result").into())
}
