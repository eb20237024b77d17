"""The provider Cohere."""

from __future__ import annotations

from .builtin import BuiltinProvider

__all__ = ["CohereProvider"]


class CohereProvider(BuiltinProvider):
    """Cohere, through the engine's own driver."""

    provider_name = "cohere"
