"""Runs the cases of `shared-tests/` through the package's public classes."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import corpus_services
import corpus_spending
import yaml
from corpus_services import error_record, only

import cascadeflow
from cascadeflow import BaseProvider, CascadeAgent, ModelResponse, _native, cascadeflowError
from cascadeflow.core.batch_config import BatchConfig
from cascadeflow.schema import exceptions

CASES = Path(__file__).resolve().parents[2] / "shared-tests/cases"
CASE_KEYS = {"name", "note", "operation", "config", "input", "expected"}
TIMED = {"timings", "latency_ms", "started_ms", "first_chunk_ms", "trace"}
ERROR_CLASSES = {
    "auth": exceptions.AuthenticationError,
    "rate_limit": exceptions.RateLimitError,
    "timeout": exceptions.TimeoutError,
}


def load() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every case with its defaults filled in, after checking the form of its file."""
    names: set[str] = set()
    paths = sorted(CASES.rglob("*.yaml"))
    if not paths:
        raise AssertionError(f"no case files under {CASES}")
    for path in paths:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        defaults: dict[str, Any] = {}
        if isinstance(content, dict):
            if set(content) - {"cases", "defaults"}:
                raise AssertionError(f"{path}: unknown keys {set(content) - {'cases', 'defaults'}}")
            defaults = content.get("defaults", {})
            content = content["cases"]
        if not content:
            raise AssertionError(f"{path}: no cases")
        for written in content:
            case = dict(written)
            for key in ("operation", "config"):
                if key not in case and key in defaults:
                    case[key] = defaults[key]
            case["input"] = {**defaults.get("input", {}), **case.get("input", {})}
            if set(case) - CASE_KEYS:
                raise AssertionError(f"{path}: {case['name']}: unknown keys")
            if not case.get("expected"):
                raise AssertionError(f"{path}: {case['name']}: nothing is expected")
            if case["name"] in names:
                raise AssertionError(f"{path}: {case['name']}: the name is taken")
            names.add(case["name"])
            yield f"{path.relative_to(CASES).with_suffix('')}: {case['name']}", case


# --- scripted providers ---------------------------------------------------------------------------


class Script:
    """The answers of a case, each given once."""

    def __init__(self, answers: Mapping[str, list[dict[str, Any]]]) -> None:
        self.left = {model: list(list_) for model, list_ in answers.items()}
        self.wrong: list[str] = []
        every = [answer for list_ in answers.values() for answer in list_]
        self.breaks_off = any("chunks" in answer and "error" in answer for answer in every)

    def take(self, model: str, messages: list[dict[str, Any]]) -> dict[str, Any]:
        asked = next((m for m in reversed(messages) if m["role"] == "user"), {"content": ""})
        answers = self.left.get(model, [])
        for at, answer in enumerate(answers):
            if answer.get("when", "") in asked["content"]:
                return answers.pop(at)
        self.wrong.append(f"`{model}` was asked once too often")
        raise AssertionError(self.wrong[-1])

    def check(self) -> None:
        """Fails where the calls were not exactly those of the script."""
        unused = {model: answers for model, answers in self.left.items() if answers}
        if self.wrong or unused:
            raise AssertionError(f"script: {self.wrong}, left over: {unused}")

    def provider_class(self) -> type[BaseProvider]:
        """A provider class that answers from the script."""
        script = self

        class Scripted(BaseProvider):
            async def _complete_impl(
                self, messages: list[dict[str, Any]], model: str
            ) -> ModelResponse:
                answer = script.take(model, messages)
                await stop_where_told(answer)
                return response(answer, model)

            async def _stream_impl(self, messages: list[dict[str, Any]], model: str) -> Any:
                answer = script.take(model, messages)
                if "error" in answer or "hang" in answer:
                    for chunk in answer.get("chunks", []):
                        yield chunk
                    await stop_where_told(answer)
                for chunk in answer.get("chunks") or [answer.get("content", "")]:
                    yield chunk
                yield response(answer, model)

            def estimate_cost(self, tokens: int, model: str) -> float:
                return 0.0

        return Scripted


async def stop_where_told(answer: dict[str, Any]) -> None:
    """Hangs or fails where the answer says so."""
    if answer.get("hang"):
        await asyncio.Event().wait()
    told = answer.get("error")
    if told is None:
        return
    error = ERROR_CLASSES.get(told["kind"], cascadeflowError)(told["message"])
    error.kind = told["kind"]
    error.status_code = told.get("status")
    wait = told.get("retry_after_ms")
    error.retry_after = None if wait is None else wait / 1000
    raise error


def text_of(answer: dict[str, Any]) -> str:
    return "".join(answer["chunks"]) if "chunks" in answer else answer.get("content", "")


def response(answer: dict[str, Any], model: str) -> ModelResponse:
    """The answer, with nothing that the script does not give."""
    logprobs = answer.get("logprobs")
    return ModelResponse(
        content=text_of(answer),
        model=model,
        cost=None,
        confidence=answer.get("confidence"),
        tokens=None if logprobs is None else [t["token"] for t in logprobs],
        logprobs=None if logprobs is None else [t["logprob"] for t in logprobs],
        tool_calls=answer.get("tool_calls"),
        usage=answer.get("usage"),
        finish_reason=answer.get("finish_reason", "stop"),
        reported_cost=answer.get("reported_cost"),
    )


# --- operations -----------------------------------------------------------------------------------


def execute(case: dict[str, Any]) -> dict[str, Any]:
    """The record of a case; an unknown operation is a failure."""
    operations = {
        "analyse": analyse,
        "complexity": complexity,
        "plan": plan,
        "verdict": verdict,
        "price": price,
        "run": run,
        "stream": stream,
        "batch": batch,
        "error": failing,
        **corpus_services.OPERATIONS,
        **corpus_spending.OPERATIONS,
    }
    if case["operation"] not in operations:
        raise AssertionError(f"unknown operation: {case['operation']}")
    return operations[case["operation"]](case)


def analyse(case: dict[str, Any]) -> dict[str, Any]:
    (query,) = only(case["input"], "query")
    record: dict[str, Any] = _native.analyse(query)
    return record


def complexity(case: dict[str, Any]) -> dict[str, Any]:
    (query,) = only(case["input"], "query")
    level, confidence = _native.complexity(query)
    return {"level": level, "confidence": confidence}


def plan(case: dict[str, Any]) -> dict[str, Any]:
    query, options = asked(case["input"])
    return asyncio.run(CascadeAgent.from_config(case["config"]).plan(query, **options))


def verdict(case: dict[str, Any]) -> dict[str, Any]:
    given = dict(case["input"])
    draft = dict(given["draft"])
    if "chunks" in draft:
        draft["content"] = "".join(draft.pop("chunks"))
    draft.setdefault("finish_reason", "stop")
    quality = case.get("config", {}).get("quality", {})
    try:
        record: dict[str, Any] = _native.verdict(quality, {**given, "draft": draft})
    except cascadeflowError as error:
        return error_record(error)
    return record


def price(case: dict[str, Any]) -> dict[str, Any]:
    return {"cost": _native.price(case["input"])}


def asked(given: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Query or messages, and the options."""
    known = {"query", "messages", "options", "script", "environment", "tool_outputs"}
    unknown = set(given) - known
    if unknown or ("query" in given) == ("messages" in given):
        raise AssertionError(f"input cannot be run: {sorted(given)}")
    return given.get("query", given.get("messages")), dict(given.get("options", {}))


class Tools:
    """Tools that give the texts of a case."""

    def __init__(self, outputs: Mapping[str, str]) -> None:
        self.outputs = outputs
        self.executed: list[str] = []

    def execute(self, call: dict[str, Any]) -> str:
        name: str = call["function"]["name"] if "function" in call else call["name"]
        self.executed.append(name)
        return self.outputs[name]

    @classmethod
    def of(cls, case: dict[str, Any]) -> Tools | None:
        outputs = case["input"].get("tool_outputs")
        return None if outputs is None else cls(outputs)

    def record(self) -> dict[str, Any]:
        return {"executed": self.executed}


def scripted(config: Any, script: Script | None, tools: Tools | None = None) -> CascadeAgent:
    """The agent of `config`, with scripted providers where there is a script."""
    if script is not None:
        cls = script.provider_class()
        for model in config.get("models", []) if isinstance(config, dict) else []:
            if isinstance(model, dict) and isinstance(model.get("provider"), str):
                name = model["provider"]
                if name in _native.builtin_provider_names() or script.left:
                    cascadeflow.PROVIDER_REGISTRY[name] = cls
    return CascadeAgent.from_config(config, tool_executor=tools)


def run(case: dict[str, Any]) -> dict[str, Any]:
    query, options = asked(case["input"])
    script = Script(case["input"]["script"])
    tools = Tools.of(case)
    try:
        result = asyncio.run(scripted(case["config"], script, tools).run(query, **options))
    except cascadeflowError as error:
        record = error_record(error)
    else:
        record = result_record(result)
    script.check()
    return {**record, **(tools.record() if tools else {})}


def stream(case: dict[str, Any]) -> dict[str, Any]:
    query, options = asked(case["input"])
    script = Script(case["input"]["script"])
    tools = Tools.of(case)
    agent = scripted(case["config"], script, tools)

    async def collect() -> list[Any]:
        return [event async for event in agent.stream_events(query, **options)]

    events = asyncio.run(collect())
    script.check()
    plain = run(case)
    if events[-1].type.value == "error":
        if "error" not in plain:
            raise AssertionError(f"the stream failed, the plain run did not: {events[-1]}")
        told = events[-1].data
        record = {**plain, "streamed_error": told["error"]}
        if told["kind"] != plain["error"]["kind"]:
            raise AssertionError(f"stream and run fail differently: {told}, {plain}")
        kinds = [event.type.value for event in events[:-1]]
    else:
        record = result_record(events[-1].result) | (tools.record() if tools else {})
        # A stream that breaks off has used tokens that a plain call has not.
        for key in [] if script.breaks_off else record.keys() | plain.keys():
            if key not in TIMED and untimed(record.get(key)) != untimed(plain.get(key)):
                raise AssertionError(
                    f"streamed and plain differ in {key}: {record.get(key)!r}, {plain.get(key)!r}"
                )
        kinds = [event.type.value for event in events]
    shown: list[str] = []
    streamed: list[str] = []
    for event in events:
        if event.type.value == "switch":
            shown.clear()
        elif event.type.value == "chunk":
            shown.append(event.content)
            streamed.append(event.content)
    record["events"] = [k for at, k in enumerate(kinds) if at == 0 or kinds[at - 1] != k]
    record["shown"] = "".join(shown)
    record["streamed"] = "".join(streamed)
    if "content" in record and record["shown"] != record["content"]:
        raise AssertionError(f"shown `{record['shown']}` is not `{record['content']}`")
    return record


def untimed(value: Any) -> Any:
    """`value` without what depends on time."""
    if isinstance(value, dict):
        return {k: untimed(v) for k, v in value.items() if k not in TIMED}
    if isinstance(value, list):
        return [untimed(item) for item in value]
    return value


def batch(case: dict[str, Any]) -> dict[str, Any]:
    given = case["input"]
    if set(given) - {"queries", "options", "script", "batch"}:
        raise AssertionError(f"unknown keys: {sorted(given)}")
    script = Script(given["script"])
    told = dict(given.get("batch", {}))

    def seconds(key: str, default: float | None) -> float | None:
        value = told.pop(key, default)
        return None if value is None else value / 1000

    config = BatchConfig(
        max_parallel=told.pop("max_parallel", 3),
        timeout_per_query=seconds("timeout_per_query_ms", 30_000),  # type: ignore[arg-type]
        total_timeout=seconds("total_timeout_ms", 300_000),
        stop_on_error=told.pop("stop_on_error", False),
        retries=told.pop("retries", 1),
    )
    if told:
        raise AssertionError(f"unknown batch options: {sorted(told)}")
    progress: list[Any] = []
    agent = scripted(case["config"], script)
    done = asyncio.run(
        agent.run_batch(
            given["queries"], config, on_progress=progress.append, **given.get("options", {})
        )
    )
    if not config.stop_on_error and "total_timeout_ms" not in given.get("batch", {}):
        script.check()
        if [p.done for p in progress] != list(range(1, len(given["queries"]) + 1)):
            raise AssertionError(f"progress: {progress}")
    items = [
        result_record(result) if result is not None else error_record(error)
        for result, error in zip(done.results, done.exceptions, strict=True)
    ]
    last = progress[-1] if progress else None
    return {
        "items": items,
        "success_count": done.success_count,
        "total_cost": done.total_cost,
        "progress": None
        if last is None
        else {
            "done": last.done,
            "failed": last.failed,
            "total": last.total,
            "cost": last.cost_exact,
        },
    }


def failing(case: dict[str, Any]) -> dict[str, Any]:
    given = case["input"]
    query, options = asked(given)
    script = Script(given["script"]) if "script" in given else None
    environment = given.get("environment", {})
    kept = dict(os.environ)
    os.environ.clear()
    os.environ.update({k: v for k, v in kept.items() if not k.endswith(("_KEY", "_TOKEN"))})
    os.environ.update(environment)
    try:
        agent = scripted(case.get("config"), script)
        asyncio.run(agent.run(query, **options))
    except cascadeflowError as error:
        record = error_record(error)
    else:
        raise AssertionError("nothing failed")
    finally:
        os.environ.clear()
        os.environ.update(kept)
    if script is not None:
        script.check()
    told = record["error"]
    if told["kind"] in ("config", "validation") and not (told["field"] and told["hint"]):
        raise AssertionError(f"neither field nor hint: {told}")
    models = case.get("config", {}).get("models") if isinstance(case.get("config"), dict) else None
    secrets = [*environment.values()]
    secrets += [m["api_key"] for m in models or [] if isinstance(m, dict) and "api_key" in m]
    for secret in secrets:
        if secret and str(secret) in f"{record}":
            raise AssertionError(f"a secret is shown: {record}")
    return record


def result_record(result: Any) -> dict[str, Any]:
    record: dict[str, Any] = result.record()
    if float(record["total_cost"]) != result.total_cost or record["content"] != result.content:
        raise AssertionError("the face shows something else than the engine's record")
    return record


# --- comparison -----------------------------------------------------------------------------------


def mismatches(expected: Any, got: Any, path: str = "") -> Iterator[str]:
    """What differs between what a case expects and its record."""
    if isinstance(expected, dict):
        if set(expected) == {"approx", "within"}:
            if not is_number(got) or abs(got - expected["approx"]) > expected["within"]:
                yield f"{path}: {got!r} is not about {expected['approx']}"
            return
        if expected and set(expected) <= {"min", "max"}:
            low, high = expected.get("min", -math.inf), expected.get("max", math.inf)
            if not is_number(got) or not low <= got <= high:
                yield f"{path}: {got!r} is not in [{low}, {high}]"
            return
        if not isinstance(got, dict):
            yield f"{path}: {got!r} is no mapping"
            return
        for key, value in expected.items():
            yield from key_mismatches(key, value, got, f"{path}.{key}")
    elif isinstance(expected, list):
        if not isinstance(got, list) or len(expected) != len(got):
            yield f"{path}: {got!r} is not a list of {len(expected)}"
            return
        for at, (item, actual) in enumerate(zip(expected, got, strict=True)):
            yield from mismatches(item, actual, f"{path}[{at}]")
    elif isinstance(expected, bool) or isinstance(got, bool):
        if expected is not got:
            yield f"{path}: expected {expected!r}, got {got!r}"
    elif expected != got:
        yield f"{path}: expected {expected!r}, got {got!r}"


def key_mismatches(key: str, value: Any, got: dict[str, Any], path: str) -> Iterator[str]:
    if key.endswith("_contains"):
        text = got.get(key.removesuffix("_contains"))
        for part in value if isinstance(value, list) else [value]:
            if not isinstance(text, str) or part.lower() not in text.lower():
                yield f"{path}: {text!r} does not contain {part!r}"
    elif not isinstance(value, dict) and (key.endswith("_cost") or key in ("cost", "cost_saved")):
        actual = got.get(key)
        if isinstance(actual, float):
            same = value is not None and float(value) == actual
        elif actual is None or value is None:
            same = actual is value
        else:
            same = Decimal(str(actual)) == Decimal(str(value))
        if not same:
            yield f"{path}: expected {value!r}, got {actual!r}"
    else:
        yield from mismatches(value, got.get(key), path)


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
