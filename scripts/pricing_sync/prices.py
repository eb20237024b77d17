"""Prices per token as the table has them, and as the catalogue does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .errors import SyncError
from .tables import KINDS, TIERS

PRICE_KEY = re.compile(
    r"(?P<kind>" + "|".join(sorted(KINDS, key=len, reverse=True)) + r")"
    r"(?:_above_(?P<thousands>\d+)k_tokens)?"
    r"(?:_(?P<tier>" + "|".join(TIERS) + r"))?"
)


def per_million(per_token: object) -> str:
    """USD per token, as the table has it, in USD per 1,000,000 tokens as an exact decimal text."""
    if isinstance(per_token, bool) or not isinstance(per_token, (int, float, str)):
        raise SyncError(f"not a price: {per_token!r}")
    try:
        exact = Decimal(repr(per_token) if isinstance(per_token, float) else str(per_token))
    except ArithmeticError:
        raise SyncError(f"not a price: {per_token!r}") from None
    if not exact.is_finite() or exact < 0:
        raise SyncError(f"not a price: {per_token!r}")
    # What is left of a division made in floating point shows in the 15th digit or later.
    digits = len(exact.normalize().as_tuple().digits)
    if digits > 14:
        exact = Decimal(f"{exact:.11e}")
    return decimal_text(exact * 1_000_000)


def decimal_text(value: Decimal) -> str:
    """Plain notation without trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def price_of(entry: Mapping[str, Any], unread: set[str] | None = None) -> dict[str, Any] | None:
    """Our price block for one entry of the table; None when it has no price per token."""
    if entry.get("input_cost_per_token") is None:
        return None
    rates: dict[tuple[str | None, int | None], dict[str, str]] = {}
    for key, value in entry.items():
        if value is None or isinstance(value, (dict, list)):
            continue
        found = PRICE_KEY.fullmatch(key)
        if found is None:
            if unread is not None and re.search(r"_cost(_|$)", key):
                unread.add(key)
            continue
        tier = TIERS[found["tier"]] if found["tier"] else None
        threshold = int(found["thousands"]) * 1000 if found["thousands"] else None
        rates.setdefault((tier, threshold), {})[KINDS[found["kind"]]] = per_million(value)
    base = rates[(None, None)]
    base.setdefault("output", "0")
    drop_redundant(base, base)
    for block in rates.values():
        drop_redundant(block, base)
    thresholds = sorted({threshold for _, threshold in rates if threshold is not None})
    if len(thresholds) > 1:
        # A price block has one threshold; half a tariff would be a wrong one.
        if unread is not None:
            unread.update(f"above_{threshold // 1000}k" for threshold in thresholds)
        return None
    price: dict[str, Any] = ordered(base)
    threshold = thresholds[0] if thresholds else None
    longer = rates.get((None, threshold)) if threshold else None
    if longer:
        price["long_context"] = {"threshold_tokens": threshold, "rates": ordered(longer)}
    tiers: dict[str, Any] = {}
    for tier in TIERS.values():
        if usual := rates.get((tier, None)):
            tiers[tier] = {"rates": ordered(usual)}
            longer_tier = rates.get((tier, threshold)) if longer else None
            if longer_tier:
                tiers[tier]["long_context"] = ordered(longer_tier)
    if tiers:
        price["tiers"] = tiers
    return price


def drop_redundant(block: dict[str, str], base: Mapping[str, str]) -> None:
    """Take out rates that only repeat what holds without them."""
    output = block.get("output", base["output"])
    if block.get("reasoning") == output and base.get("reasoning", output) == output:
        del block["reasoning"]
    # Tokens written to a cache are read by the model like any others: no provider gives them away,
    # and a zero in the table means that they have no price of their own.
    for kind in ("cache_write_5m", "cache_write_1h"):
        if block.get(kind) == "0" and base["input"] != "0":
            del block[kind]


def ordered(block: Mapping[str, str]) -> dict[str, str]:
    """The rates in the order of the schema."""
    return {kind: block[kind] for kind in KINDS.values() if kind in block}


def is_free(price: Mapping[str, Any]) -> bool:
    """Whether nothing is charged."""
    return bool(price["input"] == "0" and price["output"] == "0")
