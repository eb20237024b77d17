"""Two scripted models behind a server on the loopback interface, for examples and documentation.

Speaks the OpenAI dialect at `/v1/chat/completions` and the Anthropic one at `/v1/messages`, plain
and streamed. Models with `mini`, `haiku` or `8b` in their name are the small ones: they know a few
facts and refuse the rest.
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FACTS = {
    "capital of france": "The capital of France is Paris.",
    "capital of italy": "The capital of Italy is Rome.",
    "capital of spain": "The capital of Spain is Madrid.",
    "boiling point of water": "Water boils at 100 degrees Celsius at sea level.",
}
LARGE_FACTS = {
    **FACTS,
    "rivers of eritrea": "The Barka, the Anseba and the Gash are the main rivers of Eritrea.",
}
SMALL = ("mini", "haiku", "8b")


def answer(model: str, query: str) -> str:
    facts = FACTS if any(mark in model for mark in SMALL) else LARGE_FACTS
    text = next((fact for key, fact in facts.items() if key in query.lower()), None)
    return text or "I'm sorry, but I can't help with that."


def words(text: str) -> int:
    return max(1, len(text.split()) * 4 // 3)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: the output belongs to the example."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        anthropic = self.path.endswith("/messages")
        content = next(m["content"] for m in reversed(body["messages"]) if m["role"] == "user")
        query = (
            content if isinstance(content, str) else " ".join(p.get("text", "") for p in content)
        )
        text = answer(body["model"], query)
        reply = anthropic_reply if anthropic else openai_reply
        stream = anthropic_events if anthropic else openai_events
        if body.get("stream"):
            payload = "".join(stream(body["model"], query, text)).encode()
            self.send("text/event-stream", payload)
        else:
            self.send("application/json", json.dumps(reply(body["model"], query, text)).encode())

    def send(self, kind: str, payload: bytes) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


def openai_usage(query: str, text: str) -> dict[str, int]:
    prompt, completion = words(query), words(text)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def openai_reply(model: str, query: str, text: str) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "finish_reason": "stop",
            }
        ],
        "usage": openai_usage(query, text),
    }


def openai_events(model: str, query: str, text: str) -> Iterator[str]:
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": model}
    for piece in pieces(text):
        delta = {"index": 0, "delta": {"content": piece}, "finish_reason": None}
        yield f"data: {json.dumps({**base, 'choices': [delta]})}\n\n"
    end = {"index": 0, "delta": {}, "finish_reason": "stop"}
    yield f"data: {json.dumps({**base, 'choices': [end]})}\n\n"
    usage = {**base, "choices": [], "usage": openai_usage(query, text)}
    yield f"data: {json.dumps(usage)}\n\n"
    yield "data: [DONE]\n\n"


def anthropic_reply(model: str, query: str, text: str) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": words(query), "output_tokens": words(text)},
    }


def anthropic_events(model: str, query: str, text: str) -> Iterator[str]:
    def event(kind: str, **fields: Any) -> str:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n"

    message = {**anthropic_reply(model, query, ""), "content": [], "stop_reason": None}
    yield event("message_start", message=message)
    yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for piece in pieces(text):
        yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
    yield event("content_block_stop", index=0)
    delta = {"stop_reason": "end_turn", "stop_sequence": None}
    yield event("message_delta", delta=delta, usage={"output_tokens": words(text)})
    yield event("message_stop")


def pieces(text: str) -> Iterator[str]:
    parts = text.split(" ")
    for index, part in enumerate(parts):
        yield part if index == len(parts) - 1 else f"{part} "


class LoopbackModels:
    """The server, while the `with` block lasts."""

    def __enter__(self) -> "LoopbackModels":
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def environment(self) -> dict[str, str]:
        """Variables that lead every example to this server."""
        root = f"http://127.0.0.1:{self.server.server_address[1]}"
        return {
            "OPENAI_API_KEY": "test-key",
            "OPENAI_BASE_URL": f"{root}/v1",
            "ANTHROPIC_API_KEY": "test-key",
            "ANTHROPIC_BASE_URL": root,
            "NO_PROXY": "127.0.0.1",
        }
