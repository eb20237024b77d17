"""Stand-ins of three services that know people's plans, on the loopback interface, for examples.

Each answers one request in the service's own form: Stripe's subscriptions of a customer, Auth0's
user with the app metadata, and a Firestore document. Without the key or token the example sends, the
answer is that of a stranger: 401.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

SECRET = "stand-in"

# What Stripe knows of its customers: the lookup key of the price they pay.
SUBSCRIPTIONS = {"cus_ada": "pro", "cus_bob": "free"}
# What was written into the app metadata of Auth0's users.
APP_METADATA = {
    "auth0|ada": {"plan": "pro", "daily_budget": 1.0},
    "auth0|bob": {"plan": "free", "daily_budget": 0.0001},
}
# Fields of the documents `users/{id}`.
DOCUMENTS = {
    "ada": {"credits": {"doubleValue": 5.0}},
    "bob": {"credits": {"doubleValue": 0.0}},
}


def stripe(path: str, query: dict[str, list[str]]) -> Any:
    if path != "/v1/subscriptions":
        return None
    plan = SUBSCRIPTIONS.get(query.get("customer", [""])[0])
    items = {"object": "list", "data": [{"price": {"lookup_key": plan}}]}
    active = {"object": "subscription", "status": "active", "items": items}
    return {"object": "list", "data": [active] if plan else [], "has_more": False}


def auth0(path: str) -> Any:
    user_id = unquote(path.removeprefix("/api/v2/users/"))
    metadata = APP_METADATA.get(user_id)
    return None if metadata is None else {"user_id": user_id, "app_metadata": metadata}


def firestore(path: str) -> Any:
    name = path.removeprefix("/v1/")
    fields = DOCUMENTS.get(name.rpartition("/users/")[2])
    return None if fields is None else {"name": name, "fields": fields}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: the output belongs to the example."""

    def do_GET(self) -> None:
        if self.headers.get("authorization") != f"Bearer {SECRET}":
            self.reply(401, {"error": "unauthorized"})
            return
        service, _, rest = self.path.lstrip("/").partition("/")
        parts = urlsplit(f"/{rest}")
        found: Any = None
        if service == "stripe":
            found = stripe(parts.path, parse_qs(parts.query))
        elif service == "auth0":
            found = auth0(parts.path)
        elif service == "firestore":
            found = firestore(parts.path)
        self.reply(404 if found is None else 200, found or {"error": "not found"})

    def reply(self, status: int, body: Any) -> None:
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


class LoopbackServices:
    """The server, for as long as a `with` block lasts."""

    def __enter__(self) -> "LoopbackServices":
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def environment(self) -> dict[str, str]:
        """Where the examples find the services, and what they say who they are."""
        base = f"http://127.0.0.1:{self.server.server_port}"
        return {
            "STRIPE_API_BASE": f"{base}/stripe",
            "STRIPE_SECRET_KEY": SECRET,
            "AUTH0_API_BASE": f"{base}/auth0",
            "AUTH0_TOKEN": SECRET,
            "FIRESTORE_API_BASE": f"{base}/firestore",
            "FIRESTORE_TOKEN": SECRET,
        }
