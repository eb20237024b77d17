"""Cheaper models instead of dear ones."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .. import _native

if TYPE_CHECKING:
    from ..schema.config import ModelConfig

__all__ = [
    "DEFAULT_DEGRADATION_MAP",
    "estimate_cost_savings",
    "get_cheaper_model",
    "get_cheaper_models",
    "get_degradation_chain",
]

logger = logging.getLogger(__name__)

DEFAULT_DEGRADATION_MAP: dict[str, str | None] = _native.degradation_map()
"""The model to use instead of each; `None` of the cheapest of its kind."""


def get_cheaper_model(
    model: str, degradation_map: Mapping[str, str | None] | None = None
) -> str | None:
    """The model to use instead of `model`; `None` when nothing is cheaper.

    What the map does not name is looked up in the price catalogue; what nobody knows is answered
    by a model that is known to be cheap.
    """
    own = DEFAULT_DEGRADATION_MAP if degradation_map is None else degradation_map
    cheaper, source = _native.cheaper_model(model, dict(own))
    if source == "fallback":
        logger.warning("Model %s is not known, falling back to %s", model, cheaper)
    elif cheaper is None:
        logger.info("Model %s is already the cheapest option", model)
    else:
        logger.info("Degrading model: %s → %s", model, cheaper)
    return cheaper


def get_degradation_chain(
    model: str, degradation_map: Mapping[str, str | None] | None = None
) -> list[str]:
    """`model` and what to use instead, step by step, down to the cheapest."""
    own = DEFAULT_DEGRADATION_MAP if degradation_map is None else degradation_map
    return _native.degradation_chain(model, dict(own))


def estimate_cost_savings(from_model: str, to_model: str) -> float | None:
    """The share of the cost that `to_model` saves against `from_model`, in [0, 1].

    0 when it costs as much or more; `None` when the price of either is not known.
    """
    return _native.estimated_saving(from_model, to_model)


def get_cheaper_models(
    models: Sequence[ModelConfig],
    model: ModelConfig | str,
    *,
    input_tokens: int = 1000,
    output_tokens: int = 1000,
) -> list[tuple[ModelConfig, float]]:
    """The models that do the same work for less than `model`, cheapest first.

    Each comes with the share of the cost that it saves, in (0, 1], for so many tokens. Empty when
    `model` is none of them, or its price is not known.
    """
    name = model if isinstance(model, str) else model.name
    position = next((at for at, it in enumerate(models) if it.name == name), None)
    if position is None:
        return []
    plain = [it.to_native() for it in models]
    found = _native.cheaper_models(plain, position, input_tokens, output_tokens)
    return [(models[at], saving) for at, _, saving in found]
