"""An agent's models with the providers that serve them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
        return entry(api_key=model.api_key, base_url=model.base_url, http_config=model.http_config)
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


@dataclass
class Replaced:
    """Providers that were assigned to an agent, by provider and by model."""

    by_provider: dict[str, Any] | None = None
    by_model: dict[str, Any] | None = None


class Members:
    """An agent's models, as objects and as the engine reads them, with their providers."""

    def __init__(
        self, models: list[ModelConfig], plain: list[dict[str, Any]], replaced: Replaced
    ) -> None:
        self.plain = plain
        self._models = models
        self._replaced = replaced
        self._made: dict[str, Any] = {}
        self._builtin: dict[str, Any] = {}

    def sources(self) -> list[Any]:
        """What the engine takes for each model."""
        return [source(self._provider(model), model.provider) for model in self._models]

    def ordered(self, names: list[tuple[str, str]]) -> list[ModelConfig]:
        """The models in the engine's order, given as names with providers."""
        left = list(self._models)
        found: list[ModelConfig] = []
        for name, provider in names:
            wanted = (name, provider.strip().lower())
            at = next(at for at, model in enumerate(left) if (model.name, model.provider) == wanted)
            found.append(left.pop(at))
        return found

    def by_provider(self, models: list[ModelConfig]) -> dict[str, Any]:
        """The provider objects by their names; the first model of a provider counts."""
        found: dict[str, Any] = {}
        for model in models:
            provider = self._object(model)
            if provider is not None:
                found.setdefault(model.provider, provider)
        return {**found, **(self._replaced.by_provider or {})}

    def by_model(self, models: list[ModelConfig]) -> dict[str, Any]:
        """The provider objects by the names of the models they serve."""
        objects = {model.name: self._object(model) for model in models}
        return {name: provider for name, provider in objects.items() if provider is not None}

    def _provider(self, model: ModelConfig) -> Any:
        """The provider that was assigned or registered; `None` for a built-in one."""
        if self._replaced.by_model and model.name in self._replaced.by_model:
            return self._replaced.by_model[model.name]
        if self._replaced.by_provider and model.provider in self._replaced.by_provider:
            return self._replaced.by_provider[model.provider]
        if model.name not in self._made:
            self._made[model.name] = instance(model)
        return self._made[model.name]

    def _object(self, model: ModelConfig) -> Any:
        provider = self._provider(model)
        if provider is not None:
            return provider
        if model.name not in self._builtin:
            self._builtin[model.name] = builtin_instance(model)
        return self._builtin[model.name]
