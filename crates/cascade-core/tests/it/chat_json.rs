use cascade_core::chat_json::{
    read_batch_options, read_check_outcome, read_input, read_message, read_response_format,
    read_run_options, read_tool_choice, read_tools, write_message, write_run_options,
};
use cascade_core::{ImageSource, Input, Part, ResponseFormat, Role, RunOptions, ToolChoice};
use serde_json::{Value, json};

#[test]
fn messages_survive_writing_and_reading() {
    let messages = [
        json!({"role": "user", "content": "hello", "name": "ann"}),
        json!({"role": "assistant", "content": "", "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{\"a\": 1}"}},
        ]}),
        json!({"role": "tool", "content": "42", "tool_call_id": "c1"}),
        json!({"role": "user", "content": [
            {"type": "text", "text": "look"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        ]}),
    ];
    for message in messages {
        let read = read_message("m", &message).unwrap();
        assert_eq!(write_message(&read), [message]);
    }
}

#[test]
fn anthropic_blocks_are_read() {
    let message = json!({"role": "assistant", "content": [
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {"type": "redacted_thinking", "data": "x"},
        {"type": "text", "text": "t", "cache_control": {"type": "ephemeral"}},
        {"type": "tool_use", "id": "u", "name": "f", "input": {"b": 2}},
        {"type": "tool_result", "tool_use_id": "u", "content": [{"type": "text", "text": "r"}], "is_error": true},
        {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}},
    ]});
    let parts = read_message("m", &message).unwrap().parts;
    assert!(matches!(&parts[0], Part::Thinking { signature: Some(s), .. } if s == "s"));
    assert!(matches!(&parts[1], Part::Thinking { redacted: Some(r), .. } if r == "x"));
    assert!(matches!(&parts[2], Part::Text { cache_control: Some(_), .. }));
    assert!(matches!(&parts[3], Part::ToolCall(call) if call.arguments == "{\"b\":2}"));
    assert!(
        matches!(&parts[4], Part::ToolResult { content, is_error: true, .. } if content == "r")
    );
    assert!(matches!(&parts[5], Part::Image { source: ImageSource::Url { .. } }));
}

#[test]
fn errors_name_the_path() {
    let cases = [
        (json!(7), "query"),
        (json!([7]), "query[0]"),
        (json!([{"role": "robot", "content": "x"}]), "query[0].role"),
        (json!([{"role": "user", "content": 7}]), "query[0].content"),
        (json!([{"role": "user", "content": [{"type": "video"}]}]), "query[0].content[0].type"),
        (
            json!([{"role": "assistant", "tool_calls": [{"id": "x"}]}]),
            "query[0].tool_calls[0].name",
        ),
    ];
    for (value, field) in cases {
        let error = read_input("query", &value).unwrap_err();
        assert_eq!(error.field(), Some(field));
        assert!(error.hint().is_some());
    }
    assert_eq!(read_input("query", &json!("hi")).unwrap(), Input::from("hi"));
    assert_eq!(read_message("m", &json!({"content": "x"})).unwrap().role, Role::User);
}

#[test]
fn tools_choices_and_formats_are_read_in_every_form() {
    let schema = json!({"type": "object", "properties": {}});
    let forms = json!([
        {"name": "f", "description": "d", "parameters": schema},
        {"type": "function", "function": {"name": "f", "description": "d", "parameters": schema}},
        {"name": "f", "description": "d", "input_schema": schema},
    ]);
    let tools = read_tools("tools", &forms).unwrap();
    assert!(tools.iter().all(|tool| *tool == tools[0]));
    assert_eq!(read_tools("tools", &json!([{}])).unwrap_err().field(), Some("tools[0].name"));

    for value in [
        json!("f"),
        json!({"type": "function", "function": {"name": "f"}}),
        json!({"type": "tool", "name": "f"}),
    ] {
        assert_eq!(read_tool_choice(&value).unwrap(), ToolChoice::Named("f".into()));
    }
    assert_eq!(read_tool_choice(&json!({"type": "any"})).unwrap(), ToolChoice::Required);
    assert!(read_tool_choice(&json!(1)).is_err());

    let nested = json!({"type": "json_schema", "json_schema": {"schema": schema, "strict": true}});
    let format = read_response_format(&nested).unwrap();
    assert_eq!(format, ResponseFormat::JsonSchema { name: "answer".into(), schema, strict: true });
    assert!(read_response_format(&json!({"type": "xml"})).is_err());
}

#[test]
fn options_are_read_strictly() {
    let options = read_run_options(json!({
        "max_tokens": 5, "stop": "END", "deadline_ms": 1.5, "complexity_hint": "Hard",
        "stream_policy": "optimistic", "tool_choice": "none",
    }))
    .unwrap();
    assert_eq!(options.stop, ["END"]);
    assert_eq!(options.deadline, Some(std::time::Duration::from_micros(1500)));
    for (value, field) in [
        (json!({"max_tokens": "x"}), "max_tokens"),
        (json!({"deadline_ms": -1}), "deadline_ms"),
        (json!({"tempreature": 1}), "tempreature"),
        (json!({"complexity_hint": "huge"}), "complexity_hint"),
    ] {
        assert_eq!(read_run_options(value).unwrap_err().field(), Some(field));
    }
    let batch = read_batch_options(json!({"timeout_per_query_ms": null, "retries": 0})).unwrap();
    assert_eq!((batch.timeout_per_query, batch.retries), (None, 0));
    assert!(read_batch_options(json!({"max_parallel": 0})).is_err());
}

#[test]
fn outcomes_of_checks_are_read_in_every_form() {
    let read = |value, threshold| read_check_outcome("mine", value, threshold).unwrap();
    for (value, threshold, passed, score) in [
        (json!(true), None, true, None),
        (json!(false), Some(0.0), false, None),
        (json!(0.5), None, true, Some(0.5)),
        (json!(0.49), None, false, Some(0.49)),
        (json!(0.7), Some(0.7), true, Some(0.7)),
        (json!(0.69), Some(0.7), false, Some(0.69)),
        (json!(1), Some(1.0), true, Some(1.0)),
        (json!([0.2, "dull"]), Some(0.1), true, Some(0.2)),
        (json!([true, null]), None, true, None),
        (json!({"passed": true, "score": 0.1}), Some(0.9), true, Some(0.1)),
        (json!({"passed": false, "score": null, "reason": null, "more": 1}), None, false, None),
    ] {
        let outcome = read(value.clone(), threshold);
        assert_eq!((outcome.passed, outcome.score), (passed, score), "{value}");
        assert_eq!(outcome.check, "mine");
        // Who is rejected is told why.
        assert!(passed || outcome.reason.contains("`mine`"), "{value}: {}", outcome.reason);
    }
    assert_eq!(read(json!([false, "too dull"]), None).reason, "too dull");
    assert_eq!(read(json!({"passed": false, "reason": "too dull"}), None).reason, "too dull");
    assert_eq!(read(json!(0.25), None).reason, "score 0.25 of check `mine` is below 0.50");
}

#[test]
fn outcomes_of_checks_that_cannot_be_read_name_the_check() {
    for (value, says) in [
        (json!(null), "wrong type: `null`"),
        (json!("yes"), "wrong type: `string`"),
        (json!(1.01), "out of range"),
        (json!(-1), "out of range"),
        (json!([]), "a list of 0"),
        (json!([true, "a", "b"]), "a list of 3"),
        (json!([[true], "a"]), "wrong type: `array`"),
        (json!([true, 1]), "reason of the wrong type"),
        (json!({}), "`passed`"),
        (json!({"score": 1.0}), "`passed`"),
        (json!({"passed": "yes"}), "`passed`"),
        (json!({"passed": true, "score": "high"}), "score of the wrong type"),
        (json!({"passed": true, "score": 7}), "out of range"),
        (json!({"passed": true, "reason": []}), "reason of the wrong type"),
    ] {
        let error = read_check_outcome("mine", value.clone(), None).unwrap_err();
        assert_eq!(error.kind(), cascade_core::ErrorKind::UserCode, "{value}");
        assert!(error.message().starts_with("check `mine` returned "), "{value}: {error}");
        assert!(error.message().contains(says), "{value}: {error}");
        assert!(error.hint().is_some());
    }
}

#[test]
fn options_written_are_read_as_they_were() {
    let written = json!({
        "max_tokens": 10, "temperature": 0.5, "top_p": 0.9, "stop": ["."], "seed": 7,
        "system_prompt": "Be brief", "tools": [{"name": "look", "description": "Looks", "parameters": {"type": "object"}}],
        "tool_choice": "required", "response_format": {"type": "json_object"},
        "complexity_hint": "hard", "force_direct": true, "domain_hint": "legal",
        "domain_confidence_hint": 0.8, "quality_threshold": 0.6, "deadline_ms": 1500.0,
        "stream_policy": "optimistic", "strategy": {"name": "s", "steps": [{"name": "a", "models": ["m"]}]},
        "max_steps": 3, "user_id": "u", "tenant_id": "t", "user_tier": "pro", "key_id": "k",
        "session_id": "s", "workflow": "w", "channel": "c", "metadata": {"a": 1}, "extra": {"b": 2}
    });
    let options = read_run_options(written.clone()).unwrap();
    let again = Value::Object(write_run_options(&options));
    let names = |value: &Value| {
        let mut names: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        names.sort();
        names
    };
    assert_eq!(names(&again), names(&written), "no option is forgotten");
    let read = read_run_options(again.clone()).unwrap();
    assert_eq!(Value::Object(write_run_options(&read)), again);
    assert_eq!(format!("{read:?}"), format!("{options:?}"));
    assert_eq!(write_run_options(&RunOptions::default()).len(), 0);
}
