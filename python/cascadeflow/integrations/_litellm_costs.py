"""What calls cost, under the names that LiteLLM's users know."""

from __future__ import annotations

import inspect
import logging
from typing import Any, overload

from .. import _native
from ..schema.exceptions import ModelError, ValidationError
from . import _supported
from ._litellm_library import library

logger = logging.getLogger("cascadeflow.integrations.litellm")

# What a model without a known price is estimated at, in USD per 1,000,000 tokens.
_ESTIMATE = ("1", "2")
_ESTIMATE_LIMIT = 4096

# Further counts by the names that callers use, and the engine's.
_DETAILS = {
    "cached_tokens": "cached_input_tokens",
    "cached_input_tokens": "cached_input_tokens",
    "cache_read_input_tokens": "cached_input_tokens",
    "cache_creation_input_tokens": "cache_write_5m_tokens",
    "cache_write_5m_tokens": "cache_write_5m_tokens",
    "cache_write_1h_tokens": "cache_write_1h_tokens",
    "reasoning_tokens": "reasoning_tokens",
}
_COUNTS = {
    "input_tokens": "input_tokens",
    "prompt_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "completion_tokens": "output_tokens",
    **_DETAILS,
}
_SIGNATURE = (
    "(model, input_tokens, output_tokens) or (model, provider, input_tokens, output_tokens)"
)


class LiteLLMCostProvider:
    """Costs of calls by model name.

    They come from cascadeflow's own price catalogue, so that LiteLLM need not be installed and
    makes no difference when it is. `source="litellm"` asks its table instead, and needs it. A model
    without a known price is estimated and logged; without `fallback_enabled` it is an error.
    """

    def __init__(self, fallback_enabled: bool = True, *, source: str = "cascadeflow") -> None:
        if source not in ("cascadeflow", "litellm"):
            raise _invalid("source", source, "use `cascadeflow` or `litellm`")
        self.fallback_enabled = fallback_enabled
        self.source = source
        self._library: Any = library("the price table of LiteLLM") if source == "litellm" else None

    @overload
    def calculate_cost(
        self, model: str, input_tokens: int = 0, output_tokens: int = 0, **kwargs: Any
    ) -> float: ...

    @overload
    def calculate_cost(
        self, model: str, provider: str, input_tokens: int, output_tokens: int, **kwargs: Any
    ) -> float: ...

    def calculate_cost(self, *args: Any, **kwargs: Any) -> float:
        """What a call costs in USD.

        Takes `(model, input_tokens, output_tokens)` or `(model, provider, input_tokens,
        output_tokens)`, each also by name, and the counts of cached, written and reasoning tokens.
        A provider that is given must be supported.
        """
        model, provider, usage = _read_arguments(args, kwargs)
        if provider is not None:
            self.validate_provider(provider)
        if self._library is not None:
            return self._library_cost(model, provider, usage)
        cost = _native.usage_cost(model, provider, usage)
        if cost is None:
            self._needs_fallback(model)
            low, high = _ESTIMATE
            cost = _native.cost_at(low, high, usage["input_tokens"], usage["output_tokens"])
        return float(cost)

    @overload
    def get_model_cost(self, model: str) -> dict[str, Any]: ...

    @overload
    def get_model_cost(self, model: str, provider: str) -> float: ...

    def get_model_cost(self, model: str, provider: str | None = None) -> dict[str, Any] | float:
        """What a model costs.

        Of a model alone, its prices per token and its limits; with its provider, one number: USD
        per 1,000 tokens, half of them prompt and half completion, as `ModelConfig.cost` has it.
        """
        if provider is not None:
            self.validate_provider(provider)
        if self._library is not None:
            return self._library_price(model, provider)
        found = _native.catalogue_price(model, provider)
        if found is None:
            self._needs_fallback(model)
            low, high = _ESTIMATE
            price: dict[str, Any] = {"input": low, "output": high}
            found = {"price": price, "provider": provider, "blended": "1.5"}
        if provider is not None:
            return float(found["blended"]) / 1000
        return _price_record(found)

    def validate_provider(self, provider: str) -> None:
        """Raises a `ValidationError`, which is a `ValueError`, unless the provider is supported."""
        _supported.required(provider)

    def get_provider_info(self, provider: str) -> _supported.ProviderInfo:
        """What is known of a supported provider; others as in `validate_provider`."""
        return _supported.required(provider)

    def _needs_fallback(self, model: str) -> None:
        if not self.fallback_enabled:
            error = ModelError(f"no price is known for the model `{model}`", model)
            error.hint = "name its provider, give the model a `cost`, or enable the fallback"
            raise error
        logger.warning(
            "no price is known for the model `%s`: estimated at %s and %s USD per 1,000,000 tokens",
            model,
            *_ESTIMATE,
        )

    def _library_cost(self, model: str, provider: str | None, usage: dict[str, int]) -> float:
        try:
            parts = self._library.cost_per_token(
                model=model,
                prompt_tokens=usage["input_tokens"],
                completion_tokens=usage["output_tokens"],
                cache_read_input_tokens=usage.get("cached_input_tokens", 0),
                cache_creation_input_tokens=usage.get("cache_write_5m_tokens", 0),
                custom_llm_provider=provider,
            )
        except Exception as error:
            raise _unlisted(model) from error
        return float(sum(parts))

    def _library_price(self, model: str, provider: str | None) -> dict[str, Any] | float:
        try:
            info = self._library.get_model_info(model=model, custom_llm_provider=provider)
        except Exception as error:
            raise _unlisted(model) from error
        if provider is None:
            return dict(info)
        return float(info["input_cost_per_token"] + info["output_cost_per_token"]) * 500


def _published_signature() -> inspect.Signature:
    """The published form of `calculate_cost`, for those who look at it."""

    def published(
        self: Any, model: str, input_tokens: int = 0, output_tokens: int = 0, **kwargs: Any
    ) -> float:
        raise NotImplementedError

    return inspect.signature(published)


LiteLLMCostProvider.calculate_cost.__signature__ = _published_signature()  # type: ignore[attr-defined]


def _read_arguments(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[str, str | None, dict[str, int]]:
    """Model, provider and counts of a call of either form."""
    positional = list(args)
    model = positional.pop(0) if positional else kwargs.pop("model", None)
    if not isinstance(model, str) or not model.strip():
        raise _invalid("model", model, "give the name of a model")
    provider = kwargs.pop("provider", None)
    if positional and isinstance(positional[0], str):
        provider = positional.pop(0)
    if provider is not None and not isinstance(provider, str):
        raise _invalid("provider", provider, "give the name of a provider")
    if len(positional) > 2:
        raise TypeError(f"calculate_cost takes {_SIGNATURE}")
    counts: dict[str, Any] = dict(zip(("input_tokens", "output_tokens"), positional, strict=False))
    for name, value in kwargs.items():
        if name not in _COUNTS:
            raise TypeError(f"calculate_cost got an unexpected keyword argument `{name}`")
        if _COUNTS[name] in counts:
            raise TypeError(f"calculate_cost got `{name}` twice; it takes {_SIGNATURE}")
        counts[_COUNTS[name]] = value
    usage = {"input_tokens": 0, "output_tokens": 0}
    for name, value in counts.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise _invalid(name, value, "give a whole number of tokens, zero or more")
        usage[name] = value
    return model, provider, usage


def _price_record(found: dict[str, Any]) -> dict[str, Any]:
    """Prices per token, as LiteLLM's users know them."""
    price = found["price"]

    def per_token(name: str) -> float | None:
        return float(f"{price[name]}e-6") if price.get(name) is not None else None

    limit = found.get("output_tokens") or found.get("context_tokens") or _ESTIMATE_LIMIT
    record: dict[str, Any] = {
        "input_cost_per_token": per_token("input"),
        "output_cost_per_token": per_token("output"),
        "max_tokens": limit,
        "supports_streaming": True,
    }
    further = {
        "cache_read_input_token_cost": per_token("cached_input"),
        "cache_creation_input_token_cost": per_token("cache_write_5m"),
        "max_input_tokens": found.get("context_tokens"),
        "max_output_tokens": found.get("output_tokens"),
        "litellm_provider": found.get("provider"),
    }
    record.update((name, value) for name, value in further.items() if value is not None)
    return record


def _unlisted(model: str) -> ModelError:
    error = ModelError(f"LiteLLM lists no price for the model `{model}`", model)
    error.hint = "check the model's name, or use cascadeflow's own prices"
    return error


def _invalid(name: str, value: Any, hint: str) -> ValidationError:
    error = ValidationError(f"`{name}` is out of range or of a wrong type: `{value!r}`")
    error.field = name
    error.hint = hint
    return error


def calculate_cost(*args: Any, **kwargs: Any) -> float:
    """What a call costs in USD: `LiteLLMCostProvider().calculate_cost`."""
    return LiteLLMCostProvider().calculate_cost(*args, **kwargs)


calculate_cost.__signature__ = _published_signature().replace(  # type: ignore[attr-defined]
    parameters=list(_published_signature().parameters.values())[1:]
)


def get_model_cost(model: str) -> dict[str, Any]:
    """The prices and limits of a model: `LiteLLMCostProvider().get_model_cost`."""
    return LiteLLMCostProvider().get_model_cost(model)
