"""The provider Together."""

from __future__ import annotations

from .builtin import BuiltinProvider

__all__ = ["TogetherProvider"]


class TogetherProvider(BuiltinProvider):
    """Together, through the engine's own driver."""

    provider_name = "together"
