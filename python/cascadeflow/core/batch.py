"""Batches of runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .batch_config import BatchConfig, BatchStrategy

if TYPE_CHECKING:
    from ..agent import CascadeAgent
    from ..schema.exceptions import cascadeflowError
    from ..schema.result import CascadeResult

__all__ = [
    "BatchConfig",
    "BatchProcessingError",
    "BatchProcessor",
    "BatchProgress",
    "BatchResult",
    "BatchStrategy",
]


class BatchProcessingError(Exception):
    """A batch could not be run at all."""


@dataclass
class BatchProgress:
    """How far a batch has come: runs ended, failed, all, and the cost so far in USD."""

    done: int
    failed: int
    total: int
    cost: float
    cost_exact: str = "0"


@dataclass
class BatchResult:
    """What a batch gives, in the order of its queries.

    A query that failed has `None` in `results`, its message in `errors` and its exception in
    `exceptions`. `total_cost` is in USD, `total_time` in seconds.
    """

    results: list[CascadeResult | None]
    success_count: int
    failure_count: int
    total_cost: float
    total_time: float
    strategy_used: str
    errors: list[str | None]
    metadata: dict[str, Any]
    exceptions: list[cascadeflowError | None] = field(default_factory=list, compare=False)

    @classmethod
    def of(
        cls, outcomes: list[Any], total_cost: float, total_time: float, config: BatchConfig
    ) -> BatchResult:
        """The result of `outcomes`, each a result or an exception."""
        failed = [isinstance(outcome, BaseException) for outcome in outcomes]
        told = list(zip(failed, outcomes, strict=True))
        return cls(
            results=[None if bad else outcome for bad, outcome in told],
            success_count=failed.count(False),
            failure_count=failed.count(True),
            total_cost=total_cost,
            total_time=total_time,
            strategy_used="sequential",
            errors=[str(outcome) if bad else None for bad, outcome in told],
            metadata=dict(config.metadata),
            exceptions=[outcome if bad else None for bad, outcome in told],
        )

    @property
    def success_rate(self) -> float:
        """Share of the queries that succeeded, in [0, 1]; 0 when there were none."""
        return self.success_count / len(self.results) if self.results else 0.0

    @property
    def average_cost(self) -> float:
        """Cost per successful query in USD."""
        return self.total_cost / self.success_count if self.success_count else 0.0

    @property
    def average_time(self) -> float:
        """Time per query in seconds."""
        return self.total_time / len(self.results) if self.results else 0.0


class BatchProcessor:
    """Runs batches through an agent."""

    def __init__(self, agent: CascadeAgent) -> None:
        self.agent = agent

    async def process_batch(
        self, queries: list[str], config: BatchConfig | None = None, **kwargs: Any
    ) -> BatchResult:
        """See `CascadeAgent.run_batch`."""
        return await self.agent.run_batch(queries, config, **kwargs)
