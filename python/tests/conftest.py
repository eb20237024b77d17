"""What the tests share: a clean registry, scripted providers, a loopback server."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

import cascadeflow
from cascadeflow import BaseProvider, CascadeAgent, ModelConfig, ModelResponse

QUESTION = "What is the capital of France?"
ANSWER = "Paris is the capital of France."


@pytest.fixture(autouse=True)
def clean_registry() -> Iterator[None]:
    """Leaves the registry as it was."""
    before = dict(cascadeflow.PROVIDER_REGISTRY)
    yield
    cascadeflow.PROVIDER_REGISTRY.clear()
    cascadeflow.PROVIDER_REGISTRY.update(before)


class Fake(BaseProvider):
    """A provider whose answers come from a function of the model's name."""

    answer: Callable[[str], Any] = staticmethod(lambda model: ANSWER)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.calls: list[dict[str, Any]] = []

    async def _complete_impl(self, **kwargs: Any) -> Any:
        self.calls.append(kwargs)
        answer = type(self).answer(kwargs["model"])
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, str):
            return ModelResponse(answer, kwargs["model"], "openai", confidence=0.95)
        return answer

    async def _stream_impl(self, **kwargs: Any) -> AsyncIterator[Any]:
        response = await self._complete_impl(**kwargs)
        for word in response.content.split(" "):
            yield f"{word} "
        response.content += " "
        yield response

    def estimate_cost(self, tokens: int, model: str) -> float:
        return 0.0


def fake(answer: Callable[[str], Any] | str = ANSWER) -> type[Fake]:
    """A class like `Fake` with other answers."""
    function = answer if callable(answer) else lambda model: answer
    return type("Fake", (Fake,), {"answer": staticmethod(function)})


def models(**options: Any) -> list[ModelConfig]:
    """A cheap and a strong model."""
    return [
        ModelConfig("small", provider="openai", cost=0.001, **options),
        ModelConfig("big", provider="openai", cost=0.01, **options),
    ]


def agent_of(provider: Any = None, **options: Any) -> CascadeAgent:
    """An agent whose models are served by `provider`, a class or a function."""
    cascadeflow.PROVIDER_REGISTRY["openai"] = provider or fake()
    return CascadeAgent(models(), **options)


class Loopback:
    """A server that speaks OpenAI's dialect, with what it was asked and what it shall answer."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.content = ANSWER
        self.status = 200
        self.error: dict[str, Any] = {}
        self.extra_headers: dict[str, str] = {}
        self.hold = threading.Event()
        self.hold.set()
        self.disconnected = threading.Event()
        self.received = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: Any) -> None:
                pass

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                outer.requests.append(json.loads(self.rfile.read(length)))
                outer.headers.append({k.lower(): v for k, v in self.headers.items()})
                outer.received.set()
                if not outer.hold.is_set():
                    outer.wait_for_disconnect(self)
                    return
                if outer.status != 200:
                    self.reply(outer.status, {"error": outer.error})
                elif outer.requests[-1].get("stream"):
                    self.stream()
                else:
                    self.reply(200, outer.completion(outer.requests[-1]["model"]))

            def reply(self, status: int, body: dict[str, Any]) -> None:
                raw = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(raw)))
                for name, value in outer.extra_headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(raw)

            def stream(self) -> None:
                model = outer.requests[-1]["model"]
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.send_header("connection", "close")
                self.end_headers()
                base = {"id": "c1", "object": "chat.completion.chunk", "model": model}
                for word in outer.content.split(" "):
                    delta = {"index": 0, "delta": {"content": f"{word} "}, "finish_reason": None}
                    self.event({**base, "choices": [delta]})
                self.event(
                    {**base, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
                )
                self.event({**base, "choices": [], "usage": outer.usage()})
                self.wfile.write(b"data: [DONE]\n\n")
                self.close_connection = True

            def event(self, body: dict[str, Any]) -> None:
                self.wfile.write(f"data: {json.dumps(body)}\n\n".encode())
                self.wfile.flush()

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *args: Any) -> None:
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def wait_for_disconnect(self, handler: BaseHTTPRequestHandler) -> None:
        """Blocks until the client hangs up."""
        handler.connection.settimeout(10)
        try:
            if handler.connection.recv(1) == b"":
                self.disconnected.set()
        except ConnectionError:
            self.disconnected.set()
        handler.close_connection = True

    @staticmethod
    def usage() -> dict[str, int]:
        return {"prompt_tokens": 14, "completion_tokens": 8, "total_tokens": 22}

    def completion(self, model: str) -> dict[str, Any]:
        message = {"role": "assistant", "content": self.content}
        return {
            "id": "c1",
            "object": "chat.completion",
            "model": model,
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": self.usage(),
        }

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A running loopback server."""
    server = Loopback()
    yield server
    server.close()
