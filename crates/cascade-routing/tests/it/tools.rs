use cascade_core::{Complexity, ErrorKind, Route, Tool};
use cascade_routing::{ComplexityRouter, RouterConfig, ToolDemand};
use serde_json::json;

use crate::support::{Case, models};

fn easy() -> Tool {
    Tool::new(
        "get_weather",
        "",
        json!({"type": "object", "properties": {"city": {"type": "string"}}}),
    )
}

fn nested(name: String) -> Tool {
    let inner = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let parameters = json!({"type": "object", "properties": {"where": inner, "when": inner}});
    Tool::new(name, "", parameters)
}

fn with_tools(level: Complexity, tools: Vec<Tool>) -> Case {
    let mut case = Case::new("What is the weather in Paris?");
    case.complexity = Some(level);
    case.options.tools = tools.into();
    case
}

#[test]
fn demand_follows_number_and_nesting() {
    assert_eq!(ToolDemand::of(&[easy()]), ToolDemand::Easy);
    assert_eq!(ToolDemand::of(&[easy(), easy(), easy()]), ToolDemand::Ordinary);
    assert_eq!(ToolDemand::of(&[nested("a".into())]), ToolDemand::Ordinary);
    let many: Vec<Tool> = (0..8).map(|n| nested(format!("tool{n}"))).collect();
    assert_eq!(ToolDemand::of(&many), ToolDemand::Demanding);
}

#[test]
fn plain_calls_cascade_and_demanding_tools_go_direct() {
    let router = ComplexityRouter::default();
    let plan = with_tools(Complexity::Expert, vec![easy()]).route(&router).unwrap().unwrap();
    assert_eq!((plan.route, plan.rule.as_ref()), (Route::Cascade, "tool_complexity"));
    assert!(plan.reason.starts_with("Tool complexity override: trivial tool call → cascade"));

    let many: Vec<Tool> = (0..8).map(|n| nested(format!("tool{n}"))).collect();
    let plan = with_tools(Complexity::Simple, many).route(&router).unwrap().unwrap();
    assert_eq!((plan.route, plan.rule.as_ref()), (Route::Direct, "tool_complexity"));

    let plan = with_tools(Complexity::Simple, vec![easy()]).route(&router).unwrap().unwrap();
    assert_eq!((plan.route, plan.rule.as_ref()), (Route::Cascade, "complexity"));
}

#[test]
fn a_long_hard_query_stays_hard_around_an_easy_tool() {
    let mut case = with_tools(Complexity::Hard, vec![easy()]);
    case.query = "compare the weather of all towns ".repeat(8);
    let plan = case.route(&ComplexityRouter::default()).unwrap().unwrap();
    assert_eq!(plan.route, Route::Direct);
}

#[test]
fn the_exception_can_be_switched_off() {
    let config = RouterConfig { tool_complexity: false, ..RouterConfig::default() };
    let router = ComplexityRouter::new(config).unwrap();
    let plan = with_tools(Complexity::Hard, vec![easy()]).route(&router).unwrap().unwrap();
    assert_eq!((plan.route, plan.rule.as_ref()), (Route::Direct, "complexity"));
}

#[test]
fn only_models_that_can_call_tools_are_asked() {
    let router = ComplexityRouter::default();
    let mut case = with_tools(Complexity::Simple, vec![easy()]);
    case.models[0].supports_tools = false;
    assert_eq!(models(&case.route(&router).unwrap().unwrap()), [[1], [2]]);
    case.models[2].supports_tools = false;
    assert_eq!(models(&case.route(&router).unwrap().unwrap()), [[1]]);
    case.models[1].supports_tools = false;
    let error = case.route(&router).unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Routing, Some("tools")));
    assert!(error.hint().unwrap().contains("supports_tools"));
    case.options.tools = Vec::new().into();
    assert!(case.route(&router).is_ok());
}
