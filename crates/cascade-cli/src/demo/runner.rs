use std::sync::Arc;

use cascadeflow::{Agent, CascadeResult, Error, ErrorKind, Result, RunOptions, StreamEvent};
use futures_util::StreamExt;

use super::line_up::LineUps;
use super::query_report::QueryReport;
use super::script::{Script, ScriptedQuery};
use super::server::ScriptedServers;
use super::toolbox::Toolbox;
use crate::terminal::{Progress, shortened};

/// Asks every question of the script, one after the other, and reports each.
pub(super) async fn run(
    script: Arc<Script>,
    fast: bool,
    progress: &Progress,
) -> Result<Vec<QueryReport>> {
    let servers = ScriptedServers::start(Arc::clone(&script), !fast).await?;
    let toolbox = Arc::new(Toolbox::new(&script.cast.tools));
    let line_ups = LineUps::new(&script.cast, &servers, &toolbox)?;
    let mut reports = Vec::with_capacity(script.len());
    for domain in &script.domains {
        for query in &domain.queries {
            progress.message(shortened(&query.query, 48));
            let agent = line_ups.get(&query.line_up)?;
            let ended = ask(agent, query, &toolbox).await;
            reports.push(QueryReport::new(&domain.domain, query, &ended));
            progress.advance(1);
        }
    }
    Ok(reports)
}

async fn ask(agent: &Agent, query: &ScriptedQuery, toolbox: &Toolbox) -> Result<CascadeResult> {
    let options = RunOptions {
        tools: toolbox.offer(&query.tools).into(),
        response_format: query.response_format.clone(),
        stream_policy: query.stream,
        ..RunOptions::default()
    };
    if query.stream.is_none() {
        return agent.run(query.query.as_str(), options).await;
    }
    let mut events = agent.stream(query.query.as_str(), options);
    while let Some(event) = events.next().await {
        if let StreamEvent::Complete { result } = event? {
            return Ok(*result);
        }
    }
    Err(Error::new(ErrorKind::Internal, "the stream ended without a result"))
}
