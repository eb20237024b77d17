//! How hard a query is, from what it asks for and how much it says.

use super::analyser::Evidence;
use super::{QueryAnalysis, QueryForm, TechnicalField, cues};
use crate::types::Complexity;

/// Words up to which a plain question stays easy.
const SHORT: usize = 6;
/// Words up to which a query without any cue counts as simple.
const BRIEF: usize = 8;
/// Words from which a demanding task is expert work.
const LONG: usize = 14;

/// The level and the confidence in it.
///
/// A ladder from the surest sign to the weakest: greetings and bare facts, proofs, demanding work,
/// analysis, specialist terms, programs, explanations, and at last the length alone. Confidence
/// falls with the rung: .95 for what is unmistakable, .6 where only the length speaks.
pub(super) fn detect(query: &QueryAnalysis, evidence: &Evidence) -> (Complexity, f64) {
    trivial(query, evidence)
        .or_else(|| proof(query, evidence))
        .or_else(|| demanding(query, evidence))
        .or_else(|| analytic(query, evidence))
        .or_else(|| specialist(query, evidence))
        .or_else(|| program(query, evidence))
        .or_else(|| explanation(query, evidence))
        .unwrap_or_else(|| by_length(query, evidence))
}

fn trivial(query: &QueryAnalysis, evidence: &Evidence) -> Option<(Complexity, f64)> {
    let words = query.word_count;
    let greeting = query.form == QueryForm::Greeting
        && evidence.has(cues::PLAIN_GREETING)
        && query.words.len() == evidence.plain_greeting_words;
    let capital = evidence.has(cues::CAPITAL_OF) && words <= 10;
    let sum = query.signals.bare_arithmetic && query.question_words > 0;
    if greeting || capital || sum {
        return Some((Complexity::Trivial, 0.95));
    }
    let demands = cues::INSTRUCTIONS | cues::HARD_CUE | cues::TERMS | cues::CREATIVE;
    if evidence.has(cues::EVERYDAY) && words <= BRIEF && !evidence.has(demands) {
        return Some((Complexity::Trivial, 0.85));
    }
    None
}

fn proof(query: &QueryAnalysis, evidence: &Evidence) -> Option<(Complexity, f64)> {
    if evidence.proofs == 0 {
        return None;
    }
    let long = query.word_count >= 10;
    let sciences = query.terms.iter().filter(|term| term.field != TechnicalField::Computing);
    if long && sciences.count() >= 2 {
        return Some((Complexity::Expert, 0.95));
    }
    if long && evidence.has(cues::PROVED_SYSTEM) || evidence.expert > 0 {
        return Some((Complexity::Expert, 0.85));
    }
    Some((Complexity::Hard, 0.85))
}

fn demanding(query: &QueryAnalysis, evidence: &Evidence) -> Option<(Complexity, f64)> {
    if looks_up(query, evidence) {
        return None;
    }
    let builds = evidence.has(cues::BUILD_VERB)
        && (evidence.has(cues::BUILD_OBJECT) || query.signals.code || evidence.hard > 0);
    let marks = evidence.hard + u32::from(builds);
    if marks == 0 && evidence.expert == 0 {
        return None;
    }
    let words = query.word_count;
    // In a long text single cues are mostly its subject, not its demand.
    if words > 60 && marks + evidence.expert < 2 {
        return None;
    }
    let linked = marks + evidence.analysis + evidence.expert >= 2;
    if words >= 10 && linked || words >= LONG && evidence.has(cues::HARD_VERB | cues::BUILD_VERB) {
        return Some((Complexity::Expert, 0.8));
    }
    let confidence = if evidence.has(cues::SURE_HARD) {
        0.85
    } else if words <= SHORT {
        0.75
    } else {
        0.8
    };
    Some((Complexity::Hard, confidence))
}

/// Whether a name, a date or a place is all that is asked for: what the question is about may be
/// demanding, its answer is not.
fn looks_up(query: &QueryAnalysis, evidence: &Evidence) -> bool {
    let demands = cues::HARD_VERB | cues::BUILD_VERB | cues::ANALYSIS_VERB;
    evidence.has(cues::LOOKUP)
        && query.form == QueryForm::Question
        && query.word_count <= LONG
        && query.sentence_count == 1
        && !evidence.has(demands)
        && !query.signals.multi_part
}

fn analytic(query: &QueryAnalysis, evidence: &Evidence) -> Option<(Complexity, f64)> {
    if !evidence.has(cues::ANALYSIS_VERB) {
        return None;
    }
    let words = query.word_count;
    if words <= SHORT && evidence.analysis == 1 {
        return Some((Complexity::Simple, 0.75));
    }
    if evidence.analysis < 2 && !query.signals.multi_part && words <= 30 {
        return None;
    }
    if words >= 10 && evidence.analysis >= 2 {
        return Some((Complexity::Expert, 0.8));
    }
    Some((Complexity::Hard, 0.7))
}

fn specialist(query: &QueryAnalysis, evidence: &Evidence) -> Option<(Complexity, f64)> {
    let terms = query.terms.len();
    if terms == 0 || (query.word_count > 60 && terms < 3) {
        return None;
    }
    if terms >= 2 && query.word_count >= 10 {
        return Some((Complexity::Hard, 0.8));
    }
    let asks_what =
        query.word_count <= SHORT && evidence.has(cues::SIMPLE_CUE) && query.question_words > 0;
    let level = if asks_what && terms == 1 { Complexity::Simple } else { Complexity::Moderate };
    Some((level, if level == Complexity::Simple { 0.75 } else { 0.8 }))
}

fn program(query: &QueryAnalysis, evidence: &Evidence) -> Option<(Complexity, f64)> {
    let words = query.word_count;
    if words > 60 {
        return None;
    }
    let asks = evidence.has(cues::COMMAND);
    let function = asks && evidence.has(cues::FUNCTION_TASK);
    if function && words > BRIEF && !query.signals.code_text {
        return Some((Complexity::Hard, 0.7));
    }
    let how = query.form == QueryForm::Question && evidence.has(cues::SIMPLE_CUE);
    let task = asks && evidence.has(cues::CODE_TASK) || how && query.signals.code;
    let fits = words > SHORT && (function || task);
    (fits || query.signals.code_text).then_some((Complexity::Moderate, 0.7))
}

fn explanation(query: &QueryAnalysis, evidence: &Evidence) -> Option<(Complexity, f64)> {
    let words = query.word_count;
    if words > 60 {
        return None;
    }
    if evidence.has(cues::MODERATE_CUE) {
        return Some((Complexity::Moderate, 0.8));
    }
    if evidence.has(cues::MODERATE_TOPIC) && words > SHORT || query.signals.multi_part {
        return Some((Complexity::Moderate, 0.7));
    }
    None
}

fn by_length(query: &QueryAnalysis, evidence: &Evidence) -> (Complexity, f64) {
    let words = query.word_count;
    if words > BRIEF {
        (Complexity::Moderate, 0.6)
    } else if words <= SHORT && evidence.has(cues::SIMPLE_CUE) {
        (Complexity::Simple, 0.75)
    } else {
        (Complexity::Simple, 0.6)
    }
}
