"""Traces and metrics of runs by OpenTelemetry, to any OTLP receiver.

The exporter is native: no run waits for the receiver, none enters Python for it, and no
`opentelemetry` package is needed. Give it to an agent as `telemetry_exporter`, or hand it what
calls cost that no agent made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import _native
from ..schema.exceptions import ConfigError

__all__ = [
    "MetricDimensions",
    "OpenTelemetryExporter",
    "cascadeflowMetrics",
    "create_exporter_from_env",
]

#: Whether OpenTelemetry can be exported: always, the exporter comes with the package.
OPENTELEMETRY_AVAILABLE: bool = True

# Seconds that a flush or shutdown takes at most when it is not told otherwise.
_PATIENCE = 10.0


@dataclass
class MetricDimensions:
    """Whom and what spending is for; `None` leaves the label out."""

    user_id: str | None = None
    user_tier: str | None = None
    model: str | None = None
    provider: str | None = None
    domain: str | None = None

    def to_attributes(self) -> dict[str, str]:
        """Those that are set, by dotted names."""
        named = {
            "user.id": self.user_id,
            "user.tier": self.user_tier,
            "model.name": self.model,
            "provider.name": self.provider,
            "query.domain": self.domain,
        }
        return {name: value for name, value in named.items() if value}

    def _labels(self) -> tuple[str | None, str | None, str | None, str | None, str | None]:
        return self.user_id, self.user_tier, self.model, self.provider, self.domain


@dataclass
class cascadeflowMetrics:
    """What one call used: `cost` in USD, `latency_ms` in milliseconds."""

    cost: float
    tokens_input: int
    tokens_output: int
    latency_ms: float
    dimensions: MetricDimensions = field(default_factory=MetricDimensions)

    @property
    def tokens_total(self) -> int:
        """Prompt and completion tokens together."""
        return self.tokens_input + self.tokens_output


class OpenTelemetryExporter:
    """Exports traces and metrics of runs by OTLP.

    What is left out comes from the `OTEL_*` variables of the environment, or is the default.

    `endpoint` is the receiver's base address (`http://localhost:4318` by default); `protocol` is
    `http/protobuf` or `grpc`, which port 4317 means by itself; `headers` go with every request and
    are never shown; `timeout` is the time for one export, in seconds. `environment` names where
    the program runs. Metrics go out every `export_interval` seconds, spans `span_interval` seconds
    after a run at the latest. `queue_size` finished runs may wait; further ones are left out of
    the traces and counted. With `user_labels`, spans and spending are labelled with user id and
    tier, of which `max_users` are told apart and the rest is `other`. With `capture_content`,
    spans hold the text of questions and answers.

    What is left when the interpreter ends is sent for at most two seconds.
    """

    def __init__(
        self,
        endpoint: str | None = None,
        service_name: str | None = None,
        environment: str | None = None,
        enabled: bool | None = None,
        *,
        protocol: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        gzip: bool | None = None,
        ca_certificate: str | None = None,
        resource_attributes: Mapping[str, str] | None = None,
        traces: bool | None = None,
        metrics: bool | None = None,
        sample_ratio: float | None = None,
        temporality: str | None = None,
        export_interval: float | None = None,
        span_interval: float | None = None,
        queue_size: int | None = None,
        user_labels: bool | None = None,
        max_users: int | None = None,
        max_models: int | None = None,
        capture_content: bool | None = None,
    ) -> None:
        options: dict[str, Any] = {
            "endpoint": endpoint,
            "service_name": service_name,
            "environment": environment,
            "enabled": enabled,
            "protocol": protocol,
            "headers": None if headers is None else dict(headers),
            "timeout_ms": _milliseconds(timeout),
            "gzip": gzip,
            "ca_certificate": ca_certificate,
            "resource_attributes": None
            if resource_attributes is None
            else dict(resource_attributes),
            "traces": traces,
            "metrics": metrics,
            "sample_ratio": sample_ratio,
            "temporality": temporality,
            "export_interval_ms": _milliseconds(export_interval),
            "span_interval_ms": _milliseconds(span_interval),
            "queue_size": queue_size,
            "user_labels": user_labels,
            "max_users": max_users,
            "max_models": max_models,
            "capture_content": capture_content,
        }
        given = {name: value for name, value in options.items() if value is not None}
        self._native = _native.TelemetryExporter(given)
        config: dict[str, Any] = self._native.config
        self.endpoint: str = config["endpoint"]
        self.service_name: str = config["service_name"]
        self.environment: str | None = config["environment"]
        self.enabled: bool = config["enabled"]

    def export_cost(
        self,
        cost: float,
        user_id: str | None = None,
        model: str | None = None,
        provider: str | None = None,
    ) -> None:
        """Counts a cost in USD that no agent's run made."""
        labels = MetricDimensions(user_id=user_id, model=model, provider=provider)
        self._native.export_cost(float(cost), labels._labels())

    def record(self, metrics: cascadeflowMetrics) -> None:
        """Counts what a call used that no agent made."""
        self._native.record(
            float(metrics.cost),
            metrics.tokens_input,
            metrics.tokens_output,
            metrics.latency_ms,
            metrics.dimensions._labels(),
        )

    def flush(self) -> None:
        """Sends what there is and waits for it, ten seconds at most."""
        self.force_flush()

    def force_flush(self, timeout: float = _PATIENCE) -> bool:
        """Sends what there is, for at most `timeout` seconds. Whether the receiver took it all."""
        return self._native.force_flush(timeout)

    def shutdown(self, timeout: float = _PATIENCE) -> bool:
        """As `force_flush`, and exports nothing any more."""
        return self._native.shutdown(timeout)

    def counts(self) -> dict[str, Any]:
        """What became of what was handed over, in this process.

        `runs`, `dropped_runs`, `exported_spans`, `failed_spans`, `metric_exports`,
        `failed_metric_exports`, and `last_error`, which is `None` while no export has failed.
        """
        counts: dict[str, Any] = self._native.counts()
        return counts

    def __repr__(self) -> str:
        return f"{type(self).__name__}(endpoint={self.endpoint!r})"


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def create_exporter_from_env() -> OpenTelemetryExporter | None:
    """An exporter of what the environment says; `None` where it names no receiver."""
    return OpenTelemetryExporter() if _native.environment_names_receiver() else None


def native_exporter(exporter: object) -> _native.TelemetryExporter | None:
    """What an agent takes for its `telemetry_exporter`."""
    if exporter is None:
        return None
    if isinstance(exporter, OpenTelemetryExporter):
        return exporter._native
    hint = "give an `OpenTelemetryExporter` of `cascadeflow.integrations.otel`"
    error = ConfigError(
        f"`telemetry_exporter` is no exporter: `{type(exporter).__name__}` (hint: {hint})"
    )
    error.field = "telemetry_exporter"
    error.hint = hint
    raise error
