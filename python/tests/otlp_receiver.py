"""A receiver of OTLP: a process of its own that decodes what it gets by the official protobufs.

Run as a program it listens on two ports, prints them as one line of JSON, and ends with its
standard input. Over HTTP it also tells what it has received: `GET /received`. The path `/slow/...`
answers after a minute, `/refuse/...` with an error.
"""

from __future__ import annotations

import gzip
import json
import sys
import threading
import time
from concurrent import futures
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics_pb
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2_grpc as metrics_rpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace_pb
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as trace_rpc

LOCK = threading.Lock()
SPANS: list[dict[str, Any]] = []
METRICS: dict[str, dict[str, Any]] = {}
REQUESTS: list[dict[str, Any]] = []


def value(given: Any) -> Any:
    kind = given.WhichOneof("value")
    if kind == "array_value":
        return [value(item) for item in given.array_value.values]
    return getattr(given, kind) if kind else None


def attributes(given: Any) -> dict[str, Any]:
    return {pair.key: value(pair.value) for pair in given}


def take_spans(request: Any) -> None:
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                SPANS.append(
                    {
                        "name": span.name,
                        "trace": span.trace_id.hex(),
                        "id": span.span_id.hex(),
                        "parent": span.parent_span_id.hex(),
                        "kind": span.kind,
                        "start": span.start_time_unix_nano,
                        "end": span.end_time_unix_nano,
                        "status": span.status.code,
                        "attributes": attributes(span.attributes),
                        "events": [event.name for event in span.events],
                        "resource": attributes(resource.resource.attributes),
                        "schema": scope.schema_url,
                    }
                )


def points(metric: Any) -> list[dict[str, Any]]:
    if metric.WhichOneof("data") == "histogram":
        return [
            {"attributes": attributes(p.attributes), "sum": p.sum, "count": p.count}
            for p in metric.histogram.data_points
        ]
    return [
        {
            "attributes": attributes(p.attributes),
            "sum": getattr(p, p.WhichOneof("value")),
        }
        for p in metric.sum.data_points
    ]


def take_metrics(request: Any) -> None:
    for resource in request.resource_metrics:
        named = attributes(resource.resource.attributes)
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                # The last export of a program holds the sums of those before.
                METRICS[f"{named['service.instance.id']} {metric.name}"] = {
                    "name": metric.name,
                    "unit": metric.unit,
                    "points": points(metric),
                    "resource": named,
                }


KINDS = {
    "traces": (trace_pb.ExportTraceServiceRequest, take_spans),
    "metrics": (metrics_pb.ExportMetricsServiceRequest, take_metrics),
}


def take(kind: str, body: bytes, headers: dict[str, str], protocol: str) -> None:
    message, keep = KINDS[kind]
    request = message()
    request.ParseFromString(body)
    with LOCK:
        REQUESTS.append(
            {
                "kind": kind,
                "protocol": protocol,
                "headers": {name.lower(): text for name, text in headers.items()},
                "text": body.decode("latin-1"),
            }
        )
        keep(request)


class Http(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path.startswith("/slow/"):
            time.sleep(60)
        if self.path.startswith("/refuse/"):
            return self.answer(401, b"no", "text/plain")
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        take(self.path.rsplit("/", 1)[1], body, dict(self.headers), "http/protobuf")
        return self.answer(200, b"", "application/x-protobuf")

    def do_GET(self) -> None:
        with LOCK:
            received = {"spans": SPANS, "metrics": list(METRICS.values()), "requests": REQUESTS}
            body = json.dumps(received).encode()
        self.answer(200, body, "application/json")

    def log_message(self, *args: Any) -> None:
        pass


class Traces(trace_rpc.TraceServiceServicer):
    def Export(self, request: Any, context: Any) -> Any:
        headers = dict(context.invocation_metadata())
        take("traces", request.SerializeToString(), headers, "grpc")
        return trace_pb.ExportTraceServiceResponse()


class Metrics(metrics_rpc.MetricsServiceServicer):
    def Export(self, request: Any, context: Any) -> Any:
        headers = dict(context.invocation_metadata())
        take("metrics", request.SerializeToString(), headers, "grpc")
        return metrics_pb.ExportMetricsServiceResponse()


def main() -> None:
    http = ThreadingHTTPServer(("127.0.0.1", 0), Http)
    http.daemon_threads = True
    threading.Thread(target=http.serve_forever, daemon=True).start()
    rpc = grpc.server(futures.ThreadPoolExecutor(4))
    trace_rpc.add_TraceServiceServicer_to_server(Traces(), rpc)
    metrics_rpc.add_MetricsServiceServicer_to_server(Metrics(), rpc)
    port = rpc.add_insecure_port("127.0.0.1:0")
    rpc.start()
    print(json.dumps({"http": http.server_port, "grpc": port}), flush=True)
    sys.stdin.read()
    rpc.stop(None)


if __name__ == "__main__":
    main()
