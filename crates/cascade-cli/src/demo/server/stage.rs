use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::asked_request::AskedRequest;
use crate::demo::script::{Health, Script, ScriptedAnswer, ScriptedModel, ScriptedToolCall};

/// What both servers play from.
pub(super) struct Stage {
    script: Arc<Script>,
    paced: bool,
    /// Refusals for their rate so far, by model and question.
    refusals: Mutex<HashMap<(String, String), u32>>,
}

/// What a request is answered with.
#[derive(Debug)]
pub(super) enum Reply {
    /// A turn of the model.
    Turn(Turn),
    /// Refused with status 429 and how many seconds to wait.
    RateLimited(u64),
    /// Status 500.
    Broken,
    /// Nothing is scripted for it.
    Unknown,
}

/// A turn of a model.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) model: String,
    pub(super) text: String,
    pub(super) tool_call: Option<ScriptedToolCall>,
    pub(super) cut_short: bool,
    pub(super) logprob: Option<f64>,
    /// Whether the connection is cut in the middle.
    pub(super) cut_connection: bool,
    pub(super) latency: Duration,
    pub(super) chunk_pause: Duration,
}

impl Stage {
    pub(super) fn new(script: Arc<Script>, paced: bool) -> Self {
        Self { script, paced, refusals: Mutex::default() }
    }

    /// The scripted reply to a request.
    pub(super) fn reply(&self, asked: &AskedRequest) -> Reply {
        let Some(model) = self.script.cast.models.iter().find(|model| model.name == asked.model)
        else {
            return Reply::Unknown;
        };
        if model.health == Health::Broken {
            return Reply::Broken;
        }
        if model.health == Health::Cut {
            let text = "This answer will never be comp".to_owned();
            return Reply::Turn(Turn { text, ..self.turn(model) });
        }
        let Some(answer) = self.answer(asked) else { return Reply::Unknown };
        if self.refuses(asked, answer) {
            return Reply::RateLimited(u64::from(self.paced));
        }
        let turn = self.turn(model);
        Reply::Turn(match &answer.tool_call {
            Some(call) if !asked.tool_answered => {
                Turn { tool_call: Some(call.clone()), logprob: answer.logprob, ..turn }
            }
            _ => Turn {
                text: answer.text.clone(),
                cut_short: answer.cut_short,
                logprob: answer.logprob,
                ..turn
            },
        })
    }

    fn answer(&self, asked: &AskedRequest) -> Option<&ScriptedAnswer> {
        self.script
            .domains
            .iter()
            .flat_map(|domain| &domain.queries)
            .find(|query| query.query == asked.query)?
            .answers
            .iter()
            .find(|answer| answer.model == asked.model)
    }

    fn refuses(&self, asked: &AskedRequest, answer: &ScriptedAnswer) -> bool {
        if answer.rate_limited == 0 {
            return false;
        }
        let mut refusals = self.refusals.lock();
        let count = refusals.entry((asked.model.clone(), asked.query.clone())).or_default();
        *count += 1;
        *count <= answer.rate_limited
    }

    fn turn(&self, model: &ScriptedModel) -> Turn {
        let pause = |milliseconds| Duration::from_millis(if self.paced { milliseconds } else { 0 });
        Turn {
            model: model.name.clone(),
            text: String::new(),
            tool_call: None,
            cut_short: false,
            logprob: None,
            cut_connection: model.health == Health::Cut,
            latency: pause(model.latency_ms),
            chunk_pause: pause(model.chunk_ms),
        }
    }
}
