"""How a batch runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class BatchStrategy(str, Enum):
    """How the queries of a batch are sent."""

    LITELLM_NATIVE = "litellm_native"
    SEQUENTIAL = "sequential"
    AUTO = "auto"

    __repr__ = Enum.__repr__
    __str__ = Enum.__str__


@dataclass
class BatchConfig:
    """How a batch runs.

    At most `max_parallel` runs are under way at once. Times are in seconds; a `total_timeout` of
    `None` allows `timeout_per_query * batch_size`. A run that failed temporarily is tried again
    `retries` times; `None` means once where `retry_failed` is set, else not at all.
    """

    batch_size: int = 10
    max_parallel: int = 3
    timeout_per_query: float = 30.0
    total_timeout: float | None = None
    strategy: BatchStrategy = BatchStrategy.AUTO
    stop_on_error: bool = False
    retry_failed: bool = True
    track_cost: bool = True
    validate_quality: bool = True
    preserve_order: bool = True
    metadata: dict[str, Any] = field(default_factory=dict)
    retries: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if self.total_timeout is None:
            self.total_timeout = self.timeout_per_query * self.batch_size

    def to_native(self) -> dict[str, Any]:
        """The configuration as the engine reads it."""
        return {
            "max_parallel": self.max_parallel,
            "timeout_per_query": self.timeout_per_query,
            "total_timeout": self.total_timeout,
            "stop_on_error": self.stop_on_error,
            "retries": int(self.retry_failed) if self.retries is None else self.retries,
        }
