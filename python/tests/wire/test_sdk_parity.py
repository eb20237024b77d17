"""The same bytes, read by our driver and by the provider's own SDK.

Our driver's request is given to the SDK as the keywords of its method, so that the SDK, too, knows
every name in it; what the SDK then sends is compared with what our driver sent.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import driver
import pytest
import yaml
from exchange_file import FOLDER, Exchange, Way, ways
from reading import Record, differences, expected_record
from replay_server import Received, ReplayServer

with warnings.catch_warnings():
    # What the SDKs find wrong with themselves while they are imported is theirs.
    warnings.simplefilter("ignore")
    import sdk_anthropic
    import sdk_cohere
    import sdk_google
    import sdk_huggingface
    import sdk_ollama
    import sdk_openai

Call = Callable[[Exchange, str, dict[str, Any], bool], Record]


@dataclass(frozen=True)
class Sdk:
    """An SDK, and the exchanges that it can read."""

    name: str
    call: Call
    providers: tuple[str, ...]
    topics: tuple[str, ...] = ()

    def ways(self) -> list[Way]:
        """The exchanges of its providers, where named those of its topics alone."""
        return [
            way
            for way in ways("chat", *self.providers)
            if not self.topics or way.exchange.topic in self.topics
        ]


# The OpenAI SDK is also what the compatible providers tell their users to take.
COMPATIBLE = ("openai", "deepseek", "fireworks", "openrouter", "vllm", "together", "huggingface")
SDKS = (
    Sdk("openai", sdk_openai.openai_call, COMPATIBLE),
    Sdk("anthropic", sdk_anthropic.call, ("anthropic",)),
    Sdk("anthropic-vertex", sdk_anthropic.call, ("vertex_ai",), ("anthropic",)),
    Sdk("cohere", sdk_cohere.call, ("cohere",)),
    Sdk("groq", sdk_openai.groq_call, ("groq",)),
    Sdk("together", sdk_openai.together_call, ("together",)),
    Sdk("ollama", sdk_ollama.call, ("ollama",)),
    Sdk("google-genai", sdk_google.call, ("vertex_ai", "google"), ("gemini", "chat", "errors")),
    Sdk("huggingface-hub", sdk_huggingface.call, ("huggingface",)),
)

# Kinds of our errors that a class of an SDK may stand for.
KINDS = {
    "AuthenticationError": {"auth"},
    "UnauthorizedError": {"auth"},
    "PermissionDeniedError": {"permission", "content_filter"},
    "ForbiddenError": {"permission"},
    "NotFoundError": {"not_found"},
    "RateLimitError": {"rate_limit", "quota"},
    "TooManyRequestsError": {"rate_limit"},
    "BadRequestError": {
        "invalid_request",
        "context_length",
        "content_filter",
        "quota",
        "not_found",
    },
    "UnprocessableEntityError": {"invalid_request", "context_length"},
    "ContentTooLargeError": {"invalid_request"},
    "InternalServerError": {"overloaded"},
    "ServiceUnavailableError": {"overloaded"},
    "OverloadedError": {"overloaded"},
    # Classes for whatever has no class of its own.
    "APIError": {"overloaded"},
    "APIStatusError": {"quota", "overloaded", "invalid_request"},
    "ApiError": {"quota"},
    # A report with status 200, which the SDK takes for an answer.
    "ChatCompletion": {"overloaded"},
    "application/json": {"overloaded"},
    "failed": {"overloaded"},
    "ServerError": {"overloaded"},
    "ClientError": {
        "auth",
        "permission",
        "not_found",
        "rate_limit",
        "invalid_request",
        "context_length",
    },
}
ANY_KIND = ("ResponseError", "HfHubHTTPError", "BadRequestError")


LISTED = yaml.safe_load((FOLDER / "sdk-differences.yaml").read_text(encoding="utf-8"))


def known_differences(sdk: Sdk, way: Way) -> tuple[set[str], set[str]]:
    """The fields that may differ, and those of them that must: an entry for one exchange only is
    stale when nothing differs any more."""
    may: set[str] = set()
    must: set[str] = set()
    for entry in LISTED:
        if entry["sdk"] != sdk.name or entry.get("way", way.name) != way.name:
            continue
        if entry["exchanges"] == "all":
            may.update(entry["fields"])
        elif way.exchange.name in entry["exchanges"]:
            must.update(entry["fields"])
    return may | must, must


PAIRS = [(sdk, way) for sdk in SDKS for way in sdk.ways()]


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    """A server of the test's own: circuit breakers count the failures of an address."""
    with ReplayServer() as running:
        yield running


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
@pytest.mark.parametrize(("sdk", "way"), PAIRS, ids=[f"{s.name} / {w.id}" for s, w in PAIRS])
def test_both_read_the_same(
    server: ReplayServer, sdk: Sdk, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = way.exchange
    for name, value in exchange.environment.items():
        monkeypatch.setenv(name, value)
    reply = exchange.reply(way.stream)
    assert reply is not None
    server.play(reply)
    ours = driver.call(exchange, server.url, way.stream)
    (our_request,) = server.received
    server.play(reply)
    theirs = sdk.call(exchange, server.url, dict(our_request.body), way.stream)
    their_request = server.received[0]

    found = compare(ours, theirs, expected_record(exchange.expected))
    found |= compare_requests(our_request, their_request)
    may, must = known_differences(sdk, way)
    unexpected = {name: value for name, value in found.items() if name not in may}
    assert unexpected == {}, (ours, theirs)
    assert must <= found.keys(), "a difference is gone; take it off the list"


def compare(ours: Record, theirs: Record, expected: Record) -> dict[str, Any]:
    """The fields in which the readings differ from one another or from what is expected."""
    if "error" not in expected:
        assert "error" not in ours, ours
        if "error" in theirs:
            return {"error": theirs["error"]}
        return {**differences(ours, theirs), **differences(expected, theirs)}
    if "error" not in theirs:
        return {"error": None}
    found: dict[str, Any] = {}
    our_error, their_error = ours["error"], theirs["error"]
    if ours["text"] != theirs["text"]:
        found["text"] = (ours["text"], theirs["text"])
    for name in ("status", "request_id"):
        if name in their_error and our_error[name] not in (None, their_error[name]):
            found[name] = (our_error[name], their_error[name])
    cls = their_error["class"]
    if cls not in ANY_KIND and our_error["kind"] not in KINDS[cls]:
        found["class"] = (our_error["kind"], cls)
    return found


def compare_requests(ours: Received, theirs: Received) -> dict[str, Any]:
    """In what the requests differ."""
    found: dict[str, Any] = {}
    if (ours.method, ours.path) != (theirs.method, theirs.path):
        found["path"] = (ours.path, theirs.path)
    for name, value in body_differences(ours.body, theirs.body).items():
        found[f"body.{name}"] = value
    for name in ("authorization", "x-api-key", "anthropic-version", "anthropic-beta"):
        if ours.headers.get(name) != theirs.headers.get(name):
            found[name] = (ours.headers.get(name), theirs.headers.get(name))
    return found


def snake_case(value: Any) -> Any:
    """A value whose keys are in the one of the two spellings that Google's APIs take alike."""
    if isinstance(value, dict):
        return {
            re.sub(r"(?<=[a-z])[A-Z]", lambda match: f"_{match[0].lower()}", name): snake_case(item)
            for name, item in value.items()
        }
    return [snake_case(item) for item in value] if isinstance(value, list) else value


def body_differences(ours: Any, theirs: Any) -> dict[str, Any]:
    """The top-level fields in which two bodies differ."""
    ours, theirs = snake_case(ours), snake_case(theirs)
    names = ours.keys() | theirs.keys()
    return {
        name: (ours.get(name), theirs.get(name))
        for name in names
        # Not to stream is what happens when nothing is said.
        if ours.get(name) != theirs.get(name) and (name, theirs.get(name)) != ("stream", False)
    }


def test_every_known_difference_names_an_exchange() -> None:
    names = {(sdk.name, way.exchange.name) for sdk, way in PAIRS}
    sdks = {sdk.name for sdk in SDKS}
    for entry in LISTED:
        assert entry.keys() <= {"sdk", "exchanges", "fields", "way", "reason"}
        assert entry["sdk"] in sdks
        assert entry["fields"] and entry["reason"]
        if entry["exchanges"] != "all":
            assert {(entry["sdk"], name) for name in entry["exchanges"]} <= names
