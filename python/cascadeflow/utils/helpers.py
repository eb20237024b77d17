"""Small tools."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Sequence

from .. import _native

__all__ = [
    "calculate_cosine_similarity",
    "estimate_tokens",
    "format_cost",
    "get_env_or_raise",
    "parse_model_identifier",
    "setup_logging",
    "truncate_text",
]


def estimate_tokens(text: str) -> int:
    """Estimated tokens of `text`; at least 1."""
    return max(_native.estimate_tokens(text), 1)


def format_cost(cost: float) -> str:
    """An amount of US dollars for display, to four places."""
    return f"${cost:.4f}"


def setup_logging(level: str | None = None) -> None:
    """Shows log records of `level` and above on standard error.

    Without a level, the environment variable `CASCADEFLOW_LOG_LEVEL` counts, else `INFO`.
    """
    name = (level or os.environ.get("CASCADEFLOW_LOG_LEVEL") or "INFO").upper()
    logging.basicConfig(
        level=getattr(logging, name, logging.INFO),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        datefmt="%H:%M:%S",
        force=True,
    )


def get_env_or_raise(key: str, default: str | None = None) -> str:
    """The environment variable `key`, else `default`.

    Raises:
        ValueError: when there is neither.
    """
    value = os.environ.get(key, default)
    if value is None:
        raise ValueError(f"environment variable `{key}` is not set (hint: set it)")
    return value


def parse_model_identifier(identifier: str) -> tuple[str, str]:
    """Provider and model of `provider:model`; the provider is empty where there is none."""
    provider, colon, model = identifier.partition(":")
    return (provider, model) if colon else ("", identifier)


def truncate_text(text: str, max_length: int = 100, suffix: str = "...") -> str:
    """`text`, cut to `max_length` characters with `suffix` as its end."""
    if len(text) <= max_length:
        return text
    return text[: max(max_length - len(suffix), 0)] + suffix


def calculate_cosine_similarity(vec1: Sequence[float], vec2: Sequence[float]) -> float:
    """The cosine of the angle between two vectors; 0 when one has no length."""
    if len(vec1) != len(vec2):
        raise ValueError(
            f"vectors differ in length: `{len(vec1)}` and `{len(vec2)}` (hint: compare vectors "
            "of one model)"
        )
    lengths = math.hypot(*vec1) * math.hypot(*vec2)
    if lengths == 0:
        return 0.0
    return sum(a * b for a, b in zip(vec1, vec2, strict=True)) / lengths
