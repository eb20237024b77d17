"""What a receiver of OTLP gets of runs, by both protocols; and that no run waits for it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import textwrap
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ANSWER, QUESTION, agent_of, fake

import cascadeflow
from cascadeflow import CascadeAgent, ModelConfig, ModelResponse
from cascadeflow.integrations.otel import (
    MetricDimensions,
    OpenTelemetryExporter,
    cascadeflowMetrics,
    create_exporter_from_env,
)
from cascadeflow.schema.exceptions import ConfigError, ValidationError, cascadeflowError

REFUSAL = "I'm sorry, but I can't help with that."
# Seconds that nothing here takes unless it hangs.
PATIENCE = 30.0


class Receiver:
    """The process of `otlp_receiver.py`."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("otlp_receiver.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        ports = json.loads(self.process.stdout.readline())
        self.http = f"http://127.0.0.1:{ports['http']}"
        self.grpc = f"http://127.0.0.1:{ports['grpc']}"

    def received(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.http}/received") as answer:
            received: dict[str, Any] = json.load(answer)
        return received

    def spans(self) -> list[dict[str, Any]]:
        spans: list[dict[str, Any]] = self.received()["spans"]
        return spans

    def span(self, name: str) -> dict[str, Any]:
        (span,) = [span for span in self.spans() if span["name"] == name]
        return span

    def points(self, name: str) -> list[dict[str, Any]]:
        metrics = self.received()["metrics"]
        return [point for m in metrics if m["name"] == name for point in m["points"]]

    def stop(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture(params=["http/protobuf", "grpc"])
def exporter(receiver: Receiver, request: pytest.FixtureRequest) -> Iterator[OpenTelemetryExporter]:
    endpoint = receiver.http if request.param == "http/protobuf" else receiver.grpc
    exporter = OpenTelemetryExporter(
        endpoint, protocol=request.param, headers={"x-key": "hush"}, export_interval=3600
    )
    yield exporter
    exporter.shutdown()


def tree(spans: list[dict[str, Any]]) -> list[tuple[str, str]]:
    names = {span["id"]: span["name"] for span in spans}
    return sorted((span["name"], names.get(span["parent"], "")) for span in spans)


def test_an_escalated_run(receiver: Receiver, exporter: OpenTelemetryExporter) -> None:
    provider = fake(lambda model: REFUSAL if model == "small" else ANSWER)
    agent = agent_of(provider, telemetry_exporter=exporter)
    result = agent.run_sync(QUESTION, user_id="ann")
    assert exporter.force_flush(PATIENCE)
    spans = receiver.spans()
    assert tree(spans) == [
        ("cascadeflow.run", ""),
        ("chat big", "verifier"),
        ("chat small", "draft"),
        ("draft", "cascadeflow.run"),
        ("judge", "cascadeflow.run"),
        ("route", "cascadeflow.run"),
        ("verifier", "cascadeflow.run"),
    ]
    root = receiver.span("cascadeflow.run")
    assert root["attributes"]["cascadeflow.outcome"] == "escalated"
    assert root["attributes"]["cascadeflow.cost.usd"] == pytest.approx(result.total_cost)
    assert root["schema"].startswith("https://opentelemetry.io/schemas/")
    for span in spans:
        assert root["start"] <= span["start"] <= span["end"] <= root["end"] + 1_000_000
        assert span["trace"] == root["trace"]
    draft, verifier = receiver.span("draft"), receiver.span("verifier")
    assert draft["end"] <= verifier["start"]
    call = receiver.span("chat big")
    assert call["kind"] == 3
    assert call["attributes"]["gen_ai.provider.name"] == "openai"
    assert call["attributes"]["gen_ai.usage.output_tokens"] > 0
    costs = receiver.points("cascadeflow.cost.total")
    assert sum(point["sum"] for point in costs) == pytest.approx(result.total_cost)
    assert {point["attributes"]["model"] for point in costs} == {"small", "big"}
    assert receiver.points("cascadeflow.escalations") == [
        {"attributes": {"route": "cascade"}, "sum": 1}
    ]
    durations = receiver.points("gen_ai.client.operation.duration")
    assert sum(point["count"] for point in durations) == 2
    received = receiver.received()
    assert {request["headers"]["x-key"] for request in received["requests"]} == {"hush"}
    assert {request["protocol"] for request in received["requests"]} == {
        "http/protobuf" if exporter.endpoint == receiver.http else "grpc"
    }
    text = json.dumps(received)
    for secret in ("capital of France", "can't help", "ann"):
        assert secret not in json.dumps([r["text"] for r in received["requests"]]), secret
    assert "cascadeflow" in text
    counts = exporter.counts()
    assert (counts["runs"], counts["dropped_runs"], counts["failed_spans"]) == (1, 0, 0)
    assert counts["exported_spans"] == 7 and counts["last_error"] is None


def test_every_kind_of_run(receiver: Receiver, exporter: OpenTelemetryExporter) -> None:
    agent = agent_of(telemetry_exporter=exporter)

    async def main() -> None:
        await agent.run(QUESTION)
        await agent.run(QUESTION, force_direct=True)
        async for _ in agent.stream_events(QUESTION):
            pass
        await agent.run_batch([QUESTION, f"{QUESTION} Say it."])

    asyncio.run(main())
    cascadeflow.PROVIDER_REGISTRY["openai"] = fake(lambda model: RuntimeError("sk-topsecret"))
    failing = CascadeAgent(
        [ModelConfig("big", provider="openai", cost=0.01)], telemetry_exporter=exporter
    )
    with pytest.raises(cascadeflowError):
        failing.run_sync(QUESTION)
    assert exporter.force_flush(PATIENCE)
    outcomes = {
        point["attributes"]["outcome"]: point["sum"]
        for point in receiver.points("cascadeflow.runs")
    }
    assert outcomes == {"draft_accepted": 4, "direct": 1, "failed": 1}
    roots = [span for span in receiver.spans() if span["name"] == "cascadeflow.run"]
    assert len(roots) == 6
    (failed,) = [span for span in roots if span["status"] == 2]
    assert failed["attributes"]["error.type"]
    assert "topsecret" not in json.dumps(receiver.received())


def test_tools(receiver: Receiver, exporter: OpenTelemetryExporter) -> None:
    asked: list[str] = []

    def answer(model: str) -> Any:
        if asked:
            return ANSWER
        call = {"id": "1", "name": "look_up", "arguments": {"city": "Paris"}}
        return ModelResponse("", model, "openai", tool_calls=[call])

    def execute(call: dict[str, Any]) -> str:
        asked.append(call["name"])
        return "found"

    agent = agent_of(fake(answer), tool_executor=execute, telemetry_exporter=exporter)
    tool = {"name": "look_up", "description": "finds", "parameters": {"type": "object"}}
    agent.run_sync(QUESTION, tools=[tool], force_direct=True)
    assert asked == ["look_up"]
    assert exporter.force_flush(PATIENCE)
    assert receiver.span("tools")["attributes"]["cascadeflow.decision"] == "executed look_up"


def test_content_and_users_where_they_are_wanted(receiver: Receiver) -> None:
    exporter = OpenTelemetryExporter(
        receiver.http, capture_content=True, user_labels=True, max_users=2
    )
    agent = agent_of(telemetry_exporter=exporter)
    for number in range(5):
        agent.run_sync(QUESTION, user_id=f"user-{number}")
    assert exporter.force_flush(PATIENCE)
    roots = [span for span in receiver.spans() if span["name"] == "cascadeflow.run"]
    for root in roots:
        (asked,) = json.loads(root["attributes"]["gen_ai.input.messages"])
        assert asked == {"role": "user", "parts": [{"type": "text", "content": QUESTION}]}
        (told,) = json.loads(root["attributes"]["gen_ai.output.messages"])
        assert told["parts"] == [{"type": "text", "content": ANSWER}]
    assert {root["attributes"]["user.id"] for root in roots} == {f"user-{n}" for n in range(5)}
    users = {p["attributes"]["user_id"] for p in receiver.points("cascadeflow.cost.total")}
    assert users == {"user-0", "user-1", "other"}
    exporter.shutdown()


def test_costs_of_no_agent(receiver: Receiver, exporter: OpenTelemetryExporter) -> None:
    exporter.export_cost(0.5, "ann", "gpt-4o", "openai")
    exporter.export_cost(cost=0.25, user_id="ann", model="gpt-4o", provider="openai")
    dimensions = MetricDimensions(user_id="bob", user_tier="pro", model="m", domain="code")
    metrics = cascadeflowMetrics(0.1, 3, 4, 12.5, dimensions)
    assert metrics.tokens_total == 7
    exporter.record(metrics)
    exporter.flush()
    costs = receiver.points("cascadeflow.cost.total")
    assert {(p["attributes"]["user_id"], p["sum"]) for p in costs} == {("ann", 0.75), ("bob", 0.1)}
    (ann,) = [p["attributes"] for p in costs if p["attributes"]["user_id"] == "ann"]
    assert ann == {"user_id": "ann", "model": "gpt-4o", "provider": "openai"}
    tokens = {
        p["attributes"]["type"]: p["sum"] for p in receiver.points("cascadeflow.tokens.total")
    }
    assert tokens == {"input": 3, "output": 4}
    (latency,) = receiver.points("cascadeflow.latency")
    assert (latency["sum"], latency["attributes"]) == (12.5, {"model": "m", "domain": "code"})
    with pytest.raises(ValidationError, match="cost is negative"):
        exporter.export_cost(-1, "ann", "gpt-4o", "openai")


def test_dimensions_as_attributes() -> None:
    dimensions = MetricDimensions("ann", "pro", "gpt-4o", "openai", "code")
    assert dimensions.to_attributes() == {
        "user.id": "ann",
        "user.tier": "pro",
        "model.name": "gpt-4o",
        "provider.name": "openai",
        "query.domain": "code",
    }
    assert MetricDimensions().to_attributes() == {}


@pytest.mark.parametrize("path", ["/slow", "/refuse"])
def test_a_bad_receiver_holds_nobody_up(receiver: Receiver, path: str) -> None:
    exporter = OpenTelemetryExporter(
        receiver.http + path, queue_size=4, span_interval=0.001, timeout=60
    )
    agent = agent_of(telemetry_exporter=exporter)
    for _ in range(50):
        agent.run_sync(QUESTION)
    assert exporter.force_flush(0.2 if path == "/slow" else PATIENCE) is False
    counts = exporter.counts()
    assert counts["runs"] == 50 and counts["exported_spans"] == 0
    assert counts["dropped_runs"] + counts["failed_spans"] > 0
    exporter.shutdown(0.1)


def test_a_receiver_that_is_down(receiver: Receiver) -> None:
    receiver_address = receiver.http
    receiver.stop()
    exporter = OpenTelemetryExporter(receiver_address)
    agent = agent_of(telemetry_exporter=exporter)
    assert agent.run_sync(QUESTION).content == ANSWER
    assert exporter.force_flush(PATIENCE) is False
    assert exporter.counts()["failed_spans"] > 0
    assert exporter.counts()["last_error"]
    exporter.shutdown(0.1)


PROGRAM = textwrap.dedent(
    """
    import os, sys
    sys.path.insert(0, {tests!r})
    from conftest import QUESTION, agent_of
    from cascadeflow import OpenTelemetryExporter
    exporter = OpenTelemetryExporter({endpoint!r}, export_interval=3600, span_interval=3600)
    agent = agent_of(telemetry_exporter=exporter)
    agent.run_sync(QUESTION)
    if {forks}:
        child = os.fork()
        if child == 0:
            assert exporter.counts()["runs"] == 0
            agent.run_sync(QUESTION)
            assert exporter.force_flush(20) and exporter.counts()["runs"] == 1
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
    """
)


@pytest.mark.parametrize("forks", [False, hasattr(os, "fork")])
def test_what_is_left_at_the_end_is_sent(receiver: Receiver, forks: bool) -> None:
    program = PROGRAM.format(tests=str(Path(__file__).parent), endpoint=receiver.http, forks=forks)
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
    roots = [span for span in receiver.spans() if span["name"] == "cascadeflow.run"]
    assert len(roots) == (2 if forks else 1)
    # Two processes never sum into one series.
    instances = {root["resource"]["service.instance.id"] for root in roots}
    assert len(instances) == len(roots)


def test_what_the_environment_says(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("OTEL_"):
            monkeypatch.delenv(name)
    assert create_exporter_from_env() is None
    assert OpenTelemetryExporter(enabled=False).endpoint == "http://localhost:4318"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.http)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=hush")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop")
    exporter = create_exporter_from_env()
    assert exporter is not None and exporter.enabled
    assert (exporter.endpoint, exporter.service_name) == (receiver.http, "shop")
    exporter.export_cost(1.0, "ann", "m", "p")
    assert exporter.shutdown(PATIENCE)
    (request,) = receiver.received()["requests"]
    assert request["headers"]["x-key"] == "hush"
    (metric,) = [m for m in receiver.received()["metrics"] if m["name"] == "cascadeflow.cost.total"]
    assert metric["resource"]["service.name"] == "shop"
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert create_exporter_from_env() is None


def test_the_configuration_has_it_too(receiver: Receiver) -> None:
    from conftest import models

    cascadeflow.PROVIDER_REGISTRY["openai"] = fake()
    plain = {
        "models": [{"name": m.name, "provider": "openai", "cost": "0.001"} for m in models()],
        "telemetry": {
            "endpoint": receiver.http,
            "headers": {"x-key": "hush"},
            "span_interval_ms": 1,
        },
    }
    agent = CascadeAgent.from_config(plain)
    agent.run_sync(QUESTION)
    for _ in range(600):
        if receiver.received()["requests"]:
            break
        asyncio.run(asyncio.sleep(0.05))
    assert receiver.received()["requests"][0]["headers"]["x-key"] == "hush"
    assert receiver.span("cascadeflow.run")


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(ConfigError, match="endpoint is no address") as caught:
        OpenTelemetryExporter("localhost:4318")
    assert caught.value.field == "endpoint" and caught.value.hint
    with pytest.raises(ConfigError, match="protocol"):
        OpenTelemetryExporter(protocol="carrier pigeon")
    with pytest.raises(ConfigError, match="header") as caught:
        OpenTelemetryExporter(headers={"x-key": "topsecret\n"})
    assert "topsecret" not in str(caught.value)
    with pytest.raises(ConfigError, match="telemetry_exporter"):
        agent_of(telemetry_exporter=object())
    assert "topsecret" not in repr(OpenTelemetryExporter(headers={"k": "topsecret"}, enabled=False))
