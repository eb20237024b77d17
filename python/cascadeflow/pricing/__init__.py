"""What models cost and how many tokens a text has, computed by the engine."""

from __future__ import annotations

from ..utils.helpers import estimate_tokens
from .estimate import CostEstimate, estimate_cost, token_counter
from .pricebook import ModelPrice, PriceBook, PricingResolver
from .prices import Prices

__all__ = [
    "CostEstimate",
    "ModelPrice",
    "PriceBook",
    "Prices",
    "PricingResolver",
    "estimate_cost",
    "estimate_tokens",
    "token_counter",
]
