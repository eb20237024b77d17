"""An agent's models with the providers that serve them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .providers import PROVIDER_REGISTRY, is_builtin
from .providers.builtin import BuiltinProvider
from .schema.config import ModelConfig
from .schema.exceptions import AuthenticationError, ConfigError, cascadeflowError


class ProviderMap(dict[str, Any]):
    """Providers by name that tells its agent of each change."""

    def __init__(
        self, values: Mapping[str, Any], changed: Callable[[Mapping[str, Any]], None]
    ) -> None:
        super().__init__(values)
        self._changed = changed

    def __setitem__(self, name: str, provider: Any) -> None:
        super().__setitem__(name, provider)
        self._changed(self)

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        self._changed(self)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Replaces several at once."""
        super().update(*args, **kwargs)
        self._changed(self)


def instance(model: ModelConfig) -> Any:
    """The provider of `model` by the registry; `None` for a built-in class or an unknown name.

    Raises:
        ConfigError: when the registered class or factory cannot be called.
    """
    entry: Any = PROVIDER_REGISTRY.get(model.provider)
    if entry is None or is_builtin(entry):
        return None
    if not callable(entry):
        return entry
    given = {"api_key": model.api_key, "base_url": model.base_url}
    keywords = {name: value for name, value in given.items() if value}
    try:
        return entry(**keywords)
    except cascadeflowError:
        raise
    except Exception as error:
        name = getattr(entry, "__name__", type(entry).__name__)
        failure = ConfigError(
            f"provider `{model.provider}` cannot be made: `{name}` raised "
            f"`{type(error).__name__}`: {error} (hint: a registered class or factory is called "
            "with `api_key` and `base_url` where the model has them, else with nothing)"
        )
        failure.field = "provider"
        failure.provider = model.provider
        failure.model = model.name
        raise failure from error


def builtin_instance(model: ModelConfig) -> Any:
    """A built-in provider as an object to call; `None` without a key or for an unknown name."""
    entry = PROVIDER_REGISTRY.get(model.provider)
    if entry is None or not is_builtin(entry):
        return None
    try:
        return entry(api_key=model.api_key, base_url=model.base_url)
    except AuthenticationError:
        return None


def source(provider: Any, name: str) -> Any:
    """What the engine takes for `provider`: nothing for a built-in one, a handle, or methods."""
    if provider is None:
        return None
    if isinstance(provider, BuiltinProvider) and is_builtin(type(provider)):
        return provider._native
    if type(provider).__module__ == "cascadeflow._native":
        return provider
    from ._callbacks import provider_methods

    return provider_methods(provider, name)
