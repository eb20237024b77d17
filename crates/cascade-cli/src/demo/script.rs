//! The scripts of the demo, as data: which models there are, what is asked, what each answers.

use cascadeflow::{Error, ErrorKind, ResponseFormat, Result, StreamPolicy, Usd};
use serde::Deserialize;
use serde_json::Value;

/// Models, line-ups and tools.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cast {
    pub(super) models: Vec<ScriptedModel>,
    pub(super) line_ups: Vec<LineUp>,
    pub(super) tools: Vec<ScriptedTool>,
}

/// The wire format that a model is served in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Dialect {
    Openai,
    Anthropic,
}

/// A scripted model.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScriptedModel {
    pub(super) name: String,
    pub(super) dialect: Dialect,
    /// USD per 1,000 tokens.
    pub(super) cost: Usd,
    /// Pause before the answer, in milliseconds.
    #[serde(default)]
    pub(super) latency_ms: u64,
    /// Pause between the chunks of a stream, in milliseconds.
    #[serde(default)]
    pub(super) chunk_ms: u64,
    /// What becomes of its connections.
    #[serde(default)]
    pub(super) health: Health,
}

/// What becomes of every request to a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Health {
    /// It is answered.
    #[default]
    Well,
    /// It is answered with status 500.
    Broken,
    /// Its connection is cut in the middle of the answer.
    Cut,
}

/// Models that form one agent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LineUp {
    pub(super) name: String,
    pub(super) models: Vec<String>,
    #[serde(default)]
    pub(super) fallbacks: Vec<String>,
}

/// A tool with the answer it always gives.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScriptedTool {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) parameters: Value,
    pub(super) output: String,
}

/// The questions of one domain.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DomainScript {
    pub(super) domain: String,
    pub(super) queries: Vec<ScriptedQuery>,
}

/// A question, how it is asked, and what each model answers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScriptedQuery {
    pub(super) query: String,
    /// What kind of draft the script gives, for the reader of the report only.
    pub(super) scripted_draft: String,
    #[serde(default = "standard")]
    pub(super) line_up: String,
    /// Asked as a stream under this policy; `None` asks for the answer in one piece.
    #[serde(default)]
    pub(super) stream: Option<StreamPolicy>,
    #[serde(default)]
    pub(super) tools: Vec<String>,
    #[serde(default)]
    pub(super) response_format: Option<ResponseFormat>,
    pub(super) answers: Vec<ScriptedAnswer>,
}

fn standard() -> String {
    "standard".to_owned()
}

/// What one model answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScriptedAnswer {
    pub(super) model: String,
    #[serde(default)]
    pub(super) text: String,
    /// Whether the answer ends at the token limit.
    #[serde(default)]
    pub(super) cut_short: bool,
    /// Mean log-probability of its tokens; `None` sends none.
    #[serde(default)]
    pub(super) logprob: Option<f64>,
    /// The tool it calls first; `text` then follows the tool's answer.
    #[serde(default)]
    pub(super) tool_call: Option<ScriptedToolCall>,
    /// How many requests are first refused with status 429.
    #[serde(default)]
    pub(super) rate_limited: u32,
}

/// A call of a tool.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScriptedToolCall {
    pub(super) name: String,
    pub(super) arguments: Value,
}

/// The whole script.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) cast: Cast,
    pub(super) domains: Vec<DomainScript>,
}

macro_rules! data_file {
    ($name:literal) => {
        ($name, include_str!(concat!("../../data/demo/", $name, ".json")))
    };
}

const DOMAIN_FILES: [(&str, &str); 10] = [
    data_file!("geography"),
    data_file!("science"),
    data_file!("mathematics"),
    data_file!("code"),
    data_file!("data"),
    data_file!("translation"),
    data_file!("support"),
    data_file!("finance"),
    data_file!("medicine"),
    data_file!("writing"),
];

impl Script {
    /// The script that is built in.
    pub(super) fn load() -> Result<Self> {
        let (name, text) = data_file!("cast");
        Ok(Self {
            cast: parse(name, text)?,
            domains: DOMAIN_FILES
                .into_iter()
                .map(|(name, text)| parse(name, text))
                .collect::<Result<_>>()?,
        })
    }

    /// Number of questions.
    pub(super) fn len(&self) -> usize {
        self.domains.iter().map(|domain| domain.queries.len()).sum()
    }
}

fn parse<T: for<'de> Deserialize<'de>>(name: &str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| {
        Error::new(ErrorKind::Internal, format!("demo script `{name}.json` is malformed: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_line_up_can_answer_every_question_it_is_asked() {
        let script = Script::load().expect("the script parses");
        let mut asked = HashSet::new();
        for domain in &script.domains {
            for query in &domain.queries {
                assert!(asked.insert(&query.query), "asked twice: {}", query.query);
                let line_up = script
                    .cast
                    .line_ups
                    .iter()
                    .find(|line_up| line_up.name == query.line_up)
                    .unwrap_or_else(|| panic!("no line-up `{}`", query.line_up));
                for name in line_up.models.iter().chain(&line_up.fallbacks) {
                    let model = script.cast.models.iter().find(|model| &model.name == name);
                    let model = model.unwrap_or_else(|| panic!("no model `{name}`"));
                    assert!(
                        model.health != Health::Well
                            || query.answers.iter().any(|answer| &answer.model == name),
                        "`{name}` has no answer to: {}",
                        query.query
                    );
                }
                for tool in &query.tools {
                    assert!(script.cast.tools.iter().any(|known| &known.name == tool), "{tool}");
                }
            }
        }
    }
}
