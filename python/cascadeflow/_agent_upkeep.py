"""What an agent offers to those who keep it running."""

from __future__ import annotations

from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, cast

from ._agent_options import snapshot
from .schema.exceptions import ConfigError

if TYPE_CHECKING:
    from .agent import CascadeAgent
    from .resilience.circuit_breaker import CircuitBreaker


def prices_path(prices: str | PathLike[str] | None) -> str | None:
    """The path of the price file, as the engine takes it."""
    try:
        return None if prices is None else fspath(prices)
    except TypeError:
        error = ConfigError(f"`prices` is no path: `{type(prices).__name__}`")
        error.field = "prices"
        error.hint = "give the path of a price file, or of a folder of them"
        raise error from None


class Upkeep:
    """Methods of an agent that look after it."""

    _native: Any

    if TYPE_CHECKING:

        def _build(self) -> None: ...

    def circuit_breakers(self) -> dict[str, CircuitBreaker]:
        """The circuit breaker of each built-in model's calls, by the model's name.

        Models of one provider, name and key share one, whatever agent they belong to. Models of
        users' own providers have none.
        """
        from .resilience.circuit_breaker import CircuitBreaker

        breakers = self._native.circuit_breakers
        return {model: CircuitBreaker._of(native) for model, native in breakers}

    def reload_prices(self) -> None:
        """Reads the price file again; runs that begin from now on are priced by it.

        A file that cannot be read raises a `ConfigError` that names what is wrong where, and the
        last good prices stay. The counts of `get_stats` begin anew.
        """
        self._build()

    def get_config_snapshot(self) -> dict[str, Any]:
        """What the agent is made of, in short."""
        return snapshot(cast("CascadeAgent", self))
