"""Prices by the name of a model, and the cost of a call from what is known of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .. import _native
from ..integrations._litellm_library import is_installed, library
from ..schema.exceptions import ValidationError
from ..schema.usage import Usage

__all__ = ["ModelPrice", "PriceBook", "PricingResolver"]

logger = logging.getLogger("cascadeflow.pricing")


@dataclass(frozen=True)
class ModelPrice:
    """A model's price in USD per 1,000 tokens.

    A `cached_input_per_1k` of 0 means that cached prompt tokens cost as much as others.
    """

    input_per_1k: float
    output_per_1k: float
    cached_input_per_1k: float = 0.0

    def to_native(self) -> dict[str, Any]:
        """The price as the engine reads it, per 1,000,000 tokens."""
        plain = {"input": _million(self.input_per_1k), "output": _million(self.output_per_1k)}
        if self.cached_input_per_1k:
            plain["cached_input"] = _million(self.cached_input_per_1k)
        return plain


class PriceBook:
    """The price catalogue with prices of one's own over it, which are kept in memory."""

    def __init__(self) -> None:
        self._own: dict[str, ModelPrice] = {}

    def get(self, model: str) -> ModelPrice | None:
        """The price of a model, named alone or after its provider; `None` when not known."""
        if model in self._own:
            return self._own[model]
        found = _native.catalogue_price(model)
        if found is None:
            return None
        price = found["price"]
        rates = (price["input"], price["output"], price.get("cached_input") or 0)
        return ModelPrice(*(float(Decimal(rate) / 1000) for rate in rates))

    def update(self, model: str, input_per_1k: float, output_per_1k: float) -> None:
        """Sets the price of a model in USD per 1,000 tokens."""
        for name, amount in (("input_per_1k", input_per_1k), ("output_per_1k", output_per_1k)):
            if not amount >= 0 or amount == float("inf"):
                error = ValidationError(f"`{name}` of `{model}` is no price: `{amount!r}`")
                error.field = name
                error.hint = "give USD per 1,000 tokens, zero or more"
                raise error
        self._own[model] = ModelPrice(input_per_1k, output_per_1k)

    def update_batch(self, prices: dict[str, dict[str, float]]) -> None:
        """Sets the prices of several models, each a dict with `input_per_1k` and `output_per_1k`.

        None is set when one of them is wrong.
        """
        checked = PriceBook()
        for model, price in prices.items():
            missing = {"input_per_1k", "output_per_1k"} - set(price)
            if missing:
                name = min(missing)
                error = ValidationError(f"the price of `{model}` has no `{name}`")
                error.field = name
                error.hint = "give `input_per_1k` and `output_per_1k` in USD per 1,000 tokens"
                raise error
            checked.update(model, price["input_per_1k"], price["output_per_1k"])
        self._own.update(checked._own)

    def sync_from_litellm(self) -> int:
        """Takes the prices of LiteLLM's table, where the library is installed.

        Gives how many there are; without the library 0.
        """
        if not is_installed():
            return 0
        count = 0
        for model, row in library("the price table of LiteLLM").model_cost.items():
            rates = (row.get("input_cost_per_token"), row.get("output_cost_per_token"))
            if all(isinstance(rate, (int, float)) and rate >= 0 for rate in rates):
                per_thousand = (float(Decimal(str(rate)) * 1000) for rate in rates)
                self.update(model, *per_thousand)
                count += 1
        return count

    @property
    def models(self) -> list[str]:
        """Names of the models whose price is known, in alphabetical order."""
        listed = (model for _, model in _native.Prices().models())
        return sorted({*listed, *self._own})


class PricingResolver:
    """The cost of a call from what is known of it."""

    def __init__(self, pricebook: PriceBook | None = None) -> None:
        self.pricebook = PriceBook() if pricebook is None else pricebook

    def resolve_cost(
        self,
        *,
        model: str,
        usage: Usage,
        provider_cost: float | None = None,
        litellm_cost: float | None = None,
        fallback_rate_per_1k: float | None = None,
    ) -> float:
        """What a call costs in USD.

        The first that is known counts: the cost that the provider reports, LiteLLM's, the price
        book's price, `fallback_rate_per_1k` for all tokens. Where nothing is, 0, which is logged.
        """
        for reported in (provider_cost, litellm_cost):
            if reported is not None:
                return float(reported)
        counts = usage.to_dict()
        del counts["total_tokens"]
        own = self.pricebook._own.get(model)
        if own is not None:
            return float(_native.price({"price": own.to_native(), "usage": counts}))
        listed = _native.usage_cost(model, None, counts)
        if listed is not None:
            return float(listed)
        if fallback_rate_per_1k is not None:
            flat = str(fallback_rate_per_1k)
            return float(_native.price({"cost": flat, "usage": counts}))
        logger.warning("no price is known for the model `%s`: its cost is taken as 0", model)
        return 0.0

    def extract_usage(self, response: Any) -> Usage:
        """The token counts of an answer: its `usage`, or the counts in its `metadata`."""
        for name in ("usage", "metadata"):
            found = _part(response, name)
            if isinstance(found, Usage):
                return found
            nested = _part(found, "usage")
            for source in (nested, found):
                usage = Usage.from_payload(_mapping(source))
                if usage.total_tokens:
                    return usage
        return Usage.from_payload(_mapping(response))


def _part(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)


def _mapping(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    dump: Any = getattr(value, "model_dump", None)
    if dump is not None:
        dumped: Mapping[str, Any] = dump()
        return dumped
    return dict(getattr(value, "__dict__", {}))


def _million(per_thousand: float) -> str:
    return format((Decimal(str(per_thousand)) * 1000).normalize(), "f")
