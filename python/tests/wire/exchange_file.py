"""Reads the HTTP exchanges of `shared-tests/http`, whose format its README describes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

FOLDER = Path(__file__).resolve().parents[3] / "shared-tests" / "http"
KEY = "test-key-0123456789"


@dataclass(frozen=True)
class Reply:
    """An answer: its head, and the pieces in which its body is sent."""

    status: int
    headers: dict[str, str]
    pieces: list[bytes]
    chunked: bool

    @classmethod
    def read(cls, written: dict[str, Any]) -> Reply:
        """The reply of a mapping with `body`, `sse` or `lines`."""
        if "body" in written:
            kind, pieces = "application/json", [written["body"]]
        elif "sse" in written:
            kind, pieces = "text/event-stream", [event_text(event) for event in written["sse"]]
        else:
            kind, pieces = "application/x-ndjson", [f"{line}\n" for line in written["lines"]]
        headers = {"content-type": kind, **written.get("headers", {})}
        encoded = [piece.encode() for piece in pieces]
        return cls(written.get("status", 200), headers, encoded, "body" not in written)


def event_text(event: str | dict[str, str]) -> str:
    """An event as it is sent."""
    if isinstance(event, str):
        return f"data: {event}\n\n"
    if "raw" in event:
        return event["raw"]
    return f"event: {event['event']}\ndata: {event['data']}\n\n"


@dataclass(frozen=True)
class Exchange:
    """A question, the request it becomes, the bytes that answer it and their reading."""

    name: str
    provider: str
    topic: str
    base_path: str
    environment: dict[str, str]
    headers: dict[str, str]
    operation: str
    ask: dict[str, Any]
    request: dict[str, Any]
    response: Reply | None
    streamed: Reply | None
    expected: dict[str, Any]

    def reply(self, stream: bool) -> Reply | None:
        """What answers a plain or a streamed call; an error answers both."""
        if not stream:
            return self.response
        return self.streamed or (self.response if "error" in self.expected else None)

    def path(self, stream: bool) -> str:
        """The path that is asked."""
        plain: str = self.request["path"]
        return self.request.get("streamed_path", plain) if stream else plain


@dataclass(frozen=True)
class Way:
    """An exchange, played plain or streamed."""

    exchange: Exchange
    stream: bool
    id: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", f"{self.exchange.name}, {self.name}")

    @property
    def name(self) -> str:
        """`plain` or `streamed`."""
        return "streamed" if self.stream else "plain"


@lru_cache(maxsize=1)
def all_exchanges() -> tuple[Exchange, ...]:
    """Every exchange of every provider, each file valid against the schema."""
    schema = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
    found = []
    for path in sorted(FOLDER.glob("*/*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        jsonschema.validate(document, schema)
        for written in document["exchanges"]:
            replies = {
                name: Reply.read(written[name]) if name in written else None
                for name in ("response", "streamed")
            }
            found.append(
                Exchange(
                    name=written["name"],
                    provider=document["provider"],
                    topic=path.stem,
                    base_path=document["base_path"],
                    environment=document.get("environment", {}),
                    headers={
                        **document.get("headers", {}),
                        **written["request"].get("headers", {}),
                    },
                    operation=written.get("operation", "chat"),
                    ask=written["ask"],
                    request=written["request"],
                    expected=written["expected"],
                    **replies,
                )
            )
    return tuple(found)


def ways(operation: str = "chat", *providers: str) -> list[Way]:
    """Every way to play the exchanges of an operation; of all providers when none is named."""
    return [
        Way(exchange, stream)
        for exchange in all_exchanges()
        if exchange.operation == operation and (not providers or exchange.provider in providers)
        for stream in ((False, True) if operation == "chat" else (False,))
        if exchange.reply(stream) is not None
    ]
