"""Tokens and costs of calls before they are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from .. import _native
from ..schema.exceptions import ModelError, ValidationError

__all__ = ["CostEstimate", "estimate_cost", "token_counter"]


class CostEstimate(float):
    """What a call may cost at most, in USD; a number that knows how it came about.

    `exact` and `input_cost` (the prompt alone, nothing of it cached) are decimals in USD.
    `input_tokens` is the prompt, `counted` how it was counted: `vocabulary` (the model's own) or
    `estimate`. `output_tokens` is the most that the answer can have. `priced` is `catalogue`,
    `configured` or `free`; `provider` is `None` where none is known.
    """

    exact: Decimal
    input_cost: Decimal
    model: str
    provider: str | None
    input_tokens: int
    output_tokens: int
    counted: str
    priced: str

    @classmethod
    def _of(cls, record: dict[str, Any]) -> CostEstimate:
        exact = Decimal(record["cost"])
        made = cls(exact)
        made.exact = exact
        made.input_cost = Decimal(record["input_cost"])
        for name in ("model", "provider", "input_tokens", "output_tokens", "counted", "priced"):
            setattr(made, name, record[name])
        return made

    @property
    def total_tokens(self) -> int:
        """Prompt and answer together, at most."""
        return self.input_tokens + self.output_tokens


def estimate_cost(
    model: str,
    messages: str | Sequence[Mapping[str, Any]],
    max_tokens: int | None = None,
    *,
    provider: str | None = None,
    cost: float | Decimal | None = None,
    prices: Any = None,
) -> CostEstimate:
    """What a call of `model` may cost at most, in USD, before it is made. Nothing is sent.

    `model` is named with its provider (`groq/llama-3.1-8b-instant`), alone, or beside `provider`.
    `messages` is the conversation, or the prompt as a text. `max_tokens` is the most that the
    answer may have; without it, the most that the model can write. `cost` in USD per 1,000 tokens
    replaces the listed price. `prices` is a `Prices` with files of one's own.

    Raises:
        ModelError: when no price is known.
        ValidationError: when `max_tokens` is left out and the model's limit is not known.
    """
    source = _native.Prices() if prices is None else prices._native
    given = messages if isinstance(messages, str) else [dict(message) for message in messages]
    flat = None if cost is None else str(cost)
    record = source.estimate_cost(model, given, _count(max_tokens), provider, flat)
    if record["cost"] is None:
        error = ModelError(f"no price is known for the model `{model}`", model, provider)
        error.hint = "name its provider, or give `cost` in USD per 1,000 tokens"
        raise error
    return CostEstimate._of(record)


def token_counter(
    model: str | None = None,
    text: str | None = None,
    messages: Sequence[Mapping[str, Any]] | None = None,
) -> int:
    """Tokens of a text, or of a conversation with the marks of the chat format.

    Exact for the models of the OpenAI family, whose vocabularies are built in; for others, and
    without a model, by a calibrated estimate whose error `docs/reference/tokens.md` gives.
    """
    if (text is None) == (messages is None):
        error = ValidationError("`text` or `messages` is needed, not both")
        error.field = "text"
        error.hint = "give the text to count, or the messages"
        raise error
    given: Any = text if messages is None else [dict(message) for message in messages]
    return _native.count_tokens(given, model or None)[0]


def _count(max_tokens: int | None) -> int | None:
    whole = isinstance(max_tokens, int) and not isinstance(max_tokens, bool) and max_tokens >= 0
    if max_tokens is not None and not whole:
        error = ValidationError(f"`max_tokens` is not a number of tokens: `{max_tokens!r}`")
        error.field = "max_tokens"
        error.hint = "give a whole number, zero or more"
        raise error
    return max_tokens
