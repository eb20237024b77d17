use cascade_core::{Tool, ToolChoice};
use serde_json::json;

use crate::support::Case;

fn weather(query: &str, tool: &str, arguments: &str) -> Case {
    let mut case = Case::calling(query, tool, arguments);
    case.tools = vec![Tool::new(
        "get_weather",
        "Current weather",
        json!({
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city"]
        }),
    )];
    case
}

fn reason(case: &Case) -> Option<String> {
    let verdict = case.judge();
    let check =
        verdict.checks.into_iter().find(|check| check.check == "tool_calls" && !check.passed);
    check.map(|check| check.reason.into_owned())
}

#[test]
fn a_well_formed_call_is_accepted_without_text() {
    let case = weather("What's the weather in Paris?", "get_weather", r#"{"city": "Paris"}"#);
    let verdict = case.judge();
    assert!(verdict.accepted, "{verdict:?}");
    let names: Vec<&str> = verdict.checks.iter().map(|check| check.check.as_ref()).collect();
    assert_eq!(names, ["empty", "tool_calls", "confidence"]);
}

#[test]
fn malformed_calls_fail_with_their_fault() {
    let fault = |tool, arguments| reason(&weather("Weather in Paris?", tool, arguments)).unwrap();
    assert_eq!(fault("weather", "{}"), "unknown tool: `weather`");
    assert_eq!(fault("get_weather", "{city"), "arguments of `get_weather` are not a JSON object");
    assert_eq!(fault("get_weather", "[1]"), "arguments of `get_weather` are not a JSON object");
    assert_eq!(fault("get_weather", ""), "arguments of `get_weather`: `city` is missing");
    assert_eq!(
        fault("get_weather", r#"{"city": 3}"#),
        "arguments of `get_weather`: `city` is not of type \"string\""
    );
}

#[test]
fn the_required_choice_is_kept() {
    let mut case = weather("Weather in Paris?", "get_weather", r#"{"city": "Paris"}"#);
    case.tool_choice = Some(ToolChoice::None);
    assert_eq!(reason(&case).unwrap(), "no tool may be called");
    case.tool_choice = Some(ToolChoice::Named("get_time".into()));
    assert_eq!(reason(&case).unwrap(), "tool `get_time` had to be called");
    case.tool_choice = Some(ToolChoice::Required);
    assert_eq!(reason(&case), None);
    case.draft.tool_calls.clear();
    case.draft.content = "It is sunny in Paris.".into();
    assert_eq!(reason(&case).unwrap(), "a tool had to be called");
    case.tool_choice = None;
    assert_eq!(reason(&case), None);
}
