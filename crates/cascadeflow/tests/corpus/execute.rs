use std::sync::Arc;
use std::time::Duration;

use cascadeflow::ports::{Judge, JudgeInput};
use cascadeflow::providers::ProviderRegistry;
use cascadeflow::quality::QualityValidator;
use cascadeflow::query::QueryAnalysis;
use cascadeflow::{
    Agent, AgentConfig, BatchProgress, Complexity, ErrorKind, Input, ModelConfig, ModelPrice,
    ResponseFormat, Result, RunOptions, StreamEvent, Tool, ToolChoice, Usage, Usd,
};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::case::Case;
use crate::compare;
use crate::corpus_provider::{Answer, CorpusProvider, Script};
use crate::corpus_tools::CorpusTools;
use crate::options::{read_batch, read_input, read_options, text};
use crate::{records, services, spending};

/// Longest time of one case; nothing in the corpus waits for more than milliseconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs one case; the error says how it differs.
pub(crate) fn run(case: &Case) -> std::result::Result<(), String> {
    check_keys(case)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let record = runtime.block_on(async {
        tokio::time::timeout(PATIENCE, Box::pin(execute(case)))
            .await
            .unwrap_or_else(|_| Err("the case did not end".to_owned()))
    })?;
    let differences = compare::differences(&case.expected, &record);
    if differences.is_empty() { Ok(()) } else { Err(differences) }
}

/// Refuses keys of `input` that the operation does not know.
fn check_keys(case: &Case) -> std::result::Result<(), String> {
    let known: &[&str] = match case.operation.as_str() {
        "analyse" | "complexity" => &["query"],
        "plan" => &["query", "messages", "options"],
        "verdict" => &[
            "query",
            "draft",
            "complexity",
            "threshold",
            "response_format",
            "tools",
            "tool_choice",
        ],
        "price" => &["price", "cost", "usage"],
        "run" | "stream" => &["query", "messages", "options", "script", "tool_outputs"],
        "batch" => &["queries", "options", "script", "batch"],
        "error" => &["query", "messages", "options", "script", "environment"],
        "circuit_breaker" => &["settings", "steps"],
        "validate_provider" => &["provider"],
        "available_providers" => &["environment"],
        "count_tokens" => &["model", "text", "messages"],
        "estimate_cost" => &["model", "provider", "cost", "messages", "max_tokens"],
        "price_file" => &["contents", "provider", "model", "usage"],
        operation if spending::knows(operation) => spending::KEYS,
        unknown => return Err(format!("unknown operation: `{unknown}`")),
    };
    match case.input.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(format!("unknown key of the input of `{}`: `{key}`", case.operation)),
        None => Ok(()),
    }
}

async fn execute(case: &Case) -> std::result::Result<Value, String> {
    let input = &case.input;
    match case.operation.as_str() {
        "analyse" => Ok(json!(QueryAnalysis::new(text(input, "query")))),
        "complexity" => {
            let analysis = QueryAnalysis::new(text(input, "query"));
            Ok(json!({"level": analysis.complexity, "confidence": analysis.complexity_confidence}))
        }
        "plan" => plan(case).await.map_err(|error| error.to_string()),
        "verdict" => verdict(case).await.map_err(|error| error.to_string()),
        "price" => Ok(price(input)),
        "run" => run_once(case).await,
        "stream" => stream(case).await,
        "batch" => batch(case).await,
        "circuit_breaker" => Ok(services::circuit_breaker(input)),
        "validate_provider" => Ok(services::validate_provider(input)),
        "available_providers" => Ok(services::available_providers(input)),
        "count_tokens" => Ok(services::count_tokens(input)),
        "estimate_cost" => Ok(services::estimate_cost(input)),
        "price_file" => Ok(services::price_file(input)),
        operation if spending::knows(operation) => Ok(spending::run(operation, input)),
        _ => Box::pin(error(case)).await,
    }
}

async fn plan(case: &Case) -> Result<Value> {
    let agent = scripted_agent(&case.config, &Script::default(), None)?;
    let plan = agent.plan(read_input(&case.input), read_options(&case.input)?).await?;
    Ok(json!(plan.record(agent.models())))
}

async fn verdict(case: &Case) -> Result<Value> {
    let input = &case.input;
    let config = AgentConfig::from_value(or_empty(&case.config))?;
    let query = QueryAnalysis::new(text(input, "query"));
    let draft = optional::<Answer>(input, "draft").expect("a draft").response();
    let format: Option<ResponseFormat> = optional(input, "response_format");
    let tools: Vec<Tool> = optional(input, "tools").unwrap_or_default();
    let tool_choice: Option<ToolChoice> = optional(input, "tool_choice");
    let complexity: Option<Complexity> = optional(input, "complexity");
    let model = ModelConfig::new("draft", "custom");
    let judged = JudgeInput {
        query: &query,
        complexity: complexity.unwrap_or(query.complexity),
        draft: &draft,
        model: &model,
        threshold: optional(input, "threshold"),
        response_format: format.as_ref(),
        tools: &tools,
        tool_choice: tool_choice.as_ref(),
    };
    let verdict = QualityValidator::new(config.quality)?.judge(judged).await?;
    Ok(records::verdict(&verdict))
}

fn price(input: &Map<String, Value>) -> Value {
    let usage: Usage = optional(input, "usage").expect("a usage");
    let flat = optional::<Usd>(input, "cost").map(ModelPrice::flat_per_thousand);
    let price = optional::<ModelPrice>(input, "price").or(flat).expect("a price or a cost");
    json!({"cost": price.cost(&usage)})
}

async fn run_once(case: &Case) -> std::result::Result<Value, String> {
    let script = Script::read(&case.input["script"]);
    let tools = CorpusTools::of(&case.input);
    let mut record = records::outcome(&ask(case, &script, tools.as_ref()).await);
    tell_executed(&mut record, tools.as_ref());
    followed(&script).map(|()| record)
}

async fn ask(
    case: &Case,
    script: &Script,
    tools: Option<&Arc<CorpusTools>>,
) -> Result<cascadeflow::CascadeResult> {
    let agent = scripted_agent(&case.config, script, tools)?;
    agent.run(read_input(&case.input), read_options(&case.input)?).await
}

async fn stream(case: &Case) -> std::result::Result<Value, String> {
    let script = Script::read(&case.input["script"]);
    let breaks_off = script.breaks_off();
    let tools = CorpusTools::of(&case.input);
    let agent = scripted_agent(&case.config, &script, tools.as_ref());
    let agent = agent.map_err(|error| error.to_string())?;
    let options = read_options(&case.input).map_err(|error| error.to_string())?;
    let mut record = listen(&agent, read_input(&case.input), options).await?;
    tell_executed(&mut record, tools.as_ref());
    followed(&script)?;
    if record.get("error").is_none() && record["shown"] != record["content"] {
        return Err(format!("shown {} is not content {}", record["shown"], record["content"]));
    }
    if !breaks_off {
        let plain = run_once(case).await?;
        let (streamed, plain) =
            (records::without_time(record.clone()), records::without_time(plain));
        if streamed != plain {
            return Err(format!("streamed differently:\n stream {streamed}\n    run {plain}"));
        }
    }
    Ok(record)
}

/// Follows a stream to its end.
async fn listen(
    agent: &Agent,
    input: Input,
    options: RunOptions,
) -> std::result::Result<Value, String> {
    let mut stream = agent.stream(input, options);
    let (mut events, mut shown, mut streamed) = (Vec::new(), String::new(), String::new());
    let mut end = None;
    while let Some(event) = stream.next().await {
        if end.is_some() {
            return Err("an event follows the end of the stream".to_owned());
        }
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                end = Some(Err(error));
                continue;
            }
        };
        let kind = serde_json::to_value(&event).unwrap()["type"].as_str().unwrap().to_owned();
        if events.last() != Some(&kind) {
            events.push(kind);
        }
        match event {
            StreamEvent::Chunk { text, .. } => {
                shown.push_str(&text);
                streamed.push_str(&text);
            }
            StreamEvent::Switch { .. } => shown.clear(),
            StreamEvent::Complete { result } => end = Some(Ok(*result)),
            _ => {}
        }
    }
    let Some(end) = end else { return Err("the stream ended without a result".to_owned()) };
    let mut record = records::outcome(&end);
    record["events"] = events.into();
    record["shown"] = shown.into();
    record["streamed"] = streamed.into();
    Ok(record)
}

async fn batch(case: &Case) -> std::result::Result<Value, String> {
    let script = Script::read(&case.input["script"]);
    let agent = scripted_agent(&case.config, &script, None).map_err(|error| error.to_string())?;
    let options = read_options(&case.input).map_err(|error| error.to_string())?;
    let queries: Vec<String> = optional(&case.input, "queries").expect("queries");
    let inputs = queries.iter().map(|query| Input::from(query.as_str())).collect();
    let mut progress: Vec<BatchProgress> = Vec::new();
    let report =
        agent.run_batch(inputs, options, read_batch(&case.input), |step| progress.push(step)).await;
    followed(&script)?;
    let stopped = optional::<Map<String, Value>>(&case.input, "batch")
        .is_some_and(|batch| batch.get("stop_on_error") == Some(&Value::Bool(true)));
    let done: Vec<usize> = progress.iter().map(|step| step.done).collect();
    let every: Vec<usize> = (1..=queries.len()).collect();
    if !(done == every || stopped && every.starts_with(&done)) {
        return Err(format!("progress was reported for {done:?} of {}", queries.len()));
    }
    let items: Vec<Value> =
        report.items.iter().map(|item| records::outcome(&item.outcome)).collect();
    let mut record = json!({
        "items": items,
        "success_count": report.success_count(),
        "total_cost": report.total_cost,
    });
    if let Some(last) = progress.last() {
        record["progress"] = json!({
            "done": last.done,
            "failed": last.failed,
            "total": last.total,
            "cost": last.cost,
        });
    }
    Ok(record)
}

async fn error(case: &Case) -> std::result::Result<Value, String> {
    let failed = match case.input.get("script") {
        Some(script) => {
            let script = Script::read(script);
            let outcome = ask(case, &script, None).await;
            followed(&script)?;
            outcome
        }
        None => Box::pin(ask_builtin(case)).await,
    };
    let Err(failed) = failed else { return Err("no error came up".to_owned()) };
    let usage_error = matches!(failed.kind(), ErrorKind::Config | ErrorKind::Validation);
    if usage_error && (failed.field().is_none() || failed.hint().is_none()) {
        return Err(format!("neither field nor hint may be missing: {failed:?}"));
    }
    for secret in secrets(case) {
        if !secret.trim().is_empty() && format!("{failed} {failed:?}").contains(&secret) {
            return Err(format!("the error shows a secret: {failed:?}"));
        }
    }
    Ok(json!({"error": records::error(&failed)}))
}

/// Asks an agent over the built-in providers, which find the variables of the case only.
async fn ask_builtin(case: &Case) -> Result<cascadeflow::CascadeResult> {
    let environment = environment(case);
    let registry = ProviderRegistry::builtin();
    let config = AgentConfig::from_value(or_empty(&case.config))?;
    let agent = config
        .builder(|model| {
            registry.create(model, &|name| {
                environment
                    .get(name)
                    .and_then(Value::as_str)
                    .filter(|value| !value.trim().is_empty())
                    .map(str::to_owned)
            })
        })?
        .build()?;
    agent.run(read_input(&case.input), read_options(&case.input)?).await
}

fn environment(case: &Case) -> Map<String, Value> {
    optional(&case.input, "environment").unwrap_or_default()
}

/// What no error may show.
fn secrets(case: &Case) -> Vec<String> {
    let models = case.config.get("models").and_then(Value::as_array).cloned().unwrap_or_default();
    let keys = models.iter().filter_map(|model| model.get("api_key")).cloned();
    keys.chain(environment(case).into_iter().map(|(_, value)| value))
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}

fn scripted_agent(
    config: &Value,
    script: &Script,
    tools: Option<&Arc<CorpusTools>>,
) -> Result<Agent> {
    let mut builder = AgentConfig::from_value(or_empty(config))?
        .builder(|model| Ok(CorpusProvider::shared(&model.provider, script)))?;
    if let Some(tools) = tools {
        builder = builder.tool_handler(Arc::clone(tools) as _);
    }
    builder.build()
}

fn tell_executed(record: &mut Value, tools: Option<&Arc<CorpusTools>>) {
    if let Some(tools) = tools {
        record["executed"] = json!(tools.executed());
    }
}

fn followed(script: &Script) -> std::result::Result<(), String> {
    let faults = script.faults();
    if faults.is_empty() { Ok(()) } else { Err(faults.join("; ")) }
}

fn or_empty(config: &Value) -> Value {
    if config.is_null() { json!({}) } else { config.clone() }
}

pub(crate) fn optional<T: DeserializeOwned>(input: &Map<String, Value>, key: &str) -> Option<T> {
    input.get(key).map(|value| {
        serde_json::from_value(value.clone())
            .unwrap_or_else(|error| panic!("`{key}` cannot be read: {error}"))
    })
}
