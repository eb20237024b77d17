"""The provider Fireworks."""

from __future__ import annotations

from .builtin import BuiltinProvider

__all__ = ["FireworksProvider"]


class FireworksProvider(BuiltinProvider):
    """Fireworks, through the engine's own driver."""

    provider_name = "fireworks"
