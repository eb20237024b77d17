"""The supported providers, and what each is good for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .. import _native


@dataclass
class ProviderInfo:
    """A provider. Its fields can also be read as items, so that it can stand for a mapping."""

    name: str
    display_name: str
    value_prop: str
    pricing_available: bool
    requires_api_key: bool
    example_models: list[str]
    cost_range: str = ""
    speed: str = ""
    use_case: str = ""

    @property
    def value(self) -> str:
        """What it is good for: `value_prop` by its other name."""
        return self.value_prop

    def keys(self) -> Iterator[str]:
        """The names of the items."""
        return iter(_ITEMS)

    def __iter__(self) -> Iterator[str]:
        return self.keys()

    def __contains__(self, name: object) -> bool:
        return name in _ITEMS

    def __getitem__(self, name: str) -> Any:
        if name not in _ITEMS:
            raise KeyError(name)
        return getattr(self, name)

    def get(self, name: str, default: Any = None) -> Any:
        """An item, or `default` where there is none of that name."""
        return getattr(self, name) if name in _ITEMS else default


_ITEMS = (
    "value",
    "cost_range",
    "speed",
    "use_case",
    "name",
    "display_name",
    "value_prop",
    "pricing_available",
    "requires_api_key",
    "example_models",
)

# Names that the table has as aliases, and that are listed beside it.
_LISTED = ("fireworks_ai", "together_ai")


def _info(row: dict[str, Any], name: str) -> ProviderInfo:
    return ProviderInfo(
        name,
        row["display_name"],
        row["value"],
        _native.price_range(row["name"]) is not None and row["requires_api_key"],
        row["requires_api_key"],
        list(row["example_models"]),
        row["cost_range"],
        row["speed"],
        row["use_case"],
    )


def _listed() -> Iterator[tuple[str, ProviderInfo]]:
    for row in _native.supported_providers():
        names = [row["name"], *(name for name in _LISTED if name in row["aliases"])]
        yield from ((name, _info(row, name)) for name in names)


SUPPORTED_PROVIDERS: dict[str, ProviderInfo] = dict(_listed())


def get_provider_info(provider: str) -> ProviderInfo | None:
    """What is known of a provider, by name or alias; `None` when it is not supported."""
    name = str(provider).strip().lower()
    if name in SUPPORTED_PROVIDERS:
        return SUPPORTED_PROVIDERS[name]
    row = _native.provider_info(name)
    return None if row is None else SUPPORTED_PROVIDERS[row["name"]]


def validate_provider(provider: str) -> bool:
    """True for a provider that is supported, by name or alias.

    Raises `ValidationError`, a `ValueError` that names the supported ones, when it is not.
    """
    required(provider)
    return True


def required(provider: str) -> ProviderInfo:
    """What is known of a provider that must be supported.

    Raises `ValidationError`, a `ValueError`, when it is not.
    """
    row = _native.require_provider(str(provider))
    return get_provider_info(provider) or SUPPORTED_PROVIDERS[row["name"]]
