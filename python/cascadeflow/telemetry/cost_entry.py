"""One cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

__all__ = ["CostEntry", "read_entry"]


@dataclass
class CostEntry:
    """One cost in USD. `timestamp` is in local time, without a zone.

    `role` is what the call was in its run (`draft`, `verifier`, …); `None` of a cost from outside
    a run.
    """

    timestamp: datetime
    model: str
    provider: str
    tokens: int
    cost: float
    query_id: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    user_id: str | None = None
    user_tier: str | None = None
    session_id: str | None = None
    key_id: str | None = None
    tenant_id: str | None = None
    role: str | None = None


def read_entry(row: Any) -> CostEntry:
    """The entry that the engine tells of."""
    (_, at, model, provider, tokens, cost), (query_id, metadata), owners, role = row
    user_id, tier, session_id, key_id, tenant_id = owners
    return CostEntry(
        datetime.fromtimestamp(at),
        model,
        provider,
        tokens,
        cost,
        query_id,
        metadata,
        user_id,
        tier,
        session_id,
        key_id,
        tenant_id,
        role,
    )
