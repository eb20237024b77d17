"""The provider Groq."""

from __future__ import annotations

from .builtin import BuiltinProvider

__all__ = ["GroqProvider"]


class GroqProvider(BuiltinProvider):
    """Groq, through the engine's own driver."""

    provider_name = "groq"
