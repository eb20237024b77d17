//! What a receiver of OTLP gets of each kind of run.

use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{BoxFuture, ToolHandler};
use cascade_core::{
    BatchOptions, ErrorKind, Input, Message, Result, RunOptions, ToolCall, ToolOutput,
};
use cascade_telemetry::{MetricTemporality, UsageDimensions, UsageRecord};
use cascade_testkit::{ScriptedAnswer, ScriptedProvider};
use futures_util::StreamExt;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;

use crate::otel_support::{
    Attributes, EPOCH, PATIENCE, Point, Receiver, answer, attributes_of, builder, exporter,
};

const QUESTION: &str = "what is the capital of the secret country?";

/// Name of the span, name of its parent (empty for none), begin and end in milliseconds of the run.
fn tree(spans: &[Span]) -> Vec<(String, String, u64, u64)> {
    let epoch = u64::try_from(EPOCH.as_nanos()).unwrap();
    let parent = |span: &Span| {
        let above = spans.iter().find(|other| other.span_id == span.parent_span_id);
        above.map(|above| above.name.clone()).unwrap_or_default()
    };
    let ms = |nanos: u64| (nanos - epoch) / 1_000_000;
    spans
        .iter()
        .map(|span| {
            let (from, to) = (ms(span.start_time_unix_nano), ms(span.end_time_unix_nano));
            (span.name.clone(), parent(span), from, to)
        })
        .collect()
}

fn node(name: &str, parent: &str, from: u64, to: u64) -> (String, String, u64, u64) {
    (name.to_owned(), parent.to_owned(), from, to)
}

fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort();
    list
}

fn of(spans: &[Span], name: &str) -> Attributes {
    let span = spans.iter().find(|span| span.name == name);
    attributes_of(&span.unwrap_or_else(|| panic!("no span `{name}`")).attributes)
}

fn point(attributes: &[(&str, &str)], sum: f64) -> Point {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Point { attributes: attributes.iter().map(own).collect(), sum, count: 1 }
}

#[tokio::test]
async fn an_accepted_draft_is_a_tree_with_real_times() {
    let receiver = Receiver::start();
    let exporter = exporter(receiver.config());
    let provider = ScriptedProvider::new("scripted").answer("small", answer("good", 30));
    let agent = builder(&provider, &exporter).build().unwrap();
    let result = agent.run(QUESTION, RunOptions::default()).await.unwrap();
    assert!(exporter.force_flush(PATIENCE));

    let spans = receiver.spans();
    assert_eq!(
        sorted(tree(&spans)),
        sorted(vec![
            node("cascadeflow.run", "", 0, 30),
            node("route", "cascadeflow.run", 0, 0),
            node("draft", "cascadeflow.run", 0, 30),
            node("chat small", "draft", 0, 30),
            node("judge", "cascadeflow.run", 30, 30),
        ])
    );
    assert!(spans.iter().all(|span| span.trace_id == spans[0].trace_id));
    let root = of(&spans, "cascadeflow.run");
    assert_eq!(root["cascadeflow.outcome"], "draft_accepted");
    assert_eq!(root["cascadeflow.route"], "cascade");
    assert_eq!(root["cascadeflow.cost.usd"], result.total_cost.to_f64().to_string());
    assert_eq!(root["cascadeflow.cost.saved_usd"], result.cost_saved.to_f64().to_string());
    assert_eq!(root["cascadeflow.tokens"], "30");
    let call = of(&spans, "chat small");
    assert_eq!(call["gen_ai.operation.name"], "chat");
    assert_eq!(call["gen_ai.provider.name"], "scripted");
    assert_eq!(call["gen_ai.request.model"], "small");
    assert_eq!(call["gen_ai.usage.input_tokens"], "10");
    assert_eq!(call["gen_ai.usage.output_tokens"], "20");
    assert_eq!(call["gen_ai.response.finish_reasons"], "stop");
    assert_eq!(call["cascadeflow.role"], "draft");
    let kind = |name: &str| spans.iter().find(|span| span.name == name).unwrap().kind();
    assert_eq!((kind("chat small"), kind("draft")), (SpanKind::Client, SpanKind::Internal));
    let judge = of(&spans, "judge");
    assert_eq!(judge["cascadeflow.decision"], "accepted");
    assert_eq!(judge["cascadeflow.judge.score"], "0.9");
    assert_eq!(judge["cascadeflow.judge.threshold"], "0.7");

    let model = [("model", "small"), ("provider", "scripted")];
    assert_eq!(
        receiver.points("cascadeflow.cost.total"),
        [point(&[model[0], model[1], ("role", "draft")], result.total_cost.to_f64())]
    );
    assert_eq!(
        receiver.points("cascadeflow.cost.baseline"),
        [point(&model, result.baseline_cost.to_f64())]
    );
    let mut tokens = receiver.points("cascadeflow.tokens.total");
    tokens.sort_by(|a, b| a.sum.total_cmp(&b.sum));
    assert_eq!(
        tokens,
        [
            point(&[model[0], model[1], ("type", "input")], 10.0),
            point(&[model[0], model[1], ("type", "output")], 20.0),
        ]
    );
    let operation = [
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.provider.name", "scripted"),
        ("gen_ai.request.model", "small"),
    ];
    assert_eq!(receiver.points("gen_ai.client.operation.duration"), [point(&operation, 0.03)]);
    assert_eq!(receiver.points("gen_ai.client.token.usage").len(), 2);
    assert_eq!(
        receiver.points("cascadeflow.latency"),
        [point(&[model[0], model[1], ("outcome", "draft_accepted")], 30.0)]
    );
    let units = receiver.metrics();
    let unit = |name: &str| units[name].0.as_str();
    assert_eq!(unit("cascadeflow.cost.total"), "{USD}");
    assert_eq!(unit("cascadeflow.latency"), "ms");
    assert_eq!(unit("gen_ai.client.operation.duration"), "s");
    assert_eq!(unit("gen_ai.client.token.usage"), "{token}");
    assert_eq!(receiver.points("cascadeflow.escalations"), []);
    let counts = exporter.counts();
    assert_eq!((counts.runs, counts.exported_spans, counts.metric_exports), (1, 5, 1));
    assert_eq!((counts.dropped_runs, counts.failed_spans, counts.last_error), (0, 0, None));
    assert!(exporter.shutdown(PATIENCE));
}

#[tokio::test]
async fn an_escalation_has_draft_judge_and_verifier_below_one_run() {
    let receiver = Receiver::start();
    let exporter = exporter(receiver.config());
    let provider = ScriptedProvider::new("scripted")
        .answer("small", answer("bad idea", 20))
        .answer("big", answer("good", 50));
    let agent = builder(&provider, &exporter).build().unwrap();
    let result = agent.run(QUESTION, RunOptions::default()).await.unwrap();
    assert!(exporter.force_flush(PATIENCE));
    let spans = receiver.spans();
    assert_eq!(
        sorted(tree(&spans)),
        sorted(vec![
            node("cascadeflow.run", "", 0, 70),
            node("route", "cascadeflow.run", 0, 0),
            node("draft", "cascadeflow.run", 0, 20),
            node("chat small", "draft", 0, 20),
            node("judge", "cascadeflow.run", 20, 20),
            node("verifier", "cascadeflow.run", 20, 70),
            node("chat big", "verifier", 20, 70),
        ])
    );
    assert_eq!(of(&spans, "judge")["cascadeflow.decision"], "rejected");
    assert_eq!(of(&spans, "cascadeflow.run")["cascadeflow.outcome"], "escalated");
    let root = spans.iter().find(|span| span.name == "cascadeflow.run").unwrap();
    let events: Vec<&str> = root.events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(events, ["analyse", "escalate"]);
    let drafts = receiver.points("cascadeflow.drafts");
    let rejected = [("model", "small"), ("outcome", "rejected"), ("provider", "scripted")];
    assert_eq!(drafts, [point(&rejected, 1.0)]);
    assert_eq!(receiver.points("cascadeflow.escalations"), [point(&[("route", "cascade")], 1.0)]);
    let spent: f64 = receiver.points("cascadeflow.cost.total").iter().map(|p| p.sum).sum();
    assert!((spent - result.total_cost.to_f64()).abs() < 1e-12);
    exporter.shutdown(PATIENCE);
}

#[tokio::test]
async fn direct_streamed_and_batched_runs_are_told_alike() {
    let receiver = Receiver::start();
    let exporter = exporter(receiver.config());
    let provider = ScriptedProvider::new("scripted").always("big", answer("good", 40));
    let agent = builder(&provider, &exporter).build().unwrap();
    let direct = || RunOptions { force_direct: true, ..RunOptions::default() };
    agent.run(QUESTION, direct()).await.unwrap();
    let events: Vec<_> = agent.stream(QUESTION, direct()).collect().await;
    assert!(events.iter().all(Result::is_ok));
    let inputs = vec![Input::from("a"), Input::from("b")];
    let report = agent.run_batch(inputs, direct(), BatchOptions::default(), |_| ()).await;
    assert!(report.items.iter().all(|item| item.outcome.is_ok()));
    assert!(exporter.force_flush(PATIENCE));
    let spans = receiver.spans();
    let names = |name: &str| spans.iter().filter(|span| span.name == name).count();
    assert_eq!((names("cascadeflow.run"), names("direct"), names("chat big")), (4, 4, 4));
    assert_eq!(names("judge"), 0);
    let traces: std::collections::BTreeSet<_> = spans.iter().map(|span| &span.trace_id).collect();
    assert_eq!(traces.len(), 4);
    let outcome = [("outcome", "direct"), ("route", "direct")];
    assert_eq!(receiver.points("cascadeflow.runs"), [point(&outcome, 4.0)]);
    // The streamed one alone knows when its first piece came.
    let first = receiver.points("gen_ai.client.operation.time_to_first_chunk");
    assert_eq!(first.iter().map(|point| point.count).sum::<u64>(), 1);
    exporter.shutdown(PATIENCE);
}

#[tokio::test]
async fn failures_have_a_type_and_no_message() {
    let receiver = Receiver::start();
    let exporter = exporter(receiver.config());
    let failure = || ScriptedAnswer::failure(ErrorKind::RateLimit, "key sk-topsecret is over");
    let provider =
        ScriptedProvider::new("scripted").always("small", failure()).always("big", failure());
    let agent = builder(&provider, &exporter).build().unwrap();
    agent.run(QUESTION, RunOptions::default()).await.unwrap_err();
    assert!(exporter.force_flush(PATIENCE));
    let spans = receiver.spans();
    for name in ["cascadeflow.run", "chat small", "chat big"] {
        assert_eq!(of(&spans, name)["error.type"], "rate_limit", "{name}");
        let span = spans.iter().find(|span| span.name == name).unwrap();
        let status = span.status.clone().unwrap();
        assert_eq!((status.code, status.message.as_str()), (2, "rate_limit"));
    }
    let failed = [("error.type", "rate_limit"), ("outcome", "failed")];
    assert_eq!(receiver.points("cascadeflow.runs"), [point(&failed, 1.0)]);
    let durations = receiver.points("gen_ai.client.operation.duration");
    assert!(durations.iter().all(|point| point.attributes["error.type"] == "rate_limit"));
    for request in receiver.server.requests() {
        assert!(!String::from_utf8_lossy(&request.body).contains("topsecret"));
    }
    exporter.shutdown(PATIENCE);
}

struct Tools;

impl ToolHandler for Tools {
    fn call<'a>(&'a self, _call: &'a ToolCall) -> BoxFuture<'a, Result<ToolOutput>> {
        Box::pin(async { Ok(ToolOutput { content: "42".to_owned(), is_error: false }) })
    }
}

#[tokio::test]
async fn rounds_of_tools_are_spans_of_the_run() {
    let receiver = Receiver::start();
    let exporter = exporter(receiver.config());
    let provider = ScriptedProvider::new("scripted")
        .answer("big", ScriptedAnswer::tool_calls([("look_up", "{\"a\":1}")]))
        .answer("big", answer("good", 10));
    let agent = builder(&provider, &exporter).tool_handler(Arc::new(Tools)).build().unwrap();
    let options = RunOptions { force_direct: true, ..RunOptions::default() };
    agent.run(QUESTION, options).await.unwrap();
    assert!(exporter.force_flush(PATIENCE));
    let spans = receiver.spans();
    let tree = tree(&spans);
    let parents = |name: &str| {
        let found = tree.iter().filter(|(own, ..)| own == name);
        sorted(found.map(|(_, parent, ..)| parent.as_str()).collect())
    };
    assert_eq!(parents("tools"), ["cascadeflow.run"]);
    assert_eq!(parents("chat big"), ["cascadeflow.run", "direct"]);
    assert_eq!(of(&spans, "tools")["cascadeflow.decision"], "executed look_up");
    exporter.shutdown(PATIENCE);
}

#[tokio::test]
async fn content_is_told_only_where_it_is_wanted() {
    for captures in [false, true] {
        let receiver = Receiver::start();
        let mut config = receiver.config();
        config.capture_content = captures;
        let exporter = exporter(config);
        let provider = ScriptedProvider::new("scripted")
            .answer("small", answer("bad whisper", 1))
            .answer("big", answer("loud answer", 1));
        let agent = builder(&provider, &exporter).build().unwrap();
        let options =
            RunOptions { system_prompt: Some("be secretive".to_owned()), ..RunOptions::default() };
        agent.run(vec![Message::user(QUESTION)], options).await.unwrap();
        assert!(exporter.force_flush(PATIENCE));
        let bodies: Vec<u8> =
            receiver.server.requests().into_iter().flat_map(|request| request.body).collect();
        let text = String::from_utf8_lossy(&bodies);
        for secret in ["secret country", "be secretive", "bad whisper", "loud answer"] {
            assert_eq!(text.contains(secret), captures, "{secret}");
        }
        if captures {
            let spans = receiver.spans();
            let root = of(&spans, "cascadeflow.run");
            let read = |name: &str| serde_json::from_str::<serde_json::Value>(&root[name]).unwrap();
            let input = read("gen_ai.input.messages");
            assert_eq!(input[0]["role"], "user");
            assert_eq!(input[0]["parts"][0]["content"], QUESTION);
            assert_eq!(read("gen_ai.output.messages")[0]["parts"][0]["content"], "loud answer");
            assert_eq!(read("gen_ai.system_instructions")[0]["content"], "be secretive");
            assert!(of(&spans, "chat small")["gen_ai.output.messages"].contains("bad whisper"));
            assert!(of(&spans, "chat big")["gen_ai.output.messages"].contains("loud answer"));
        }
        exporter.shutdown(PATIENCE);
    }
}

#[tokio::test]
async fn users_are_labels_only_where_wanted_and_never_more_than_allowed() {
    for (wanted, expected) in [(false, vec![]), (true, vec!["other", "user-0", "user-1", "user-2"])]
    {
        let receiver = Receiver::start();
        let mut config = receiver.config();
        (config.user_labels, config.max_users) = (wanted, 3);
        let exporter = exporter(config);
        let provider = ScriptedProvider::new("scripted").always("small", answer("good", 1));
        let agent = builder(&provider, &exporter).build().unwrap();
        for number in 0..50 {
            let options = RunOptions {
                user_id: Some(format!("user-{number}")),
                user_tier: Some("pro".to_owned()),
                ..RunOptions::default()
            };
            agent.run(QUESTION, options).await.unwrap();
        }
        assert!(exporter.force_flush(PATIENCE));
        let points = receiver.points("cascadeflow.cost.total");
        let users = points.iter().filter_map(|point| point.attributes.get("user_id"));
        assert_eq!(sorted(users.map(String::as_str).collect::<Vec<_>>()), expected);
        let spent: f64 = points.iter().map(|point| point.sum).sum();
        assert!((spent - 50.0 * 0.000_03).abs() < 1e-12, "no spending is lost: {spent}");
        let tiers = points.iter().filter(|point| point.attributes.contains_key("user_tier"));
        assert_eq!(tiers.count(), expected.len());
        let spans = receiver.spans();
        let named =
            spans.iter().filter(|span| attributes_of(&span.attributes).contains_key("user.id"));
        assert_eq!(named.count(), if wanted { 50 } else { 0 });
        exporter.shutdown(PATIENCE);
    }
}

#[tokio::test]
async fn models_are_labels_up_to_the_limit() {
    let receiver = Receiver::start();
    let mut config = receiver.config();
    config.max_models = 2;
    let exporter = exporter(config);
    for number in 0..10 {
        let dimensions =
            UsageDimensions { model: Some(format!("m{number}")), ..UsageDimensions::default() };
        exporter.export_cost("0.5".parse().unwrap(), &dimensions).unwrap();
    }
    assert!(exporter.force_flush(PATIENCE));
    let points = receiver.points("cascadeflow.cost.total");
    let sums: Vec<(&str, f64)> =
        points.iter().map(|point| (point.attributes["model"].as_str(), point.sum)).collect();
    assert_eq!(sums.len(), 3);
    assert!(sums.contains(&("m0", 0.5)) && sums.contains(&("other", 4.0)));
    exporter.shutdown(PATIENCE);
}

#[test]
fn spending_of_no_agent_is_counted_and_checked() {
    let receiver = Receiver::start();
    let exporter = exporter(receiver.config());
    let dimensions = UsageDimensions {
        user_id: Some("ann".to_owned()),
        model: Some("gpt-4o".to_owned()),
        provider: Some("openai".to_owned()),
        ..UsageDimensions::default()
    };
    exporter.export_cost("0.25".parse().unwrap(), &dimensions).unwrap();
    let record = UsageRecord {
        cost: "0.75".parse().unwrap(),
        input_tokens: 7,
        output_tokens: 9,
        latency_ms: Some(120.0),
        dimensions: dimensions.clone(),
    };
    exporter.record(&record).unwrap();
    assert!(exporter.force_flush(PATIENCE));
    let labels = [("model", "gpt-4o"), ("provider", "openai"), ("user_id", "ann")];
    assert_eq!(receiver.points("cascadeflow.cost.total"), [point(&labels, 1.0)]);
    assert_eq!(receiver.points("cascadeflow.latency"), [point(&labels[..2], 120.0)]);
    let error = exporter.export_cost("-1".parse().unwrap(), &dimensions).unwrap_err();
    assert_eq!(error.field(), Some("cost"));
    let error = exporter.record(&UsageRecord { latency_ms: Some(f64::NAN), ..record }).unwrap_err();
    assert_eq!(error.field(), Some("latency_ms"));
    exporter.shutdown(PATIENCE);
}

#[tokio::test]
async fn a_run_continues_the_callers_trace() {
    let receiver = Receiver::start();
    let exporter = exporter(receiver.config());
    let provider = ScriptedProvider::new("scripted").answer("small", answer("good", 1));
    let agent = builder(&provider, &exporter).build().unwrap();
    let mut options = RunOptions::default();
    let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    options.metadata.insert("traceparent".to_owned(), header.into());
    agent.run(QUESTION, options).await.unwrap();
    assert!(exporter.force_flush(PATIENCE));
    let spans = receiver.spans();
    let number =
        |bytes: &[u8]| bytes.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let trace = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c;
    assert!(spans.iter().all(|span| number(&span.trace_id) == trace));
    let root = spans.iter().find(|span| span.name == "cascadeflow.run").unwrap();
    assert_eq!(number(&root.parent_span_id), 0xb7ad_6b71_6920_3331);
    exporter.shutdown(PATIENCE);
}

#[tokio::test]
async fn the_program_and_the_headers_are_told() {
    let receiver = Receiver::start();
    let mut config = receiver.config();
    config.endpoint = format!("{}/base/", config.endpoint);
    config.metrics_endpoint = Some(format!("{}/v1/metrics", receiver.server.url()));
    config.headers.insert("authorization".to_owned(), cascade_core::ApiKey::new("Bearer hush"));
    config.service_name = "shop".to_owned();
    config.environment = Some("production".to_owned());
    config.resource_attributes.insert("host.name".to_owned(), "h1".to_owned());
    config.temporality = MetricTemporality::Delta;
    config.gzip = true;
    assert!(!format!("{config:?}").contains("hush"));
    let exporter = exporter(config.clone());
    assert!(!format!("{exporter:?}").contains("hush"));
    let provider = ScriptedProvider::new("scripted").answer("small", answer("good", 1));
    builder(&provider, &exporter)
        .build()
        .unwrap()
        .run(QUESTION, RunOptions::default())
        .await
        .unwrap();
    assert!(exporter.force_flush(PATIENCE));
    let requests = receiver.server.requests();
    let mut paths: Vec<&str> = requests.iter().map(|request| request.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/base/v1/traces", "/v1/metrics"]);
    for request in &requests {
        assert_eq!(request.header("authorization"), Some("Bearer hush"));
        assert_eq!(request.header("content-type"), Some("application/x-protobuf"));
        assert_eq!(request.header("content-encoding"), Some("gzip"));
        assert_eq!(&request.body[..2], [0x1f, 0x8b], "gzip begins with its mark");
    }
    exporter.shutdown(PATIENCE);
    let second = crate::otel_support::exporter(cascade_telemetry::OpenTelemetryConfig {
        endpoint: receiver.server.url(),
        gzip: false,
        ..config
    });
    second.export_cost("1".parse().unwrap(), &UsageDimensions::default()).unwrap();
    assert!(second.force_flush(PATIENCE));
    let resource = receiver.resource();
    assert_eq!(resource["service.name"], "shop");
    assert_eq!(resource["deployment.environment.name"], "production");
    assert_eq!(resource["host.name"], "h1");
    assert_eq!(resource["telemetry.sdk.name"], "opentelemetry");
    assert_eq!(resource["service.instance.id"].len(), 32);
    second.shutdown(PATIENCE);
}

#[tokio::test]
async fn a_share_of_the_runs_is_traced_and_all_are_counted() {
    let receiver = Receiver::start();
    let mut config = receiver.config();
    config.sample_ratio = 0.0;
    let exporter = exporter(config);
    let provider = ScriptedProvider::new("scripted").always("small", answer("good", 1));
    let agent = builder(&provider, &exporter).build().unwrap();
    for _ in 0..5 {
        agent.run(QUESTION, RunOptions::default()).await.unwrap();
    }
    assert!(exporter.force_flush(PATIENCE));
    assert_eq!(receiver.spans().len(), 0);
    let accepted = [("outcome", "draft_accepted"), ("route", "cascade")];
    assert_eq!(receiver.points("cascadeflow.runs"), [point(&accepted, 5.0)]);
    exporter.shutdown(PATIENCE);
}

#[tokio::test]
async fn a_cancelled_run_is_told() {
    let receiver = Receiver::start();
    let exporter = exporter(receiver.config());
    let provider = ScriptedProvider::new("scripted").answer("small", ScriptedAnswer::hang());
    let agent = builder(&provider, &exporter).build().unwrap();
    let run = agent.run(QUESTION, RunOptions::default());
    assert!(tokio::time::timeout(Duration::from_millis(20), run).await.is_err());
    assert!(exporter.force_flush(PATIENCE));
    let spans = receiver.spans();
    assert_eq!(of(&spans, "cascadeflow.run")["error.type"], "cancelled");
    assert_eq!(of(&spans, "chat small")["error.type"], "cancelled");
    exporter.shutdown(PATIENCE);
}
