"""Prices from files of one's own, over those that come with the package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from os import PathLike, fspath
from typing import Any

from .. import _native
from ..schema.usage import Usage
from .estimate import CostEstimate, estimate_cost

__all__ = ["Prices"]


class Prices:
    """The price catalogue, with the file or folder at `path` over it.

    The form of a file is that of `pricing/schema.json`. Raises a `ConfigError` that names the file
    and what is wrong where.
    """

    def __init__(self, path: str | PathLike[str] | None = None) -> None:
        self.path = None if path is None else fspath(path)
        self._native = _native.Prices(self.path)

    def reload(self) -> None:
        """Reads the files again.

        When they cannot be read, the last good prices stay and a `ConfigError` tells what is wrong.
        """
        self._native.reload()

    def price(self, model: str, provider: str | None = None) -> dict[str, Any] | None:
        """The price of a model with its limits; `None` when no price is known.

        Amounts are in USD per 1,000,000 tokens, as decimal texts.
        """
        found: dict[str, Any] | None = self._native.price(model, provider)
        return found

    def cost(
        self, model: str, usage: Usage | Mapping[str, Any], provider: str | None = None
    ) -> Decimal | None:
        """What `usage` of a model costs in USD; `None` when no price is known."""
        counts = Usage.from_payload(usage).to_dict()
        del counts["total_tokens"]
        amount = self._native.usage_cost(model, provider, counts)
        return None if amount is None else Decimal(amount)

    def estimate_cost(
        self,
        model: str,
        messages: str | Sequence[Mapping[str, Any]],
        max_tokens: int | None = None,
        *,
        provider: str | None = None,
        cost: float | Decimal | None = None,
    ) -> CostEstimate:
        """What a call may cost at most by these prices: `cascadeflow.pricing.estimate_cost`."""
        return estimate_cost(model, messages, max_tokens, provider=provider, cost=cost, prices=self)

    @property
    def models(self) -> list[tuple[str, str]]:
        """Provider and id of every listed model."""
        return self._native.models()
