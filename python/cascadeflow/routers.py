"""Routers of your own, which plan the models that a query visits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from .schema.exceptions import ConfigError


@dataclass(frozen=True)
class RouteRequest:
    """What a router is given.

    `complexity` is the one to plan for: the caller's hint, or the detected one. `models` are the
    agent's, cheapest first, as dicts with `name`, `provider`, `cost` (USD per 1,000 tokens; `None`
    where the price comes from the catalogue), `supports_tools`, `domains`, `keywords`, `speed_ms`
    and `quality_score`. `options` are those of the run by their names in the configuration
    reference, times in milliseconds as `deadline_ms`; those that take the default are left out.
    `verifier` names the model that answers after a rejected draft where no router decides; `turns`
    is the number of earlier messages of the user and the assistant.
    """

    query: str
    complexity: str
    models: list[dict[str, Any]] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    verifier: str = ""
    cascade_enabled: bool = True
    turns: int = 0
    has_images: bool = False


# What a router may return: nothing, which leaves the query to the next router; the name of a model,
# which answers directly; names for a cascade, in which every answer but the last is judged; or a
# dict with one of `model`, `models` and `steps`, and further fields.
PlanValue: TypeAlias = "str | Sequence[str] | Mapping[str, Any] | None"


class Router(Protocol):
    """A router as an object. A function of the same parameter will do as well."""

    def route(self, request: RouteRequest) -> PlanValue | Awaitable[PlanValue]:
        """Plans one query. An exception fails the run with a `RoutingError`."""
        ...


AnyRouter: TypeAlias = "Router | Callable[[RouteRequest], PlanValue | Awaitable[PlanValue]]"


def named_routers(
    router: AnyRouter | None, routers: Iterable[AnyRouter]
) -> list[tuple[str, Callable[[RouteRequest], Any]]]:
    """The routers as the engine takes them: each with its name, `router` first.

    Raises:
        ConfigError: when one cannot be called.
    """
    if isinstance(routers, (str, Mapping)) or not isinstance(routers, Iterable):
        raise _fault("routers", f"no list of routers: `{type(routers).__name__}`", "give a list")
    first = [] if router is None else [_named(router, "router")]
    return first + [_named(given, f"routers[{at}]") for at, given in enumerate(routers)]


def _named(router: Any, name: str) -> tuple[str, Callable[[RouteRequest], Any]]:
    if isinstance(router, type):
        raise _fault(name, f"a class: `{router.__name__}`", "give an instance of it")
    method = getattr(router, "route", None)
    function = method if callable(method) else router
    if not callable(function):
        hint = "give a function of a request, or an object with `route`"
        raise _fault(name, f"no router: `{type(router).__name__}`", hint)
    own = getattr(router, "name", None) or getattr(router, "__name__", None)
    return own if isinstance(own, str) else type(router).__name__, function


def _fault(name: str, what: str, hint: str) -> ConfigError:
    error = ConfigError(f"`{name}` is {what} (hint: {hint})")
    error.field = name
    error.hint = hint
    return error
