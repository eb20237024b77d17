"""A loopback server that plays the replies of exchanges and keeps what it was asked."""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from exchange_file import Reply


@dataclass(frozen=True)
class Received:
    """A request that arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


class QuietServer(ThreadingHTTPServer):
    """A server that is silent about clients that hang up."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class ReplayServer:
    """Answers every request with `reply`, while the `with` block lasts."""

    def __init__(self) -> None:
        self.reply: Reply | None = None
        self.received: list[Received] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # What is written in pieces shall also arrive in pieces.
            wbufsize = 0

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                outer.answer(self)

            def do_POST(self) -> None:
                outer.answer(self)

        self.server = QuietServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> ReplayServer:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def play(self, reply: Reply) -> None:
        """Answers with `reply` from now on, and forgets what was received."""
        self.reply = reply
        self.received.clear()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        raw = read_body(handler)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        path = handler.path.partition("?")[0]
        body = json.loads(raw) if raw else None
        self.received.append(Received(handler.command, path, headers, body))
        reply = self.reply
        assert reply is not None, "a request came before the server knew its answer"
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        if not reply.chunked:
            payload = b"".join(reply.pieces)
            handler.send_header("content-length", str(len(payload)))
            handler.end_headers()
            handler.wfile.write(payload)
            return
        handler.send_header("transfer-encoding", "chunked")
        handler.end_headers()
        for piece in reply.pieces:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        handler.wfile.write(b"0\r\n\r\n")


def read_body(handler: BaseHTTPRequestHandler) -> bytes:
    """The body of a request, its transfer coding removed."""
    if handler.headers.get("transfer-encoding", "").lower() != "chunked":
        return handler.rfile.read(int(handler.headers.get("content-length", 0)))
    whole = b""
    while size := int(handler.rfile.readline(), 16):
        whole += handler.rfile.read(size)
        handler.rfile.readline()
    handler.rfile.readline()
    return whole
